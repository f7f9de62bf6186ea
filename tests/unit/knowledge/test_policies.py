"""Every policy file loads, and a mistake in one is named with file, line and the nearest known word."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from inconcert.judgement import Reading
from inconcert.knowledge.policies import FOLDER, CoveragePolicy, load_policy, policies, policy, policy_from_text
from inconcert.knowledge.policy_schema import LEAVES, leaves_of
from inconcert.knowledge.policy_schema.checks import policy_scales
from inconcert.knowledge.scales import scale_files
from inconcert.knowledge.strict_yaml import KnowledgeError, parse

FILES = sorted(FOLDER.glob("*.yaml"))
GOOD = """id: draft
payer: A Payer
payer_names: [a payer]
line_of_business: commercial
jurisdiction: [US]
policy_number: P 1
title: A draft
services: [rtms]
version: {effective: 2026-01-01}
status: read
read_depth: full_text
checked_on: 2026-11
sources: [{ref: "https://example.org", kind: payer}]
process: {prior_auth: required}
combination: {clause: silent}
criteria:
  all:
    - fact: age
      min: 18
    - fact: severity_score
      any_of:
        - {scale: PHQ-9, op: ">=", value: 20}
"""


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_policy_file_loads(path: Path) -> None:
    """Each file is well formed, is named after its id, and says who pays, for what, on whose authority."""
    found = load_policy(path)
    assert found.id == path.stem
    assert found.services
    assert found.sources or found.file.status is Reading.RECALLED
    assert all(source.ref for source in found.sources)


def test_every_policy_of_the_shared_pack_is_carried(shared: Path) -> None:
    """None of the pack's policies is left out, and none has lost or gained a service."""
    pack = {
        p.stem: parse(p.read_text(encoding="utf-8"), p.name) for p in (shared / "facts" / "policies").glob("*.yaml")
    }
    assert len(pack) == 57
    assert set(pack) == set(policies())
    assert {k: tuple(v["services"]) for k, v in pack.items()} == {k: p.services for k, p in policies().items()}
    assert {k: v["combination"]["clause"] for k, v in pack.items()} == {
        k: p.file.combination.clause for k, p in policies().items()
    }


def test_no_criterion_of_the_shared_pack_is_lost(shared: Path) -> None:
    """Each policy has as many criteria of the first decision as the pack, but those that `corrections` adds or moves."""

    def count(node: object) -> int:
        if isinstance(node, dict):
            return int("fact" in node) + sum(
                count(v) for k, v in node.items() if k not in ("each_meets_any", "of_which_adequate")
            )
        return sum(count(v) for v in node) if isinstance(node, list) else 0

    for path in (shared / "facts" / "policies").glob("*.yaml"):
        ours = policies()[path.stem]
        wanted = count(parse(path.read_text(encoding="utf-8"), path.name)["criteria"])
        got = sum(1 for _ in leaves_of(ours.criteria))
        added = sum("criterion of its own" in c for c in ours.file.corrections)
        exceptions = path.read_text(encoding="utf-8").count("unless: cardiology_clearance")
        assert got == wanted + added + exceptions, path.stem


def test_the_key_of_a_policy_has_the_line_of_business() -> None:
    """No two policies share payer, line of business and number; the two texts of one carrier differ by line."""
    keys = [p.key for p in policies().values()]
    assert len(set(keys)) == len(keys)
    lines = {policies()[i].file.line_of_business for i in ("ibx-tms", "ibx-medicare-advantage-tms")}
    assert lines == {"commercial", "medicare_advantage"}


def broken(old: str, new: str) -> KnowledgeError:
    """The error of the good draft with one thing changed."""
    assert old in GOOD
    with pytest.raises(KnowledgeError) as caught:
        policy_from_text(GOOD.replace(old, new, 1), "draft.yaml")
    return caught.value


