"""The rules of certainty as data."""

from __future__ import annotations

import msgspec
import pytest

from inconcert.judgement import Reading
from inconcert.knowledge.certainty import CertaintyRules, Condition, certainty_rules, problems


def test_every_threshold_says_where_it_is_from() -> None:
    """Each setting, rule, start and smallest important difference has a source; what is ours says design."""
    rules = certainty_rules()
    for entry in (*rules.settings, *rules.start, *rules.rules, *rules.smallest_important, *rules.selection_weights):
        assert entry.sources, entry.id
        ours = all(note.ref == "InConcert" for note in entry.sources)
        assert (entry.status is Reading.DESIGN) or not ours, entry.id


def test_settings_are_found_by_their_id() -> None:
    """A setting that is not in the file is an error, not a zero."""
    rules = certainty_rules()
    assert rules.number("asymmetry_studies_min") == 10
    assert rules.smallest("any_or").value == 1.5
    with pytest.raises(KeyError):
        rules.number("no_such_setting")


def broken(**change: object) -> list[str]:
    """What is wrong after a change."""
    return problems(msgspec.structs.replace(certainty_rules(), **change))


def test_rules_that_cannot_be_are_named() -> None:
    """A domain that does not exist, too many levels, no condition, two comparisons and ids given twice are all found."""
    rules: CertaintyRules = certainty_rules()
    first = rules.rules[0]
    rest = rules.rules[1:]

    def with_first(**change: object) -> list[str]:
        return broken(rules=(msgspec.structs.replace(first, **change), *rest))

    assert any("which there is not" in p for p in with_first(domain="mood"))
    assert any("takes 3 levels" in p for p in with_first(down=3))
    assert any("no condition" in p for p in with_first(when=()))
    assert any("2 comparisons" in p for p in with_first(when=(Condition(measure="i2", above=1, below=2),)))
    assert any("stands twice" in p for p in broken(rules=(first, *rules.rules)))
    assert any("has no rule" in p for p in broken(rules=tuple(r for r in rules.rules if r.domain != "one_edge")))
    assert any("last starting level" in p for p in broken(start=rules.start[:1]))
    weights = msgspec.structs.replace(rules.selection_weights[0], weights=(1.0,))
    assert any("one weight" in p for p in broken(selection_weights=(weights,)))
    assert problems(rules) == []
