"""Dates and references of a policy: gaps and overlaps between texts that follow one another, circles, stale readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import leaves_of
from inconcert.knowledge.policy_schema.later import ExternalCriteriaMet
from inconcert.payers import readings
from inconcert.record import DateRange

Problem = tuple[str, str, str, str]  # place in the file, level, what, mend


def date_problems(policy: CoveragePolicy, today: date | None) -> Iterator[Problem]:
    """A reading that is stale, or dated in the future, or older than the text it read."""
    at = "$.checked_on"
    try:
        checked = DateRange.parse(policy.file.checked_on)
    except ValueError as error:
        yield at, "error", f"{error}.", "Write YYYY-MM or YYYY-MM-DD."
        return
    if policy.effective is not None and checked.latest < policy.effective.earliest:
        yield at, "warning", "The text was read before it took effect.", "Read it again, or correct a date."
    if today is None:
        return
    months = readings.reading("checked_on_valid_months").value
    days = months * readings.reading("interval_days_of_a_month").value
    if checked.earliest > today:
        yield (
            at,
            "error",
            f"The text cannot have been read on {policy.file.checked_on}: that day has not come.",
            "Correct it.",
        )
    elif (today - checked.latest).days > days:
        problem = f"The text was last read {policy.file.checked_on}, more than {months:g} months ago."
        yield at, "warning", problem, "Read the payer's present text and write the new day."


def chain_problems(policy: CoveragePolicy, others: Mapping[str, CoveragePolicy]) -> Iterator[Problem]:
    """Circles of replacement and of delegation, texts that say different things of each other, gaps and overlaps."""
    version = policy.file.version
    known = {**others, policy.id: policy}
    for field, other_id in (("supersedes", version.supersedes), ("superseded_by", version.superseded_by)):
        at = f"$.version.{field}"
        circle = _circle(policy.id, field, known)
        if circle:
            yield (
                at,
                "error",
                f"The texts replace each other in a circle: {' -> '.join(circle)}.",
                "Correct one of them.",
            )
        elif other_id and other_id == other_id.lower() and other_id not in known:
            # A bare code such as IPG242 names a text that is not carried; an id in our spelling must exist.
            yield at, "error", f"It refers to {other_id!r}, which is not carried.", "Correct the id."
    yield from _neighbors(policy, known)
    yield from _delegation(policy, known)
    for other in others.values():
        if other.key == policy.key and _overlap(policy, other):
            problem = f"{other.id} has the same payer, line of business and number, and holds at the same time."
            yield "$.policy_number", "error", problem, "End the older text, or tell the numbers apart."


def _circle(start: str, field: str, known: Mapping[str, CoveragePolicy]) -> list[str]:
    """The way from a policy back to itself by one kind of reference, empty where there is none."""
    way, here = [start], start
    while here in known:
        after: str | None = getattr(known[here].file.version, field)
        if after is None or after in way[1:]:
            return []
        way.append(after)
        if after == start:
            return way
        here = after
    return []


def _neighbors(policy: CoveragePolicy, known: Mapping[str, CoveragePolicy]) -> Iterator[Problem]:
    """Of two texts that follow one another: the day between, or the days on which both hold."""
    version = policy.file.version
    before, after = known.get(version.supersedes or ""), known.get(version.superseded_by or "")
    if before is not None and before.file.version.superseded_by not in (None, policy.id):
        problem = f"{before.id} says that it was replaced by {before.file.version.superseded_by}."
        yield "$.version.supersedes", "warning", problem, "Correct one of them."
    if after is not None and after.file.version.supersedes not in (None, policy.id):
        problem = f"{after.id} says that it replaced {after.file.version.supersedes}."
        yield "$.version.superseded_by", "warning", problem, "Correct one of them."
    for older, newer, at in ((before, policy, "$.version.supersedes"), (policy, after, "$.version.superseded_by")):
        if older is None or newer is None or older.id == newer.id or newer.effective is None:
            continue
        if older.effective is not None and older.effective.earliest > newer.effective.latest:
            yield (
                at,
                "error",
                f"{older.id} took effect after {newer.id}, which replaced it.",
                "Correct one of the dates.",
            )
        if older.ends is None:
            continue
        last, first = older.ends, newer.effective
        if last.latest + timedelta(days=1) < first.earliest:
            problem = f"Between the end of {older.id} ({last}) and the start of {newer.id} ({first}) no text holds."
            yield at, "warning", problem, "Correct a date, or write down which text held between."
        elif last.earliest >= first.latest:
            problem = f"Until {last} both {older.id} and {newer.id} (from {first}) hold."
            yield at, "error", problem, "End the older text on the day before the newer begins."


def _overlap(one: CoveragePolicy, other: CoveragePolicy) -> bool:
    """Whether two texts surely hold on one day: both dated, neither known to be replaced on a day we did not see."""
    if one.effective is None or other.effective is None:
        return False
    if any(p.file.version.superseded is not False and p.ends is None for p in (one, other)):
        return False
    late = max(one.effective.latest, other.effective.latest)
    return all(p.ends is None or p.ends.earliest >= late for p in (one, other))


def _delegation(policy: CoveragePolicy, known: Mapping[str, CoveragePolicy]) -> Iterator[Problem]:
    """A text that hands the decision to a text that hands it back."""

    def named_by(one: CoveragePolicy) -> list[str]:
        sets = [
            leaf.criteria_set
            for tree in one.trees()
            for leaf in leaves_of(tree)
            if isinstance(leaf, ExternalCriteriaMet)
        ]
        return [p.id for p in known.values() for s in sets if s in (p.id, p.file.policy_number)]

    waiting: list[tuple[str, tuple[str, ...]]] = [(other, (policy.id,)) for other in named_by(policy)]
    seen: set[str] = set()
    while waiting:
        here, way = waiting.pop()
        if here == policy.id:
            problem = f"The decision is handed round in a circle: {' -> '.join((*way, here))}."
            yield "$.criteria", "error", problem, "Write down the criteria, or name the set that really decides."
            return
        if here not in seen and here in known:
            seen.add(here)
            waiting += [(other, (*way, here)) for other in named_by(known[here])]
