"""One policy asked about one person: what every criterion needs to judge, and to say why.

`CaseView` is made once for a person and holds what many policies ask again (trial counts, scored scales, whole criteria);
`Asked` is one policy, service and stage; `Spot` is one place in the tree, and writes its judgements.

Two policies that write the same criterion get one finding: it is judged once, with a mark where the policy's name and
sources go, and `stamped` puts those in when somebody reads it. What the evaluator read of the policy, the service or the
plan is noted (`Traced`), and the finding is taken again only where all of that is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar, cast

from inconcert.judgement import Answer, Basis, Judgement, Question, RecordUse, Source
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import Leaf
from inconcert.payers import readings
from inconcert.payers.sourcing import sources_named
from inconcert.payers.types import Case
from inconcert.payers.wording import leaf_in_words
from inconcert.record import Attestation, Person
from inconcert.staging.counting import TrialFilter

T = TypeVar("T")


@dataclass(slots=True)
class CaseView:
    """A case with what has already been worked out for it. Make one per person and day; never share it between people.

    `parent` is a view of the same record on the same day from which only the answers to the questions `said` differ: what
    looks up none of these holds here as well. Such views, and their parents, note what is looked up (`tracks`); for answers
    alone nobody needs that.
    """

    case: Case
    parent: CaseView | None = None
    said: frozenset[str] = frozenset()
    tracks: bool = False
    _memo: dict[Hashable, object] = field(default_factory=dict)
    _reads: dict[Hashable, set[str]] = field(default_factory=dict)  # the questions that kept work looked up
    findings: dict[object, list[Finding]] = field(default_factory=dict)
    bare: dict[int, tuple[Leaf | None, Basis]] = field(default_factory=dict)  # by identity of the leaf
    reading: set[str] = field(default_factory=set)  # the questions looked up by the work in hand

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """The result of `work`, done once for each `key`."""
        try:
            made = self._memo[key]
        except KeyError:
            if not self.tracks:
                made = self._memo[key] = work()
                return made
            outer, self.reading = self.reading, set()
            made = self._memo[key] = work()
            if self.reading:
                self._reads[key] = self.reading
                outer |= self.reading
            self.reading = outer
        else:
            if self._reads and key in self._reads:
                self.reading |= self._reads[key]
        return made  # type: ignore[return-value]  # the key names the work, so the type is the one stored

    def take_counts(self, other: CaseView) -> None:
        """Take over what was counted over the same history of trials."""
        self._memo.update((key, value) for key, value in other._memo.items() if isinstance(key, TrialFilter))

    @property
    def person(self) -> Person:
        """The person asked about."""
        return self.case.person

    @property
    def as_of(self) -> date:
        """The date of service asked about."""
        return self.case.as_of

    def attestation(self, question_id: str) -> Attestation | None:
        """The latest answer that says something, on or before the date of service.

        An answer `unknown` or blank takes nothing back: it adds no knowledge, so an earlier yes or no stands.
        """
        answers = self.answers()
        if self.tracks:
            self.reading.add(question_id)
        return answers.get(question_id)

    def answers(self) -> dict[str, Attestation]:
        """The answer that holds to each question."""
        return self.once("attestations", self._attestations)

    def _attestations(self) -> dict[str, Attestation]:
        latest: dict[str, Attestation] = {}
        given: Iterable[Attestation] = self.person.attestations
        if self.parent is not None:
            known = self.parent.answers()
            latest = {question: a for question, a in known.items() if question not in self.said}
            given = (a for a in given if a.question in self.said)
        for a in given:
            says = a.answer in ("yes", "no") or a.value is not None or (a.value_text and a.answer != "unknown")
            if not says or (a.answered_on is not None and a.answered_on.latest > self.as_of):
                continue
            before = latest.get(a.question)
            if before is None or _when(a) >= _when(before):
                latest[a.question] = a
        return latest


def _when(attestation: Attestation) -> date:
    return attestation.answered_on.latest if attestation.answered_on else date.min


@dataclass(frozen=True, slots=True)
class Asked:
    """One policy, asked about one service at one stage. `together_with` is what else the plan gives; `facts` the words
    that the tree asked uses.
    """

    policy: CoveragePolicy
    view: CaseView
    service: str
    stage: str = "initial"
    together_with: tuple[str, ...] = ()
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Spot:
    """One place in a policy's tree. `resistance_defined` tells that a sibling says what resistant means here."""

    asked: Asked
    path: str
    leaf: Leaf | None = None
    resistance_defined: bool = False

    @property
    def view(self) -> CaseView:
        """The person asked about."""
        return self.asked.view

    @property
    def id(self) -> str:
        """The criterion's id: policy, place, fact."""
        name = f":{self.leaf.fact}" if self.leaf is not None else ""
        return f"{self.asked.policy.id}/{self.path}{name}"

    def rule(self) -> tuple[str, str, tuple[Source, ...]]:
        """The rule's id, its version and its sources, as a basis names them."""
        policy = self.asked.policy
        return (
            f"payers.{policy.id}",
            policy.version_text,
            sources_named(policy, self.leaf.provenance if self.leaf else None),
        )

    def judge(
        self,
        answer: Answer,
        text: str,
        *,
        used: Iterable[RecordUse] = (),
        rejected: Iterable[RecordUse] = (),
        question: Question | None = None,
        parts: tuple[Judgement, ...] = (),
        readings_taken: Iterable[str] = (),
        suffix: str = "",
    ) -> Judgement:
        """A judgement of this criterion. `readings_taken` are ids of readings; each is said in the text and sourced."""
        basis = self._basis(tuple(used), tuple(rejected), tuple(readings_taken))
        for reading_id in readings_taken:
            taken = readings.reading(reading_id)
            text += f" (Reading taken: {taken.text}: {taken.value:g} {taken.unit}.)"
        name = f"{self.id}.{suffix}" if suffix else self.id
        return Judgement(id=name, answer=answer, text=text, basis=basis, question=question, parts=parts)

    def _basis(
        self, used: tuple[RecordUse, ...], rejected: tuple[RecordUse, ...], readings_taken: tuple[str, ...]
    ) -> Basis:
        return self.basis_of(used, rejected, readings_taken)

    def basis_of(
        self, used: tuple[RecordUse, ...], rejected: tuple[RecordUse, ...], readings_taken: tuple[str, ...]
    ) -> Basis:
        """The basis of a judgement of this criterion."""
        rule_id, rule_version, sources = self.rule()
        for reading_id in readings_taken:
            sources += readings.reading(reading_id).as_sources
        return Basis(
            rule_id=rule_id,
            rule_version=rule_version,
            rule_text=leaf_in_words(self.leaf) if self.leaf is not None else "",
            as_of=self.view.as_of,
            sources=sources,
            used=used,
            rejected=rejected,
        )

    def question(self, question_id: str, *, about: str = "") -> Question:
        """One of our intake questions, as asked by this criterion. `about` says which point of the policy is meant."""
        entry = readings.question(question_id)
        return Question(entry.id, f"{entry.text} {about}".strip(), self.id)

    def yes_no(self, question_id: str, yes: str, no: str, *, when_yes: Answer = Answer.MET) -> Judgement:
        """Judged by a yes or no that somebody gave; without one it is unknown. `when_yes` is what a yes means."""
        given = self.view.attestation(question_id)
        if given is None or given.answer not in ("yes", "no"):
            question = self.question(question_id)
            return self.judge(Answer.UNKNOWN, f"Not known: {question.text}", question=question, suffix=question_id)
        said_yes = given.answer == "yes"
        return self.judge(
            when_yes if said_yes else ~when_yes,
            f"{yes if said_yes else no} (answered by {given.answered_by or 'somebody not named'})",
            used=(attestation_use(given),),
            suffix=question_id,
        )

    def number(self, question_id: str) -> tuple[float | None, Attestation | None]:
        """A number that somebody gave, and the answer it came from."""
        given = self.view.attestation(question_id)
        return (given.value, given) if given is not None else (None, None)

    def choice(self, question_id: str) -> tuple[str, Attestation | None]:
        """A choice that somebody gave, '' where none was."""
        given = self.view.attestation(question_id)
        return (given.value_text, given) if given is not None else ("", None)

    def unknown(self, text: str, question_id: str, **more: object) -> Judgement:
        """Unknown, with the question that would settle it."""
        return self.judge(Answer.UNKNOWN, text, question=self.question(question_id), **more)  # type: ignore[arg-type] # passed on as given

    def joined(self, parts: Iterable[Judgement], answer: Answer, text: str) -> Judgement:
        """A judgement made of parts."""
        return self.judge(answer, text, parts=tuple(parts))


