"""The rating scales as files: items, ranges, codes, bands, cuts and what a manual says about a blank item.

One YAML file per scale in `knowledge/files/scales/`. Labels are ours; no item wording is shipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Literal

from msgspec import field

from inconcert.judgement import Reading, Source
from inconcert.knowledge.loader import ROOT, Entry, SourceNote, as_sources, load
from inconcert.knowledge.strict_yaml import KnowledgeError

Operator = Literal["<", "<=", ">", ">=", "=="]
Level = Literal["yellow", "amber", "red"]
FOLDER = ROOT / "files" / "scales"


class ScaleItem(Entry, kw_only=True):
    """One question of a scale. `key` is what forms and commands call it (`"1"` ... `"9"`, `"6b"`); `range` inclusive.

    `reversed_scored` items enter the total as low + high - answer. `pair` names the partner of which only one is
    answered. `answer_codes` (LOINC answer -> value) only where they differ from the scale's own. `wording` is the item as
    printed, only where the scale's licence lets it be reproduced; a form without codes is recognized by it.
    """

    key: str
    label: str
    range: tuple[int, int]
    loinc: str = ""
    wording: str = ""
    safety_item: bool = False
    scored: bool = True
    reversed_scored: bool = False
    pair: str = ""
    answer_codes: dict[str, float] = field(default_factory=dict)


class ExtraItem(Entry, kw_only=True):
    """A question printed with the scale that never enters its total."""

    key: str
    label: str
    loinc: str = ""
    answer_codes: dict[str, float] = field(default_factory=dict)


class Domain(Entry, kw_only=True):
    """Items of which only the highest counts."""

    id: str
    items: tuple[str, ...]


class TotalRule(Entry, kw_only=True):
    """How items become a total. `kind` is sum, domain_maxima, single or triage (a level instead of a number)."""

    kind: Literal["sum", "domain_maxima", "single", "triage"]
    range: tuple[int, int]
    domains: tuple[Domain, ...] = ()


class Band(Entry, kw_only=True):
    """A named stretch of the total, both ends included; for a triage scale `range` is the rank of the level."""

    id: str
    range: tuple[int, int]
    label: str = ""


class Cut(Entry, kw_only=True):
    """A named threshold on the total, with who uses it. `status` where it differs from the scale's."""

    id: str
    op: Operator
    value: float
    each_item_at_most: float | None = None
    used_by: str = ""
    status: Reading | None = None
    sources: tuple[SourceNote, ...] = ()

    def holds(self, value: float) -> bool:
        """True if `value` satisfies the cut."""
        return {
            "<": value < self.value,
            "<=": value <= self.value,
            ">": value > self.value,
            ">=": value >= self.value,
            "==": value == self.value,
        }[self.op]

    @property
    def text(self) -> str:
        """The cut as a reader writes it, such as `<= 12`."""
        each = f" and no item above {self.each_item_at_most:g}" if self.each_item_at_most is not None else ""
        return f"{self.op} {self.value:g}{each}"


class ResponseRule(Entry, kw_only=True):
    """Response: at least `percent_fall` percent below baseline, or a cut on the later score itself."""

    percent_fall: float | None = None
    cut: Cut | None = None
    status: Reading | None = None
    sources: tuple[SourceNote, ...] = ()


class ImportantChange(Entry, kw_only=True):
    """The smallest change that matters to a person, in points of the total. `high` where sources give a range."""

    points: float
    high: float | None = None
    status: Reading
    note: str = ""
    sources: tuple[SourceNote, ...] = ()


class RelapseRule(Entry, kw_only=True):
    """Relapse after remission. `confirm` says what a second look must show before it is called so."""

    cut: Cut
    confirm: str = ""
    status: Reading
    sources: tuple[SourceNote, ...] = ()


class MissingRule(Entry, kw_only=True):
    """What the manual says of blank items: `none` (no total) or `mean_of_answered` for at most `at_most` items."""

    kind: Literal["none", "mean_of_answered"] = "none"
    at_most: int = 0
    note: str = ""
    status: Reading
    sources: tuple[SourceNote, ...] = ()