@pytest.mark.parametrize(("old", "new", "line", "says"), [
    ("fact: age", "fact: agee", 18, "'age'"),
    ("min: 18", "minn: 18", 19, "'min'"),
    ("services: [rtms]", "services: [rtsm]", 8, "'rtms'"),
    ("payer: A Payer", "payor: A Payer", 2, "'payer'"),
    ("clause: silent", "clause: quiet", 15, "silent"),
    ("scale: PHQ-9", "scale: PHQ9", 22, "'PHQ-9'"),
    ("value: 20", "value: 28", 20, "outside"),
    ('op: ">=", value: 20', 'op: ">", value: 27', 20, "never be met"),
    ("min: 18", "min: 18\n      max: 15", 18, "never be met"),
    ("  all:", "  al:", 16, "'all'"),
    ("effective: 2026-01-01", "effective: 2026-02-30", 9, "not a day that exists"),
    ("effective: 2026-01-01", "effective: 2026-01-01, ends: 2025-01-01", 9, "before it takes effect"),
    ("min: 18", 'min: "18"', 19, "int"),
    ("fact: age\n      min: 18", "fact: service_date\n      on_or_after: 2026-05-01\n      before: 2026-05-01", 18, "no day"),
    ("fact: age\n      min: 18", "not: {fact: age, min: 18}\n      any: []", 18, "Two criteria"),
    ("fact: age\n      min: 18", "any: []", 18, "at least one"),
    ("fact: age\n      min: 18", "never: {why: x}", 18, "why"),
    ("fact: age\n      min: 18", "fact: adequate_antidepressant_trials\n      at_least: 1\n      distinct_classes: 2", 18, "never be met"),
    ("fact: age\n      min: 18", "fact: age\n      min: 18\n      conflicting_values: {max: [60, 70]}", 18, "no field written here"),
    ("fact: age\n      min: 18", "fact: age\n      min: 18\n      unless: {fact: age, min: 1}", 20, "unless"),
])  # fmt: skip
def test_a_mistake_names_its_line_and_the_nearest_word(old: str, new: str, line: int, says: str) -> None:
    """Whoever writes a policy is told where the mistake stands and which word was probably meant."""
    error = broken(old, new)
    assert error.file == "draft.yaml"
    assert says in str(error)
    assert error.line is not None
    assert abs(error.line - line) <= 2, str(error)


@pytest.mark.parametrize(("old", "new"), [
    ("id: draft", "id: draft\nid: other"),
    ("fact: age", "fact: &a age"),
    ("payer: A Payer", "payer: *a"),
    ("status: read", "status: yes"),
    ("min: 18", "min: 017"),
    ("min: 18", "min: 12:30"),
])  # fmt: skip
def test_yaml_traps_are_refused(old: str, new: str) -> None:
    """Repeated keys, anchors, aliases, `yes`, octals and clock times never become another value."""
    assert broken(old, new).problem


def test_no_stays_the_word_it_is() -> None:
    """Norway is not false: the text NO in a file is the text NO."""
    found = policy_from_text(GOOD.replace("jurisdiction: [US]", "jurisdiction: [NO]"), "draft.yaml")
    assert found.file.jurisdiction == ("NO",)
    assert policy_from_text(GOOD.replace("policy_number: P 1", "policy_number: 0383"), "d").file.policy_number == "0383"


def test_deep_nesting_is_refused_plainly() -> None:
    """A tree nested beyond reason gives one clear error and no crash."""
    deep = "{not: " * 40 + "{fact: age, min: 1}" + "}" * 40
    with pytest.raises(KnowledgeError, match="nested deeper"):
        policy_from_text(GOOD[: GOOD.index("criteria:")] + f"criteria: {deep}\n", "draft.yaml")


def test_an_empty_file_and_a_list_are_refused() -> None:
    """A file that is no mapping is refused with its name."""
    for text in ("", "- a\n- b\n", "just words"):
        with pytest.raises(KnowledgeError, match=r"draft\.yaml"):
            policy_from_text(text, "draft.yaml")


def test_an_unknown_id_names_the_nearest() -> None:
    """A mistyped id is answered with the id that was probably meant."""
    with pytest.raises(KeyError, match="aetna-tms"):
        policy("aetna-tsm")


def test_every_word_of_the_language_has_a_written_meaning() -> None:
    """Each fact has a docstring, which the data dictionary prints."""
    assert [name for name, kind in LEAVES.items() if not (kind.__doc__ or "").strip()] == []


def test_bands_named_by_policies_agree_with_the_scale_files() -> None:
    """`moderate or worse` begins where our scale file lets moderate begin, and no bound lies outside the scale."""
    for scale in policy_scales().values():
        for file in (scale_files()[i] for i in scale.ids if i in scale_files()):
            assert tuple(file.total.range) == tuple(scale.range), scale.name
            if scale.moderate_from is None:
                continue  # a policy may name no band of it
            moderate = next(b for b in file.bands if b.id == "moderate")
            assert moderate.range[0] == scale.moderate_from, scale.name
            assert next(b for b in file.bands if b.id == "severe").range[0] == scale.severe_from, scale.name


def codes_on(found: CoveragePolicy, day: str) -> tuple[str, ...]:
    """The diagnosis codes a policy lists on a day."""
    from datetime import date

    return found.codes_on(date.fromisoformat(day))


def test_codes_added_later_do_not_count_before_their_day() -> None:
    """Texas added F32.3 on 1 October 2025 and F34.1 on 1 May 2025."""
    texas = policy("texas-medicaid-spravato")
    assert "F32.3" not in codes_on(texas, "2025-09-30")
    assert "F32.3" in codes_on(texas, "2025-10-01")
    assert "F34.1" not in codes_on(texas, "2025-04-30")
    assert "F34.1" in codes_on(texas, "2025-05-01")


def test_structures_are_frozen() -> None:
    """What a policy says cannot be changed after it was read."""
    leaf = next(iter(leaves_of(policy("aetna-tms").criteria)))
    with pytest.raises(AttributeError):
        leaf.note = "changed"
    assert isinstance(leaf, msgspec.Struct)
