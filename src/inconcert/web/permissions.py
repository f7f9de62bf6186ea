"""Who may do what. One table for roles, one for addresses; an address that is in neither opens for nobody.

`can_x` answers yes or no for a screen; `check_can_x` raises the refusal for an action.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from inconcert.judgement import Refusal


class Role(enum.StrEnum):
    """What a person is in a clinic."""

    PSYCHIATRIST = "psychiatrist"
    NURSE = "nurse"
    TMS_OPERATOR = "tms_operator"
    AUTHORIZATION = "authorization"
    RESEARCHER = "researcher"
    ADMIN = "admin"


ROLE_NAMES: Mapping[Role, str] = {
    Role.PSYCHIATRIST: "Psychiatrist",
    Role.NURSE: "Nurse",
    Role.TMS_OPERATOR: "TMS operator",
    Role.AUTHORIZATION: "Authorization staff",
    Role.RESEARCHER: "Researcher",
    Role.ADMIN: "Clinic administrator",
}


class Action(enum.StrEnum):
    """What can be done on the site."""

    SEE_PATIENTS = "see patients"
    UPLOAD_CHARTS = "upload charts"
    SEE_RAW_RECORDS = "see raw records"
    TAKE_REPORTS = "download reports"
    SEE_ACCESS_LOG = "see the access log"
    SEE_KNOWLEDGE = "see the library"
    SEE_AUTHORIZATIONS = "see the payer desk"
    WORK_AUTHORIZATIONS = "work on authorizations"
    SET_DESK = "set the payer desk's warnings"


_CLINICAL = {
    Action.SEE_PATIENTS,
    Action.UPLOAD_CHARTS,
    Action.SEE_RAW_RECORDS,
    Action.TAKE_REPORTS,
    Action.SEE_KNOWLEDGE,
}

# The least each role needs. A researcher works with de-identified exports and sees no named person; an administrator
# keeps the accounts and reads who looked at what, and needs no chart for it.
ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.PSYCHIATRIST: frozenset({*_CLINICAL, Action.SEE_AUTHORIZATIONS, Action.WORK_AUTHORIZATIONS}),
    # Whoever gives a treatment must see whether it is approved and how much of it is left; they do not deal with payers.
    Role.NURSE: frozenset({*_CLINICAL, Action.SEE_AUTHORIZATIONS}),
    Role.TMS_OPERATOR: frozenset(
        {Action.SEE_PATIENTS, Action.SEE_RAW_RECORDS, Action.SEE_KNOWLEDGE, Action.SEE_AUTHORIZATIONS}
    ),
    Role.AUTHORIZATION: frozenset({*_CLINICAL, Action.SEE_AUTHORIZATIONS, Action.WORK_AUTHORIZATIONS, Action.SET_DESK}),
    Role.RESEARCHER: frozenset({Action.SEE_KNOWLEDGE}),
    Role.ADMIN: frozenset({Action.SEE_ACCESS_LOG, Action.SEE_KNOWLEDGE, Action.SET_DESK}),
}


class Door(enum.StrEnum):
    """Addresses that ask for less than an action."""

    OPEN = "open"  # anyone, signed in or not
    SIGNED_IN = "signed in"  # anyone with an account, whatever the role


# Every address by name. tests/web/test_doors.py walks the resolver and fails on one that is missing here.
DOORS: Mapping[str, Door | Action] = {
    "health": Door.OPEN,
    "cds_services": Door.OPEN,  # discovery, the same for everybody
    "cds_service": Door.OPEN,  # asks for a signed token of its own (views/cds.py); no session counts there
    "dtr_form": Door.OPEN,  # a policy's form, which holds nothing of a person
    "account_login": Door.OPEN,
    "account_logout": Door.OPEN,
    "account_signup": Door.OPEN,  # says that sign-up is closed
    "account_inactive": Door.OPEN,
    "mfa_authenticate": Door.OPEN,  # the second step of a sign-in; allauth admits only whoever passed the first
    "account_reauthenticate": Door.SIGNED_IN,
    "account_change_password": Door.SIGNED_IN,
    "mfa_index": Door.SIGNED_IN,
    "mfa_reauthenticate": Door.SIGNED_IN,
    "mfa_activate_totp": Door.SIGNED_IN,
    "mfa_deactivate_totp": Door.SIGNED_IN,
    "mfa_view_recovery_codes": Door.SIGNED_IN,
    "mfa_generate_recovery_codes": Door.SIGNED_IN,
    "mfa_download_recovery_codes": Door.SIGNED_IN,
    "home": Door.SIGNED_IN,
    "patients": Action.SEE_PATIENTS,
    "patient": Action.SEE_PATIENTS,
    "patient_numbers": Action.SEE_PATIENTS,
    "patient_picture": Action.SEE_PATIENTS,
    "patient_policy": Action.SEE_PATIENTS,
    "patient_files": Action.SEE_PATIENTS,
    "patient_record": Action.SEE_RAW_RECORDS,
    "patient_report": Action.TAKE_REPORTS,
    "uploads": Action.UPLOAD_CHARTS,
    "upload": Action.UPLOAD_CHARTS,
    "upload_match": Action.UPLOAD_CHARTS,
    "upload_original": Action.SEE_RAW_RECORDS,
    "desk": Action.SEE_AUTHORIZATIONS,
    "desk_states": Action.SEE_AUTHORIZATIONS,
    "desk_settings": Action.SET_DESK,
    "authorization": Action.SEE_AUTHORIZATIONS,
    "authorization_new": Action.WORK_AUTHORIZATIONS,
    "authorization_move": Action.WORK_AUTHORIZATIONS,
    "authorization_correct": Action.WORK_AUTHORIZATIONS,
    "authorization_packet": Action.WORK_AUTHORIZATIONS,
    "authorization_bundle": Action.WORK_AUTHORIZATIONS,
    "authorization_response": Action.WORK_AUTHORIZATIONS,
    "authorization_file": Action.WORK_AUTHORIZATIONS,
    "knowledge": Action.SEE_KNOWLEDGE,
    "policy_compare": Action.SEE_KNOWLEDGE,
    "knowledge_shelf": Action.SEE_KNOWLEDGE,
    "knowledge_entry": Action.SEE_KNOWLEDGE,
    "evidence": Action.SEE_KNOWLEDGE,
    "evidence_number": Action.SEE_KNOWLEDGE,
    "evidence_ways": Action.SEE_KNOWLEDGE,
    "evidence_picture": Action.SEE_KNOWLEDGE,
    "evidence_file": Action.SEE_KNOWLEDGE,
    "evidence_studies": Action.SEE_KNOWLEDGE,
    "evidence_study": Action.SEE_KNOWLEDGE,
    "evidence_row": Action.SEE_KNOWLEDGE,
    "access_log": Action.SEE_ACCESS_LOG,
}


def can(role: str, action: Action) -> bool:
    """Whether a role may do it. A role we do not know may do nothing."""
    return role in ALLOWED and action in ALLOWED[Role(role)]


def check_can(role: str, action: Action) -> None:
    """Refuse where a role may not do it.

    Raises:
        Refusal: with what was asked and who may.
    """
    if not can(role, action):
        who = " or ".join(ROLE_NAMES[r].lower() for r in Role if action in ALLOWED[r])
        raise Refusal(f"Your role may not {action}.", f"ask a {who} of your clinic.")
