"""What looking for something in a record found: the answer, the records, and what keeps it open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from inconcert.judgement import Answer, RecordUse, all_of, any_of

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer with what it stands on.

    Where it is unknown: `needs` are value sets without which it cannot be told, `blanks` what records leave out, and
    `unseen` is True where only a record known to be whole would settle it.
    """

    answer: Answer
    used: tuple[RecordUse, ...] = ()
    rejected: tuple[RecordUse, ...] = ()
    needs: frozenset[str] = field(default=_NONE)
    blanks: tuple[str, ...] = ()
    unseen: bool = False

    def __invert__(self) -> Finding:
        return replace(self, answer=~self.answer)


YES = Finding(Answer.MET)
NO = Finding(Answer.NOT_MET)
UNSEEN = Finding(Answer.UNKNOWN, unseen=True)


def every(findings: Iterable[Finding]) -> Finding:
    """All of them."""
    found = tuple(f for f in findings if f is not YES)  # what says no more than yes adds nothing
    return _together(found, all_of) if found else YES


def some(findings: Iterable[Finding]) -> Finding:
    """Any of them."""
    found = tuple(f for f in findings if f is not NO)
    return _together(found, any_of) if found else NO


def alike(findings: Iterable[Finding]) -> Finding:
    """The answer on which all possibilities agree, else unknown. Raises ValueError where there is none.

    What makes one possibility doubtful keeps the whole open, so the reasons of all are kept where they differ.
    """
    found = tuple(findings)
    if not found:
        raise ValueError("no possibility to compare")
    answers = {f.answer for f in found}
    if len(answers) == 1 and found[0].answer is not Answer.UNKNOWN:
        return _together(found, lambda _: found[0].answer)
    return Finding(
        Answer.UNKNOWN,
        tuple(dict.fromkeys(u for f in found for u in f.used)),
        tuple(dict.fromkeys(u for f in found for u in f.rejected)),
        frozenset().union(*(f.needs for f in found)),
        tuple(dict.fromkeys(b for f in found for b in f.blanks)),
        any(f.unseen for f in found),
    )


def because(finding: Finding, choice: Finding) -> Finding:
    """A finding that only stands if `choice` does: what keeps the choice open is carried along."""
    if choice.answer is Answer.MET:
        return finding
    needs, blanks = finding.needs | choice.needs, tuple(dict.fromkeys((*finding.blanks, *choice.blanks)))
    return replace(finding, needs=needs, blanks=blanks, unseen=finding.unseen or choice.unseen)


def _together(found: tuple[Finding, ...], rule: Callable[[Iterable[Answer]], Answer]) -> Finding:
    if len(found) == 1:
        return found[0]
    answer = rule([f.answer for f in found])
    used = _joined([f.used for f in found if f.used])
    rejected = _joined([f.rejected for f in found if f.rejected])
    if answer is not Answer.UNKNOWN:
        return Finding(answer, used, rejected)
    doubtful = [f for f in found if f.answer is Answer.UNKNOWN]
    return Finding(
        answer,
        used,
        rejected,
        frozenset().union(*(f.needs for f in doubtful)),
        tuple(dict.fromkeys(b for f in doubtful for b in f.blanks)),
        any(f.unseen for f in doubtful),
    )


def _joined(lists: list[tuple[RecordUse, ...]]) -> tuple[RecordUse, ...]:
    """All of them in order, each once. Most often there is at most one list, which has no doubles."""
    if len(lists) < 2:
        return lists[0] if lists else ()
    return tuple(dict.fromkeys(use for part in lists for use in part))