class FlagRule(Entry, kw_only=True):
    """A value that a person must see. `item` is an item key or `total`; of rules with one `id` the first match counts."""

    id: str
    item: str
    op: Operator
    value: float
    level: Level
    text: str
    action: str
    status: Reading
    sources: tuple[SourceNote, ...] = ()

    def holds(self, value: float) -> bool:
        """True if `value` reaches the rule."""
        return Cut(id=self.id, op=self.op, value=self.value).holds(value)


class TriageRule(Entry, kw_only=True):
    """A level given when any of `any_yes` is answered yes; rules stand from the most to the least severe."""

    level: str
    any_yes: tuple[str, ...] = ()


class SkipRule(Entry, kw_only=True):
    """Questions that are not asked (and so are no) when `item` is answered `answer`."""

    item: str
    answer: float
    implies_no: tuple[str, ...]


class ScreenRule(Entry, kw_only=True):
    """A positive screen: the total at or above `total_at_least` and every item of `items_at_least` reached.

    `sex` names the person it is for where cuts differ ('' for all).
    """

    id: str
    total_at_least: float
    items_at_least: dict[str, float] = field(default_factory=dict)
    sex: Literal["", "male", "female"] = ""
    status: Reading | None = None


class Variant(Entry, kw_only=True):
    """A printed version with other item ranges (the HAM-D whose agitation item stops at 2)."""

    id: str
    ranges: dict[str, tuple[int, int]]
    total_range: tuple[int, int]
    note: str = ""
    status: Reading


class Licence(Entry, kw_only=True):
    """What the owner allows, and whether wording may ship: only `attributed` may, and then with `attribution`."""

    status: str
    note: str = ""
    wording: Literal["labels_only", "attributed"] = "labels_only"
    attribution: str = ""


class ScaleFile(Entry, kw_only=True):
    """One scale. See the documentation page on adding a scale for each field.

    `recall` is the window the items ask about, in words. `default_remission` names the cut used where a caller names
    none. `recalled_fields` are the fields of a read file that were not seen in a source.
    """

    id: str
    version: str = "1"
    name: str
    aliases: tuple[str, ...] = ()
    measures: Literal["depression", "anxiety", "mania", "suicidality", "function", "session", "global", "screen"]
    rater: Literal["self", "clinician", "either"]
    recall: str
    higher_is_worse: bool = True
    items: tuple[ScaleItem, ...]
    extra_items: tuple[ExtraItem, ...] = ()
    answer_codes: dict[str, float] = field(default_factory=dict)
    answer_words: dict[str, float] = field(default_factory=dict)
    loinc_panel: str = ""
    loinc_total: str = ""
    loinc_total_variants: tuple[str, ...] = ()
    loinc_level: str = ""
    level_codes: dict[str, str] = field(default_factory=dict)
    total: TotalRule
    bands: tuple[Band, ...] = ()
    remission: tuple[Cut, ...] = ()
    default_remission: str = ""
    response: ResponseRule | None = None
    important_change: ImportantChange | None = None
    relapse: RelapseRule | None = None
    missing: MissingRule
    flags: tuple[FlagRule, ...] = ()
    triage: tuple[TriageRule, ...] = ()
    skips: tuple[SkipRule, ...] = ()
    screens: tuple[ScreenRule, ...] = ()
    variants: tuple[Variant, ...] = ()
    anchors: dict[str, str] = field(default_factory=dict)
    crosswalk: dict[str, tuple[int, int]] = field(default_factory=dict)
    crosswalk_to: str = ""
    licence: Licence
    status: Reading
    recalled_fields: tuple[str, ...] = ()
    checked_on: str
    sources: tuple[SourceNote, ...]
    notes: tuple[str, ...] = ()

    @property
    def scored_items(self) -> tuple[ScaleItem, ...]:
        """The items that enter the total, in file order."""
        return tuple(item for item in self.items if item.scored)

    def item(self, key: str) -> ScaleItem:
        """The item called `key`. Raises KeyError."""
        for item in self.items:
            if item.key == key:
                return item
        raise KeyError(key)

    def source_list(self, *fields: str) -> tuple[Source, ...]:
        """The sources with their status; one more, marked recalled, names those of `fields` that were read nowhere."""
        own = as_sources(self.sources, self.status)
        weak = [name for name in fields if name in self.recalled_fields]
        return (*own, Source(f"from memory: {', '.join(weak)}", "", Reading.RECALLED)) if weak else own


