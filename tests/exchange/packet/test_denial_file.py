"""The file of a refusal: small, checked, and clear about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from inconcert.exchange.packet import read_denial
from inconcert.knowledge.strict_yaml import KnowledgeError


def test_a_refusal_is_read_from_its_file(tmp_path: Path) -> None:
    """Criterion, reason, day and reference; a day that does not exist is refused with its line."""
    path = tmp_path / "denial.yaml"
    path.write_text("criterion: age\nreason: too young\ndate: '2026-11-10'\nreference: A-17\n", encoding="utf-8")
    told = read_denial(path)
    assert (told.criterion, told.reason, str(told.on), told.reference) == ("age", "too young", "2026-11-10", "A-17")
    path.write_text("criterion: age\ndate: '2026-02-30'\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"denial\.yaml:2: '2026-02-30' is not a day"):
        read_denial(path)
    path.write_text(f"reason: {'x' * 2001}\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="longer than 2000"):
        read_denial(path)
