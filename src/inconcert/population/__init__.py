"""The same questions asked of tables: what payers would answer for a whole population at once.

The person rule (`payers`) is the reference and explains itself; the twin here must agree with it on everything.
"""