@cache
def scale_files() -> dict[str, ScaleFile]:
    """Every scale by id. Raises KnowledgeError naming the file where one is wrong or an id stands twice."""
    scales: dict[str, ScaleFile] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        scale = load(path, ScaleFile)
        for problem in _problems(scale):
            raise KnowledgeError(str(path), None, problem, "Correct the file; see how-to: add a scale.")
        if path.stem != scale.id:
            raise KnowledgeError(str(path), None, f"The file holds scale {scale.id!r}.", f"Name it {scale.id}.yaml.")
        scales[scale.id] = scale
    _check_names(scales)
    return scales


def plain_name(name: str) -> str:
    """A scale's name without case, spaces or punctuation, so that `PHQ-9`, `phq_9` and `Phq9` are one name."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@cache
def scale_names() -> dict[str, str]:
    """Plain name -> id, for every id, name and alias."""
    names: dict[str, str] = {}
    for scale in scale_files().values():
        for name in (scale.id, scale.name, *scale.aliases):
            names[plain_name(name)] = scale.id
    return names


def _check_names(scales: dict[str, ScaleFile]) -> None:
    owner: dict[str, str] = {}
    for scale in scales.values():
        for name in {plain_name(n) for n in (scale.id, scale.name, *scale.aliases)}:
            if owner.setdefault(name, scale.id) != scale.id:
                file = str(FOLDER / f"{scale.id}.yaml")
                raise KnowledgeError(file, None, f"{name!r} also names {owner[name]}.", "Drop the alias from one.")


def _problems(scale: ScaleFile) -> Iterator[str]:
    keys = [item.key for item in scale.items]
    if len(set(keys)) != len(keys):
        yield "An item key stands twice."
    yield from _unknown_keys(scale, set(keys))
    low, high = _computed_range(scale)
    if (low, high) != scale.total.range:
        yield f"total.range is {scale.total.range} but the items give ({low}, {high})."
    yield from _band_problems(scale)
    if scale.default_remission and scale.default_remission not in {cut.id for cut in scale.remission}:
        yield f"default_remission {scale.default_remission!r} is not one of the remission cuts."
    if scale.remission and not scale.default_remission:
        yield "remission cuts stand without a default_remission."
    for variant in scale.variants:
        ranges = {item.key: variant.ranges.get(item.key, item.range) for item in scale.scored_items}
        if variant.total_range != (sum(r[0] for r in ranges.values()), sum(r[1] for r in ranges.values())):
            yield f"variant {variant.id}: total_range does not follow from its item ranges."


def _unknown_keys(scale: ScaleFile, keys: set[str]) -> Iterator[str]:
    named = {key for domain in scale.total.domains for key in domain.items}
    named |= {item.pair for item in scale.items if item.pair}
    named |= {flag.item for flag in scale.flags if flag.item != "total"}
    named |= {key for rule in scale.triage for key in rule.any_yes}
    named |= {key for rule in scale.skips for key in (rule.item, *rule.implies_no)}
    named |= {key for screen in scale.screens for key in screen.items_at_least}
    named |= {key for variant in scale.variants for key in variant.ranges}
    for key in sorted(named - keys):
        yield f"{key!r} is not an item of this scale."


def _computed_range(scale: ScaleFile) -> tuple[int, int]:
    kind = scale.total.kind
    if kind == "triage":
        return 0, len(scale.triage) - 1
    if kind == "domain_maxima":
        parts = [[scale.item(key).range for key in domain.items] for domain in scale.total.domains]
        return sum(max(r[0] for r in part) for part in parts), sum(max(r[1] for r in part) for part in parts)
    ranges = [item.range for item in scale.scored_items]
    return sum(r[0] for r in ranges), sum(r[1] for r in ranges)


def _band_problems(scale: ScaleFile) -> Iterator[str]:
    if not scale.bands:
        return
    if (scale.bands[0].range[0], scale.bands[-1].range[1]) != scale.total.range:
        yield "The bands do not cover the total's range from end to end."
    for before, after in pairwise(scale.bands):
        if after.range[0] != before.range[1] + 1:
            yield f"Band {after.id} does not start one above the end of {before.id}."


__all__ = ["Band", "Cut", "FlagRule", "ScaleFile", "ScaleItem", "plain_name", "scale_files", "scale_names"]
