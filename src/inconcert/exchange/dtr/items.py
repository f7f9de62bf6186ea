"""Questions as items of a FHIR Questionnaire: type, choices, unit, and when each is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inconcert.exchange.dtr.asked import COMPLETE, ShownWhen
from inconcert.exchange.dtr.forms import Criterion, PolicyForm, Section
from inconcert.exchange.dtr.names import UNIT, Json
from inconcert.exchange.fhir.intake import INCONCERT_CODES, TAKEN, TRIAL_GROUP, TRIAL_OUTCOMES
from inconcert.judgement import Reading, Source
from inconcert.knowledge.loader import IntakeQuestion, intake_questions
from inconcert.knowledge.scales import scale_files
from inconcert.payers.wording import plain

YES_NO = ("yes", "no", "unknown")
COUNT = "staging.history_trial_count"
# A matter of form, not of medicine: these are days, which FHIR may give to the year or the month alone.
DAYS = frozenset({"payers.birth_date", "staging.episode_onset"})
TRIAL: tuple[tuple[str, str, str], ...] = (
    ("drug", "string", "Drug"),
    ("daily_dose_mg", "decimal", "Highest daily dose that was kept up, in mg"),
    ("start", "date", "First day (a month or a year will do)"),
    ("end", "date", "Last day (leave empty while it is still taken)"),
    ("weeks", "decimal", "Weeks, where the days are not known"),
    ("adherence_percent", "decimal", "Percent of doses taken"),
    ("outcome", "outcome", "What came of it"),
    ("improvement_percent", "decimal", "Improvement on a scale, in percent"),
    ("stop_reason", "string", "Why it was stopped"),
    ("in_current_episode", "yes_no", "Was it taken in the current depressive episode?"),
)
_OUTCOMES = tuple(sorted(TRIAL_OUTCOMES))


def coding(code: str) -> Json:
    """One of our answer codes."""
    return {"system": INCONCERT_CODES, "code": code, "display": plain(code)}


def item_of(question: IntakeQuestion) -> Json:
    """An intake question as an item."""
    item: Json = {"linkId": question.id, "text": question.text, **_type_of(question)}
    if question.unit:
        item["extension"] = [{"url": UNIT, "valueCoding": {"display": question.unit}}]
    return item


def _type_of(question: IntakeQuestion) -> Json:
    if question.id in DAYS:
        return {"type": "date"}
    if question.answer == "yes_no":
        return _choice(YES_NO)
    if question.answer == "choice":
        return _choice(question.choices)
    return {"type": "decimal" if question.answer == "number" else "text"}


def _choice(codes: Iterable[str]) -> Json:
    return {"type": "choice", "answerOption": [{"valueCoding": coding(code)} for code in codes]}


def enable_when(conditions: Sequence[ShownWhen]) -> Json:
    """FHIR's words for when an item is shown; nothing where it always is, or where two kinds of condition meet."""
    kinds = {c.not_when for c in conditions}
    if len(kinds) != 1:
        return {}
    hidden = kinds == {True}
    found: Json = {
        "enableWhen": [
            {"question": c.question, "operator": "!=" if hidden else "=", "answerCoding": coding(c.value)}
            for c in conditions
        ]
    }
    if len(conditions) > 1:  # hidden as soon as one answer makes it needless; shown as soon as one brings it up
        found["enableBehavior"] = "all" if hidden else "any"
    return found


def section_item(section: Section, form: PolicyForm) -> Json:
    """A section with everything below it."""
    parts = [section_item(p, form) if isinstance(p, Section) else criterion_item(p, form) for p in section.parts]
    item: Json = {"linkId": section.link, "text": section.words, "type": "group" if parts else "display"}
    item |= enable_when(form.condition_of_section(section))
    if parts:
        item["item"] = parts
    return item


def criterion_item(criterion: Criterion, form: PolicyForm) -> Json:
    """A criterion: what it asks in our words and where that was read, what the record shows, and its questions."""
    link = criterion.link
    items: list[Json] = [_display(f"{link}.source", said_of(criterion.sources))]
    items.append(
        {"linkId": f"{link}.record", "text": "What the record shows", "type": "text", "readOnly": True}
    )  # fmt: skip
    if criterion.trials:
        items.append(_display(f"{link}.trials", "Answered in the section Medication trials."))
    for number, name in enumerate(criterion.scales and [_scale_names(criterion.scales)], 1):
        items.append(_display(f"{link}.score.{number}", f"Answered in the section Scores: {name}."))
    for number, text in enumerate(criterion.asked_above, 1):
        items.append(_display(f"{link}.above.{number}", f"Answered above: {text}"))
    for number, text in enumerate(criterion.of_the_payer, 1):
        items.append(_display(f"{link}.payer.{number}", f"To be settled by the payer, not by the clinic: {text}"))
    for fact in criterion.facts:
        items.append(item_of(fact.question) | enable_when(form.condition_of(fact.question.id)))
    return {"linkId": link, "text": criterion.words, "type": "group", "item": items}


def _display(link: str, text: str) -> Json:
    return {"linkId": link, "text": text, "type": "display"}


def _scale_names(scales: Sequence[str]) -> str:
    return ", ".join(scale_files()[s].name for s in scales)


def said_of(sources: Sequence[Source]) -> str:
    """Where a criterion was read: its first source, and how many more."""
    if not sources:
        return "Source: none was seen."
    first = sources[0]
    where = f", {first.where}" if first.where else ""
    more = f", and {len(sources) - 1} more" if len(sources) > 1 else ""
    mark = "" if first.status is Reading.READ else f" ({first.status.value}: check before relying on it)"
    return f"Source: {first.ref}{where}{more}{mark}."


def trials_item() -> Json:
    """The section on medication trials: each trial, and whether the list is whole."""
    parts: list[Json] = []
    for name, kind, text in TRIAL:
        codes = YES_NO if kind == "yes_no" else _OUTCOMES
        shape = _choice(codes) if kind in ("yes_no", "outcome") else {"type": kind}
        parts.append({"linkId": f"{TRIAL_GROUP}.{name}", "text": text, **shape})
    known = intake_questions()
    whole = [item_of(known[COMPLETE]), item_of(known[COUNT])]
    each = {
        "linkId": TRIAL_GROUP, "text": "A medication trial (one entry each)", "type": "group", "repeats": True, "item": parts
    }  # fmt: skip
    return {"linkId": "trials", "text": "Medication trials", "type": "group", "item": [each, *whole]}


def scores_item(scales: Sequence[str]) -> Json:
    """The section on scores: total and day of each scale that the policy looks at."""
    items: list[Json] = []
    for scale in scales:
        name = scale_files()[scale].name
        items.append({"linkId": scale, "text": f"{name}, total", "type": "decimal"})
        items.append({"linkId": f"{scale}{TAKEN}", "text": f"{name}, day on which it was taken", "type": "date"})
    return {"linkId": "scores", "text": "Scores", "type": "group", "item": items}
