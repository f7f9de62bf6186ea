"""The files that the guide to a network of one's own shows can be read, and give what the guide says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import Scale

PAGE = "docs/how-to/synthesise-your-own-network.md"


def blocks(root: Path) -> tuple[list[str], list[str]]:
    """The files that the page shows, and the other blocks of text."""
    found = re.findall(r"^```text\n(.*?)^```", (root / PAGE).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [b for b in found if b.startswith("study,")], [b for b in found if not b.startswith("study,")]


def test_what_is_left_out_of_the_example_is_what_the_guide_prints(root: Path) -> None:
    """Each line printed below the example is what reading it gives, and there is no other."""
    files, others = blocks(root)
    network = read_network(files[0])
    said = [f"  {one.study}: {one.why.rstrip('.')}." for one in network.excluded] + [
        f"Note: {n}" for n in network.notes
    ]
    printed = [line for line in others[0].splitlines() if line and not line.startswith("Left out:")]
    assert printed == said


def test_every_study_of_the_other_examples_goes_in(root: Path) -> None:
    """Comparisons as logarithms and as ratios are read, nothing left out."""
    (_, pairs, ratios), _ = blocks(root)
    network = read_network(pairs, scale=Scale.OR)
    assert [len(study.treatments) for study in network.studies] == [2, 3]
    assert not network.excluded
    other = read_network(ratios)
    assert other.scale is Scale.OR
    assert not other.excluded
    assert other.studies[0].effects == pytest.approx(network.studies[0].effects, abs=0.001)
