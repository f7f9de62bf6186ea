"""Medication trials rebuilt from the record, their adequacy and outcome, and stages of resistance over them.

Payers' rules differ from every staging instrument, so both read one trial list: `rebuild.rebuild_trials` makes it,
`counting.count_trials` counts over it, `stages.stage_all` reads it by each instrument.
"""
