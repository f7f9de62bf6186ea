"""Certainty in GRADE's terms, computed from stated rules: where it starts, what took a level away, and what could not be judged.

The rules are data (`knowledge/files/studies/certainty.yaml`). They make no judgement that a guideline panel makes with knowledge of the
field; they make the same one each time and show why. Evidence is never rated up. What cannot be judged takes nothing away and
is said, so the level is then "at most".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from inconcert.evidence.synthesis.trust.measures import CertaintyFacts, Measured, measures
from inconcert.judgement import Answer, Basis, RecordUse, Source, all_of
from inconcert.knowledge.certainty import (
    LEVELS,
    CertaintyDomain,
    CertaintyRule,
    CertaintyRules,
    Level,
    StartingLevel,
    certainty_rules,
)
from inconcert.knowledge.loader import as_sources

WORDS: dict[Level, str] = {"high": "high", "moderate": "moderate", "low": "low", "very_low": "very low"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Downgrade:
    """What one rule took away: `numbers` are the measures that triggered it, `also` further rules of the domain that hold."""

    domain: str
    domain_name: str
    rule_id: str
    levels: int
    text: str
    numbers: dict[str, float]
    row_ids: tuple[str, ...]
    sources: tuple[Source, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A domain that could not be judged, or not to the end: it could take up to `could_take` more levels."""

    domain: str
    domain_name: str
    why: str
    question: str
    could_take: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """How sure anyone can be of one estimate. `level` None where not even the start is known.

    `undecided` domains took nothing away, so with any of them the level is an upper bound (`at_most`). `clear` domains were
    judged and took nothing. `answers` holds each rule of a judged domain.
    """

    id: str
    question: str
    level: Level | None
    start: Level | None
    start_rule_id: str
    downgrades: tuple[Downgrade, ...]
    undecided: tuple[Undecided, ...]
    clear: tuple[str, ...]
    answers: dict[str, Answer]
    measures: tuple[Measured, ...]
    basis: Basis

    @property
    def at_most(self) -> bool:
        """True where something was not judged that could lower the level further."""
        return self.level not in (None, "very_low") and bool(self.undecided)

    @property
    def text(self) -> str:
        """The level and its reasons in one paragraph."""
        if self.level is None or self.start is None:
            return f"{self.question}: certainty cannot be graded, since it is not known which studies were randomized."
        bound = "at most " if self.at_most else ""
        said = [f"{self.question}: {bound}{WORDS[self.level]} certainty (started {WORDS[self.start]})."]
        said += [f"{d.domain_name}, {-d.levels}: {d.text}" for d in self.downgrades]
        said += [
            f"{u.domain_name} could not be judged{' to the end' if self._partly(u) else ''}: {u.why}."
            for u in self.undecided
        ]
        return " ".join(said)

    def _partly(self, undecided: Undecided) -> bool:
        return any(d.domain == undecided.domain for d in self.downgrades)


def grade(facts: CertaintyFacts, as_of: date, rules: CertaintyRules | None = None) -> Certainty:
    """Grade one estimate by the rules (the file's unless others are given). `as_of` is the day it was asked for."""
    rules = rules or certainty_rules()
    measured = measures(facts, rules)
    start = _start(rules, measured)
    measured["starts_low"] = _starts_low(start)
    downgrades: list[Downgrade] = []
    undecided: list[Undecided] = []
    clear: list[str] = []
    answers: dict[str, Answer] = {}
    for domain in rules.domains:
        if domain.network_only and not facts.network:
            continue
        here = {
            rule.id: all_of(measured[c.measure].against(c) for c in rule.when) for rule in rules.rules_of(domain.id)
        }
        answers |= here
        taken, left = _judge(domain, [(rule, here[rule.id]) for rule in rules.rules_of(domain.id)], measured)
        downgrades += taken
        if left is not None:
            undecided.append(left)
        elif not taken:
            clear.append(domain.id)
    level = None
    if start is not None:
        level = LEVELS[min(LEVELS.index(start.level) + sum(d.levels for d in downgrades), len(LEVELS) - 1)]
    return Certainty(
        id="certainty",
        question=facts.question,
        level=level,
        start=start.level if start else None,
        start_rule_id=start.id if start else "",
        downgrades=tuple(downgrades),
        undecided=tuple(undecided),
        clear=tuple(clear),
        answers=answers,
        measures=tuple(measured.values()),
        basis=_basis(facts, as_of, rules, start, downgrades),
    )