Evaluator = Callable[[Any, Spot], Judgement]  # judges one kind of leaf at one place

_MARK = "\0"  # stands in a shared finding for the criterion's own id
_MARKED_SOURCE = Source(_MARK)


@dataclass(frozen=True, slots=True)
class SharedSpot(Spot):
    """A place in no policy: what is judged here carries the mark, and holds in every policy that asks the same."""

    @property
    def id(self) -> str:
        """The mark."""
        return _MARK

    def rule(self) -> tuple[str, str, tuple[Source, ...]]:
        """The mark."""
        return _MARK, "", (_MARKED_SOURCE,)

    def _basis(
        self, used: tuple[RecordUse, ...], rejected: tuple[RecordUse, ...], readings_taken: tuple[str, ...]
    ) -> Basis:
        if used or rejected or readings_taken:
            return self.basis_of(used, rejected, readings_taken)
        known = self.view.bare.get(id(self.leaf))
        if known is None or known[0] is not self.leaf:
            known = self.view.bare[id(self.leaf)] = self.leaf, self.basis_of((), (), ())
        return known[1]  # what stands on no record stands on the rule alone: one basis for all of its parts


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion judged for everybody who asks it, as long as `read` is the same for them.

    `read` holds what the evaluator looked up beside the person: (name, word, value); `questions` the ids of the intake
    questions whose answers it looked up, where the view tracks them.
    """

    read: tuple[tuple[str, str, object], ...]
    judgement: Judgement
    questions: frozenset[str] = frozenset()

    def holds_for(self, asked: Asked) -> bool:
        """True if everything that was read is the same for `asked`."""
        return not self.read or all(_looked_up(asked, name, word) == value for name, word, value in self.read)


def _looked_up(asked: Asked, name: str, word: str) -> object:
    return word in asked.facts if name == "fact" else getattr(asked, name)


class _TracedWords:
    """The words of a tree; asking for one notes whether it was there."""

    __slots__ = ("_traced",)

    def __init__(self, traced: Traced) -> None:
        self._traced = traced

    def __contains__(self, word: object) -> bool:
        return bool(self._traced.note("fact", str(word)))


class Traced:
    """An `Asked` that notes what is read of it, so that a finding can say what it depends on."""

    __slots__ = ("_asked", "read", "view")

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.view = asked.view
        self.read: dict[tuple[str, str], object] = {}

    def note(self, name: str, word: str = "") -> object:
        """The value, noted."""
        value = _looked_up(self._asked, name, word)
        self.read[name, word] = value
        return value

    @property
    def facts(self) -> _TracedWords:
        """The words that the tree uses, to be asked one by one."""
        return _TracedWords(self)

    def __getattr__(self, name: str) -> object:
        return self.note(name)


def share(asked: Asked, key: Hashable, judge: Callable[[Asked], Judgement]) -> Judgement:
    """The marked judgement of one criterion for this person: an earlier one that still holds, else judged now."""
    return find(asked, key, judge).judgement


_NONE: frozenset[str] = frozenset()


def find(asked: Asked, key: Hashable, judge: Callable[[Asked], Judgement]) -> Finding:
    """The finding that `share` gives the judgement of."""
    view = asked.view
    known = view.findings.get(key)
    if known is None:
        known = view.findings[key] = []
    for finding in known:
        if finding.holds_for(asked):
            return finding
    if view.parent is not None:
        there = find(replace(asked, view=view.parent), key, judge)
        if view.said.isdisjoint(there.questions):
            known.append(there)
            return there
    traced, outer = Traced(asked), view.reading
    if view.tracks:
        view.reading = set()
    judgement = judge(cast("Asked", traced))
    made = Finding(
        tuple([(name, word, value) for (name, word), value in traced.read.items()]), judgement,
        frozenset(view.reading) if view.tracks else _NONE,
    )  # fmt: skip
    view.reading = outer
    known.append(made)
    return made


def stamped(found: Judgement, spot: Spot, *, whole: bool = True) -> Judgement:
    """A marked finding as a criterion of one policy: its id, its rule, its sources. `whole`: it takes the criterion's own id."""
    basis, question = found.basis, found.question
    if question is not None and question.settles == _MARK:
        question = Question(question.id, question.text, spot.id)
    if basis.rule_id != _MARK:  # of another room; only its questions may be ours
        parts = tuple(stamped(part, spot, whole=False) for part in found.parts)
        return (
            found
            if question is found.question and parts == found.parts
            else replace(found, question=question, parts=parts)
        )
    rule_id, version, own = spot.rule()
    return Judgement(
        id=spot.id if whole else spot.id + found.id.removeprefix(_MARK),
        answer=found.answer,
        text=found.text,
        basis=Basis(
            rule_id=rule_id, rule_version=version, rule_text=basis.rule_text, as_of=basis.as_of,
            sources=tuple(s for source in basis.sources for s in (own if source is _MARKED_SOURCE else (source,))),
            used=basis.used, rejected=basis.rejected,
        ),
        question=question,
        parts=tuple(stamped(part, spot, whole=False) for part in found.parts),
    )  # fmt: skip


def attestation_use(attestation: Attestation) -> RecordUse:
    """An answer as a record used."""
    said = (
        attestation.answer
        or attestation.value_text
        or (f"{attestation.value:g}" if attestation.value is not None else "")
    )
    on = str(attestation.answered_on) if attestation.answered_on else ""
    return RecordUse(attestation.id, f"answered {said}", on)
