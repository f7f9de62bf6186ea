"""The file of ways refuses what nobody may choose and what points nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import inconcert.knowledge.courses as shelf
from inconcert.knowledge.strict_yaml import KnowledgeError

WAY: dict[str, Any] = {
    "id": "x",
    "way": "tms_alone",
    "name": "X",
    "summary": "X.",
    "arrangement": "alone",
    "onset": "weeks",
    "parts": [{"service": "rtms", "protocol": "rtms_10hz_37min"}],
    "asks": [],
    "known": [],
    "design_defaults": [],
}
SAINT = {"service": "accelerated_saint", "protocol": "saint"}


def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    """Load one way with some of it changed."""
    file = tmp_path / "ways.yaml"
    file.write_text(yaml.safe_dump([WAY | change]))
    monkeypatch.setattr(shelf, "FILE", file)
    shelf.way_files.__wrapped__()


def test_the_plain_way_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the cases below spoil is itself well formed."""
    read(tmp_path, monkeypatch, {})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parts": [{"service": "iv_ketamine", "protocol": "ctk_best_2019"}]}, "may be chosen"),
        ({"parts": [{"service": "iv_ketamine", "protocol": "ketamine_im_2x"}]}, "may be chosen"),
        ({"parts": [{"service": "rtms", "protocol": "rtms_11hz"}]}, "may be chosen"),
        ({"parts": [*WAY["parts"], SAINT], "arrangement": "sequential"}, "without design defaults"),
        ({"known": [{"estimate": "a", "protocol": "b"}]}, "names one source"),
        ({"known": [{}]}, "names one source"),
        ({"known": [{"estimate": "nobody2020"}]}, "no estimate"),
        ({"known": [{"protocol": "saint", "outcome": "remision"}]}, "no outcome"),
        ({"score": 5}, "unknown field"),
        ({"onset": "soon"}, "Invalid"),
    ],
)
def test_a_wrong_way_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], message: str
) -> None:
    """An unsafe or missing protocol, a pair without its defaults, a number from nowhere, a score: each is refused."""
    with pytest.raises(KnowledgeError, match=message):
        read(tmp_path, monkeypatch, change)
