"""What changed between two coverage policies, and for whom that changes the answer.

Criteria are matched one to one: first those that say the same in the same place of the tree, then the same fact with
other numbers, then the same words in another place. What finds no partner was added or removed.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from inconcert.judgement import Answer, Judgement, Refusal
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import AllOf, AnyOf, Leaf, LeafNode, Never, Node, Not
from inconcert.payers.determination import STAGES, determine
from inconcert.payers.policy_text import TEXT_PARTS, plain_changes
from inconcert.payers.types import Case, Determination
from inconcert.payers.wording import leaf_in_words, plain


class ChangeKind(enum.StrEnum):
    """What happened to a part of the text."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"  # the same words, asked in another way: of everybody, as one of several, as a bar


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """One difference. `before` and `after` are in words, '' where there is nothing; `place` is where it stands.

    `part` is `criteria`, a later stage, or a part of the file (`version`, `quantity`, `combination`, ...). Of a criterion
    `before_path` and `after_path` are its places in the two trees, `fields` each number or word that differs.
    """

    part: str
    kind: ChangeKind
    place: str
    before: str = ""
    after: str = ""
    fields: tuple[tuple[str, str, str], ...] = ()
    before_path: str | None = None
    after_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDiff:
    """All differences of two texts, criteria first. Empty where both say the same."""

    before_id: str
    after_id: str
    changes: tuple[PolicyChange, ...]

    @property
    def same(self) -> bool:
        """True if nothing differs."""
        return not self.changes

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChange:
    """A person whose answer differs between two texts, and the changes that make the difference.

    `because` holds the changes whose own criterion held the old answer or holds the new one, with what it came to before
    and after ('' where it decided nothing); `before_stop` and `after_stop` are the first criterion that decided each answer.
    """

    person_id: str
    service: str
    before: Answer
    after: Answer
    before_stop: str
    after_stop: str
    because: tuple[tuple[PolicyChange, str, str], ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A criterion or a flat refusal in a tree: its path as judgements count it, and how it is asked."""

    path: str
    manner: tuple[str, ...]
    node: LeafNode | Never

    @property
    def fact(self) -> str:
        return self.node.leaf.fact if isinstance(self.node, LeafNode) else "never"

    @property
    def words(self) -> str:
        return leaf_in_words(self.node.leaf) if isinstance(self.node, LeafNode) else f"never: {plain(self.node.reason)}"

    @property
    def data(self) -> dict[str, Any]:
        return _written(self.node.leaf) if isinstance(self.node, LeafNode) else {"reason": self.node.reason}

    @property
    def barring(self) -> bool:
        return self.manner.count("must not hold") % 2 == 1

    @property
    def where(self) -> str:
        return ", ".join(self.manner) or "asked of everybody"


def diff_policies(before: CoveragePolicy, after: CoveragePolicy) -> PolicyDiff:
    """Every difference between two texts: criteria of each stage, quantity, combination, sources, dates, the rest."""
    changes = list(_tree_changes("criteria", before.criteria, after.criteria))
    for stage in STAGES[1:]:
        one, other = before.later.get(stage), after.later.get(stage)
        changes += _tree_changes(stage, one.criteria if one else None, other.criteria if other else None)
    old, new = _file_data(before), _file_data(after)
    for part, keys in TEXT_PARTS.items():
        for place, was, now in plain_changes({k: old.get(k) for k in keys}, {k: new.get(k) for k in keys}):
            kind = ChangeKind.ADDED if not was else ChangeKind.REMOVED if not now else ChangeKind.CHANGED
            changes.append(PolicyChange(part=part, kind=kind, place=place, before=was, after=now))
    return PolicyDiff(before_id=before.id, after_id=after.id, changes=tuple(changes))


def answers_that_change(
    before: CoveragePolicy,
    after: CoveragePolicy,
    cases: Iterable[Case],
    *,
    service: str | None = None,
    stage: str = "initial",
) -> tuple[AnswerChange, ...]:
    """For whom of these people the two texts answer differently, asked as they are written.

    Args:
        before: the text of one time or payer.
        after: the text it is compared with.
        cases: the people, each with the date of service.
        service: the treatment asked about; None takes the first that both speak of.
        stage: `initial`, `continuation`, `retreatment` or `maintenance`.

    Raises:
        Refusal: no treatment is common to both texts.
    """
    common = [s for s in before.file.services if s in after.file.services]
    if not common or (service is not None and service not in common):
        raise Refusal(
            f"{before.id} and {after.id} do not both speak of {service or 'one treatment'}.",
            f"Ask about one of: {', '.join(common)}." if common else "Compare texts on the same treatment.",
        )
    asked = service if service is not None else common[0]
    part = "criteria" if stage == "initial" else stage
    changes = [c for c in diff_policies(before, after).changes if c.part == part]
    found = []
    for case in cases:
        old = determine(before, case, asked, stage=stage, as_written=True)
        new = determine(after, case, asked, stage=stage, as_written=True)
        if old.answer is not new.answer:
            found.append(_answer_change(before, after, case, old, new, changes))
    return tuple(found)


def _answer_change(
    before: CoveragePolicy, after: CoveragePolicy, case: Case, old: Determination, new: Determination,
    changes: Sequence[PolicyChange],
) -> AnswerChange:  # fmt: skip
    was = dict(_supports(tree_of(before, old.stage), old.criteria, ""))
    now = dict(_supports(tree_of(after, new.stage), new.criteria, ""))
    because = []
    for change in changes:
        one = was.get(change.before_path or "-", "") if old.answer is not Answer.MET else ""
        other = now.get(change.after_path or "-", "") if new.answer is not Answer.MET else ""
        if one != other:  # it held the old answer or holds the new one, and not both in the same way
            because.append((change, one, other))
    return AnswerChange(
        person_id=case.person.id, service=old.service, before=old.answer, after=new.answer,
        before_stop=_stop(old.criteria, old.answer), after_stop=_stop(new.criteria, new.answer), because=tuple(because),
    )  # fmt: skip


def tree_of(policy: CoveragePolicy, stage: str) -> Node | None:
    """The criteria of a stage, None where the text gives none."""
    if stage == "initial":
        return policy.criteria
    later = policy.later.get(stage)
    return later.criteria if later is not None and later.file.covered is not False else None


def _supports(node: Node | None, judgement: Judgement, path: str) -> Iterator[tuple[str, str]]:
    """The criteria that make a node what it is, by place, each with its answer: those that stop an `all`, every one of an `any`."""
    if node is None or isinstance(node, LeafNode | Never):
        yield path or "0", judgement.answer.value
    elif isinstance(node, Not):
        below = f"{path}.1" if path else "1"
        yield from _supports(node.part, judgement.parts[0], below)
        if node.unless is not None and len(judgement.parts) > 1:
            yield from _supports(node.unless, judgement.parts[1], f"{below}u")
    else:
        for i, (part, found) in enumerate(zip(node.parts, judgement.parts, strict=True), 1):
            if found.answer is judgement.answer:
                yield from _supports(part, found, f"{path}.{i}" if path else str(i))


def _stop(judgement: Judgement, answer: Answer) -> str:
    """The text of the first criterion that makes the whole what it is; '' of what is met."""
    if answer is Answer.MET:
        return ""
    for part in judgement.parts:
        if ":" not in judgement.id and part.answer is answer:
            return _stop(part, answer)
    return judgement.text


def _tree_changes(part: str, before: Node | None, after: Node | None) -> Iterator[PolicyChange]:
    one, other = list(_places(before)), list(_places(after))
    pairs = list(_matched(one, other))
    for was, now in pairs:
        change = _pair_change(part, was, now)
        if change is not None:
            yield change
    gone, come = {id(a) for a, _ in pairs}, {id(b) for _, b in pairs}
    for p in one:
        if id(p) not in gone:
            yield PolicyChange(
                part=part, kind=ChangeKind.REMOVED, place=p.where, before=p.words, before_path=p.path or "0"
            )
    for p in other:
        if id(p) not in come:
            yield PolicyChange(part=part, kind=ChangeKind.ADDED, place=p.where, after=p.words, after_path=p.path or "0")


def _pair_change(part: str, was: _Place, now: _Place) -> PolicyChange | None:
    if was.data == now.data and was.manner == now.manner:
        return None
    keys = dict.fromkeys((*was.data, *now.data))
    fields = tuple(
        (plain(k), said(was.data.get(k)), said(now.data.get(k))) for k in keys if was.data.get(k) != now.data.get(k)
    )
    return PolicyChange(
        part=part, kind=ChangeKind.CHANGED if fields else ChangeKind.MOVED,
        place=now.where if was.manner == now.manner else f"{was.where} -> {now.where}",
        before=was.words, after=now.words, fields=fields, before_path=was.path or "0", after_path=now.path or "0",
    )  # fmt: skip


def _matched(one: list[_Place], other: list[_Place]) -> Iterator[tuple[_Place, _Place]]:
    """Pairs, the most alike first: same place and words, same place, same words, same fact."""
    left, right = list(one), list(other)
    ways: tuple[Callable[[_Place, _Place], bool], ...] = (
        lambda a, b: a.data == b.data and a.manner == b.manner,
        lambda a, b: a.manner == b.manner and _alike(a, b) >= 0.5,
        lambda a, b: a.data == b.data,
        lambda a, b: a.manner == b.manner,
        lambda a, b: a.barring == b.barring,
    )
    for way in ways:
        options = [
            (-_alike(a, b), abs(i - j), i, j)
            for i, a in enumerate(left)
            for j, b in enumerate(right)
            if a.fact == b.fact and way(a, b)
        ]
        used_left: set[int] = set()
        used_right: set[int] = set()
        for _, _, i, j in sorted(options):
            if i not in used_left and j not in used_right:
                used_left.add(i)
                used_right.add(j)
                yield left[i], right[j]
        left = [a for i, a in enumerate(left) if i not in used_left]
        right = [b for j, b in enumerate(right) if j not in used_right]


def _alike(a: _Place, b: _Place) -> float:
    """The share of written fields that are the same in both."""
    keys = {*a.data, *b.data}
    return sum(a.data.get(k) == b.data.get(k) for k in keys) / len(keys) if keys else 1.0


def _places(node: Node | None, path: str = "", manner: tuple[str, ...] = ()) -> Iterator[_Place]:
    """Every criterion with its path (as `evaluate` counts) and the manner in which it is asked."""
    if node is None:
        return
    if node.label:
        manner = (*manner, f"for {plain(node.label)}")
    if isinstance(node, LeafNode | Never):
        yield _Place(path, manner, node)
    elif isinstance(node, Not):
        below = f"{path}.1" if path else "1"
        yield from _places(node.part, below, (*manner, "must not hold"))
        yield from _places(node.unless, f"{below}u", (*manner, "exception"))
    elif isinstance(node, AllOf | AnyOf):
        for i, part in enumerate(node.parts, 1):
            own = "one of several" if isinstance(node, AnyOf) and len(node.parts) > 1 else ""
            yield from _places(part, f"{path}.{i}" if path else str(i), (*manner, own) if own else manner)


def _written(leaf: Leaf) -> dict[str, Any]:
    """The fields of a leaf that say something: those at their default are left out."""
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(leaf))
    defaults = {f.encode_name: f.default for f in msgspec.structs.fields(type(leaf))}
    return {
        k: v for k, v in data.items()
        if k != "fact" and v not in (None, "", [], {}) and v != defaults.get(k, msgspec.NODEFAULT)
    }  # fmt: skip


def _file_data(policy: CoveragePolicy) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(policy.file))
    for stage in STAGES[1:]:
        if isinstance(data.get(stage), Mapping):
            data[stage] = {k: v for k, v in data[stage].items() if k != "criteria"}  # told as criteria
    return data


def said(value: Any) -> str:
    """A value of a field in words; '' for none."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, list | tuple):
        return ", ".join(said(v) for v in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{plain(str(k))} {said(v)}" for k, v in value.items() if said(v))
    return f"{value:g}" if isinstance(value, float) else plain(str(value))


__all__ = ["AnswerChange", "ChangeKind", "PolicyChange", "PolicyDiff", "answers_that_change", "diff_policies", "said"]
