"""YAML without its traps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inconcert.knowledge import strict_yaml
from inconcert.knowledge.strict_yaml import KnowledgeError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: NO", "NO"),
        ("a: yes", "yes"),
        ("a: on", "on"),
        ("a: 12:30", "12:30"),
        ("a: 017", "017"),
        ("a: 0x1F", "0x1F"),
        ("a: 1_000", "1_000"),
        ("a: 1e3", "1e3"),
        ("a: .5", ".5"),
        ("a: 2024-01-31", "2024-01-31"),
        ("a: 44249-1", "44249-1"),
        ("a: Null", "Null"),
        ("a: True", "True"),
        ("a: =", "="),
        ("a: '5'", "5"),
        ("a: 5", 5),
        ("a: -5", -5),
        ("a: 0", 0),
        ("a: 0.5", 0.5),
        ("a: -1.25", -1.25),
        ("a: 1.0e3", 1000.0),
        ("a: true", True),
        ("a: false", False),
        ("a: null", None),
        ("a: ~", None),
        ("a:", None),
    ],
)
def test_only_plain_numbers_true_false_and_null_are_anything_but_text(text: str, value: Any) -> None:
    """A dose, a code, a clock time or a state called NO stays the text it is."""
    read = strict_yaml.parse(text, "x.yaml")["a"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "key 'a' stands twice"),
        ("x:\n  a: 1\n  a: 1\n", 3, "key 'a' stands twice"),
        ("a: {b: 1, b: 2}\n", 1, "key 'b' stands twice"),
        ("a: &name 1\nb: *name\n", 1, "Anchors"),
        ("a: [1, 2\n", 2, "Not readable"),
        ("a: 1\n\tb: 2\n", 2, "Not readable"),
        ("? [1, 2]\n: 3\n", 1, "key is a list"),
        ("a: !!python/object/apply:os.system ['true']\n", 1, "Not readable"),
        ("a: 1\n---\nb: 2\n", 2, "Not readable"),
    ],
)
def test_what_cannot_be_trusted_is_refused_with_file_and_line(text: str, line: int, said: str) -> None:
    """The message names file, line, what is wrong and what mends it."""
    with pytest.raises(KnowledgeError) as refused:
        strict_yaml.parse(text, "x.yaml")
    assert (refused.value.file, refused.value.line) == ("x.yaml", line)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"x.yaml:{line}:")
    assert "Mend:" in str(refused.value)


def test_a_star_or_an_ampersand_in_text_is_not_an_anchor() -> None:
    """R&D, a * b and a quoted star are text."""
    assert strict_yaml.parse("a: R&D\nb: 2 * 3\nc: '*star'\n", "x") == {"a": "R&D", "b": "2 * 3", "c": "*star"}


def test_a_huge_or_deep_file_is_refused() -> None:
    """Two megabytes are enough for any file of facts, and nesting without end is an error, not a crash."""
    with pytest.raises(KnowledgeError, match="larger than 2 MB"):
        strict_yaml.parse("a: " + "x" * 2_000_001, "x.yaml")
    with pytest.raises(KnowledgeError, match="Not readable"):
        strict_yaml.parse("[" * 20_000, "x.yaml")


def test_a_file_that_is_absent_or_not_text_is_refused_by_name(tmp_path: Path) -> None:
    """No such file and bytes that are not UTF-8 are both named."""
    with pytest.raises(KnowledgeError, match=r"none\.yaml: The file cannot be read"):
        strict_yaml.read(tmp_path / "none.yaml")
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"a: \xff\xfe")
    with pytest.raises(KnowledgeError, match=r"bad\.yaml:1: The byte 0xff is no UTF-8"):
        strict_yaml.read(bad)


@pytest.mark.parametrize(
    ("path", "line"),
    [("$.a", 1), ("$.b[1].c", 4), ("$.b[1]", 4), ("$.b[0].d", 3), ("$.missing", 1), ("$.b[9].c", 3)],
)
def test_a_path_leads_to_its_line_or_to_its_nearest_parent(path: str, line: int) -> None:
    """The line shown is that of the field, or of what holds it where the field is absent."""
    assert strict_yaml.line_of("a: 1\nb:\n  - c: 1\n  - c: 2\n", path) == line
