"""Asking a payer by Da Vinci Prior Authorization Support (PAS), and reading what it answers.

`build_requests` makes the request Bundles from a chart, `read_answer` reads a ClaimResponse against the request it
answers, `build_inquiry` asks what became of one, `check_bundle` holds a Bundle against the published profile. Nothing
is sent from here: a person, or the clinic's own system, does that.
"""