def _start(rules: CertaintyRules, measured: dict[str, Measured]) -> StartingLevel | None:
    for start in rules.start:
        answer = all_of(measured[c.measure].against(c) for c in start.when)
        if answer is Answer.MET:
            return start
        if answer is Answer.UNKNOWN:
            return None
    return None


def _starts_low(start: StartingLevel | None) -> Measured:
    low = float(start is not None and start.level != "high")
    return Measured(
        id="starts_low",
        low=low,
        high=1.0 if start is None else low,
        text="the evidence starts below high (1 yes)",
        lacking="it is not known which studies were randomized" if start is None else "",
    )


def _judge(
    domain: CertaintyDomain, answers: list[tuple[CertaintyRule, Answer]], measured: dict[str, Measured]
) -> tuple[list[Downgrade], Undecided | None]:
    met = [rule for rule, answer in answers if answer is Answer.MET]
    open_ = [rule for rule, answer in answers if answer is Answer.UNKNOWN]
    if domain.combine == "worst":
        met.sort(key=lambda rule: -rule.down)
        chosen = met[:1]
        most = max((rule.down for rule in (*met, *open_)), default=0)
    else:
        chosen = met
        most = sum(rule.down for rule in (*met, *open_))
    taken: list[Downgrade] = []
    left = domain.most
    for rule in chosen:
        if left:
            others = tuple(r.id for r in met if r not in chosen)
            taken.append(_downgrade(domain, rule, min(rule.down, left), measured, others))
            left -= taken[-1].levels
    could = min(most, domain.most) - sum(d.levels for d in taken)
    if not open_ or could <= 0:
        return taken, None
    return taken, _undecided(domain, open_, measured, could)


def _downgrade(
    domain: CertaintyDomain, rule: CertaintyRule, levels: int, measured: dict[str, Measured], also: tuple[str, ...]
) -> Downgrade:
    named = [measured[c.measure] for c in rule.when]
    numbers = {m.id: m.low for m in named if m.id != "starts_low"}
    return Downgrade(
        domain=domain.id,
        domain_name=domain.name,
        rule_id=rule.id,
        levels=levels,
        text=rule.text,
        numbers=numbers,
        row_ids=tuple(dict.fromkeys(row for m in named for row in m.row_ids)),
        sources=rule.known_sources,
        also=also,
    )


def _undecided(
    domain: CertaintyDomain, open_: list[CertaintyRule], measured: dict[str, Measured], could: int
) -> Undecided:
    lacking = dict.fromkeys(
        measure.lacking for rule in open_ for measure in (measured[c.measure] for c in rule.when) if measure.lacking
    )
    return Undecided(
        domain=domain.id,
        domain_name=domain.name,
        why="; ".join(lacking),
        question=domain.question,
        could_take=could,
    )


def _basis(
    facts: CertaintyFacts,
    as_of: date,
    rules: CertaintyRules,
    start: StartingLevel | None,
    downgrades: list[Downgrade],
) -> Basis:
    sources = list(as_sources(start.sources, start.status)) if start else []
    sources += [source for d in downgrades for source in d.sources]
    why: dict[str, str] = {row: "carries weight in the estimate" for s in facts.studies for row in s.row_ids}
    for downgrade in downgrades:
        why.update(dict.fromkeys(downgrade.row_ids, downgrade.text))
    return Basis(
        rule_id="grade",
        rule_version=rules.version,
        as_of=as_of,
        sources=tuple(dict.fromkeys(sources)),
        used=tuple(RecordUse(row, reason) for row, reason in why.items()),
    )
