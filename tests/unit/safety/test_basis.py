"""What a finding of the screen stands on, and the rates shown beside it."""

from __future__ import annotations

from datetime import date

from inconcert.safety import Arm, rates_to_show, screen
from support.factories import make_person
from support.safe_person import DAY

AS_OF = date.fromisoformat(DAY)


def test_rates_follow_the_coil() -> None:
    """An H-coil shows 2.77 to 9.95 per 1000, a figure-8 coil 0.01 to 0.51, never one for the other."""
    by_arm = {a: {r.shown for r in rates_to_show(a) if r.unit == "per 1000 people"} for a in (Arm.TMS, Arm.DEEP_TMS)}
    assert by_arm == {Arm.TMS: {"0.01 to 0.51 per 1000 people"}, Arm.DEEP_TMS: {"2.77 to 9.95 per 1000 people"}}


def test_each_finding_names_rule_and_source() -> None:
    """No finding stands without its rule's words and a source."""
    for found in screen(make_person(), None, AS_OF).findings:
        basis = found.judgement.basis
        assert basis.rule_text
        assert basis.sources
        assert basis.as_of == AS_OF
