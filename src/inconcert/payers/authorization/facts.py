"""What can be said with a move: each fact's name, kind and check. A fact left out is unknown, never a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import get_args

from inconcert.judgement import Refusal
from inconcert.knowledge.policy_schema.file import Service
from inconcert.payers.authorization.files import payer_kinds
from inconcert.payers.authorization.moves import AuthorizationMove

TEXT_LETTERS_MAX = 4000
LINE_LETTERS_MAX = 200
UNITS_MAX = 10_000  # above this a number is a slip of the keyboard
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
FactValue = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationFact:
    """One fact that a move needs or may carry. `kind` is `line`, `text`, `count`, `day` or `choice`."""

    id: str
    label: str
    kind: str = "line"
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""


_SERVICES = {
    "rtms": "TMS (figure-eight coil)",
    "dtms": "deep TMS (H coil)",
    "itbs": "theta-burst TMS",
    "accelerated_saint": "accelerated TMS (several sessions a day)",
    "esketamine": "esketamine",
    "iv_ketamine": "ketamine infusion",
    "im_ketamine": "ketamine injection",
}
CHANNELS = {
    "portal": "the payer's portal",
    "electronic": "electronically (FHIR or X12)",
    "fax": "fax",
    "phone": "telephone",
    "mail": "mail",
}
BENEFITS = {"medical": "medical benefit (the clinic buys and bills it)", "pharmacy": "pharmacy benefit"}
UNITS = {"sessions": "sessions", "visits": "treatment visits", "doses": "doses", "packs": "packs", "mg": "mg"}
URGENCIES = {"standard": "standard", "expedited": "expedited (urgent)"}


def _choice(name: str, label: str, options: Mapping[str, str], hint: str = "") -> AuthorizationFact:
    return AuthorizationFact(id=name, label=label, kind="choice", choices=tuple(options.items()), hint=hint)


def _all() -> tuple[AuthorizationFact, ...]:
    kinds = {kind.id: kind.name for kind in payer_kinds().values()}
    return (
        _choice("service", "Treatment asked for", {k: v for k, v in _SERVICES.items() if k in get_args(Service)}),
        AuthorizationFact(id="payer", label="Payer"),
        _choice(
            "payer_kind", "Kind of plan", kinds, "It decides which deadlines hold. Leave it open where nobody knows."
        ),
        _choice("benefit", "Benefit", BENEFITS, "For a drug: which benefit pays decides which deadline holds."),
        AuthorizationFact(id="plan_state", label="State whose law governs the plan", hint="Two letters, such as OH."),
        AuthorizationFact(id="policy_id", label="Coverage policy", hint="Its id in the library."),
        AuthorizationFact(id="codes", label="Billing codes asked for", hint="Separated by commas."),
        AuthorizationFact(id="units_asked", label="Units asked for", kind="count"),
        _choice("unit", "What a unit is", UNITS),
        AuthorizationFact(id="units", label="Units approved", kind="count", hint="From the payer's letter."),
        AuthorizationFact(id="starts_on", label="Approved from", kind="day"),
        AuthorizationFact(id="ends_on", label="Approved to, that day included", kind="day"),
        AuthorizationFact(id="reference", label="Payer's reference number"),
        AuthorizationFact(
            id="reason", label="Reason", kind="text", hint="In the payer's words where the payer gave it."
        ),
        AuthorizationFact(id="question", label="What the payer asks for", kind="text"),
        AuthorizationFact(id="answer_by", label="To be answered by, if the payer said so", kind="day"),
        AuthorizationFact(id="decide_by", label="The payer will decide by", kind="day"),
        AuthorizationFact(id="notice_on", label="Date on the notice", kind="day"),
        AuthorizationFact(id="appeal_by", label="Last day to appeal, if the notice names one", kind="day"),
        _choice("channel", "How it went out", CHANNELS),
        _choice(
            "urgency", "Urgency", URGENCIES, "Expedited where waiting could seriously harm; the clinician says so."
        ),
        AuthorizationFact(id="text", label="What was done or said", kind="text"),
    )


FACTS: dict[str, AuthorizationFact] = {fact.id: fact for fact in _all()}


def clean(move: AuthorizationMove, given: Mapping[str, object]) -> dict[str, FactValue]:
    """The facts of a move, checked and without blanks.

    Raises:
        Refusal: naming the first fact that is missing or cannot be, with the mend.
    """
    allowed = (*move.needs, *move.may)
    strangers = sorted(set(given) - set(allowed))
    if strangers:
        raise Refusal(f"{move.button or move.id}: {', '.join(strangers)} does not belong here.", "leave it out.")
    found: dict[str, FactValue] = {}
    for name in allowed:
        raw = given.get(name)
        text = "" if raw is None else str(raw).strip()
        if text:
            found[name] = _checked(FACTS[name], text)
        elif name in move.needs:
            label = FACTS[name].label
            raise Refusal(f"{label} is missing.", f"fill in “{label}”; a blank is not guessed.")
    if "starts_on" in found and "ends_on" in found and str(found["ends_on"]) < str(found["starts_on"]):
        raise Refusal("The approval ends before it begins.", "look at the two dates again.")
    if move.id == "detail" and not found:
        raise Refusal("No detail was given.", "fill in at least one field.")
    return found


def _checked(fact: AuthorizationFact, text: str) -> FactValue:
    if fact.kind == "count":
        if not (text.isascii() and text.isdecimal()) or not 0 < int(text) <= UNITS_MAX:
            raise Refusal(f"{fact.label}: {text[:20]!r} is not a number of units.", f"write 1 to {UNITS_MAX}.")
        return int(text)
    if fact.kind == "day":
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Refusal(f"{fact.label}: {text[:20]!r} is not a day that exists.", "write it as YYYY-MM-DD.") from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise Refusal(f"{fact.label}: {text} is out of range.", f"write a day from {FIRST_DAY} to {LAST_DAY}.")
        return day.isoformat()
    if fact.kind == "choice":
        if text not in dict(fact.choices):
            raise Refusal(f"{fact.label}: {text[:40]!r} is not one of the choices.", "choose one of them.")
        return text
    limit = TEXT_LETTERS_MAX if fact.kind == "text" else LINE_LETTERS_MAX
    plain = "".join(c for c in text if c.isprintable() or (c == "\n" and fact.kind == "text"))
    if len(plain) > limit:
        raise Refusal(f"{fact.label} has {len(plain)} letters; at most {limit}.", "shorten it.")
    return plain


def choice_words(fact_id: str, value: object) -> str:
    """A stored value as a reader says it."""
    return dict(FACTS[fact_id].choices).get(str(value), str(value)) if fact_id in FACTS else str(value)
