"""Code systems by name."""

from __future__ import annotations

from inconcert.record import CodeSystem


def test_a_code_system_is_its_address() -> None:
    """A system compares equal to the address a chart writes, so codes can be matched as text."""
    assert CodeSystem.SNOMED == "http://snomed.info/sct"
    assert len({system.value for system in CodeSystem}) == len(CodeSystem)
