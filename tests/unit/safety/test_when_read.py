"""The screen that judges each item when it is read says what the whole screen says."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inconcert.exchange.fhir import read_bytes
from inconcert.knowledge.safety import safety_items
from inconcert.record import Person
from inconcert.safety import Arm, ScreenWhenRead, screen, when_read
from inconcert.staging.rebuild import rebuild_trials
from inconcert.staging.types import TrialHistory
from inconcert.synthetic import clinic
from support.drawn_people import people
from support.factories import day

DAY = day("2026-11-22").earliest


def both(person: Person, as_of: date) -> tuple[object, ScreenWhenRead]:
    """The whole screen and the one that waits."""
    history = rebuild_trials(person, as_of)
    return screen(person, history, as_of), ScreenWhenRead(person, lambda: history, as_of)


@settings(max_examples=60, deadline=None)
@given(people(), st.permutations(sorted(safety_items())), st.sampled_from(["2026-11-22", "2025-06-01", "2028-01-01"]))
def test_each_item_is_found_as_in_the_whole_screen_in_whatever_order(
    person: Person, order: list[str], as_of: str
) -> None:
    """Every item, asked for alone and in any order, has the answer, text, records and question of the whole screen."""
    on = day(as_of).earliest
    history = rebuild_trials(person, on)
    whole = screen(person, history, on)
    waiting = ScreenWhenRead(person, lambda: history, on)
    for item in order:
        assert waiting.finding(item) == whole.finding(item)
    assert waiting.suicide_risk == whole.suicide_risk
    assert [waiting.clearance(arm) for arm in Arm] == [whole.clearance(arm) for arm in Arm]
    assert waiting.findings == whole.findings


@pytest.mark.parametrize("name", sorted(clinic()))
def test_everybody_of_the_clinic_is_screened_alike(name: str) -> None:
    """Each invented person's screen is the same whether it was made whole or piece by piece, with drugs, implants and forms."""
    reading = read_bytes(json.dumps(clinic()[name]).encode(), name, as_of=DAY)
    for person in reading.people:
        whole, waiting = both(person, DAY)
        assert waiting == whole
        assert whole == waiting
        assert hash(waiting) == hash(both(person, DAY)[1])


def test_two_screens_that_differ_are_not_equal() -> None:
    """Equality is of what is said: another person's screen is another."""
    first, second = (
        read_bytes(json.dumps(clinic()[n]).encode(), n, as_of=DAY).people[0] for n in ("aneurysm", "cannot-wait")
    )
    assert both(first, DAY)[1] != both(second, DAY)[0]
    assert both(first, DAY)[1] != "a screen"


def test_what_nobody_reads_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading one item judges that item alone, once; neither trials nor the suicide screen are worked out for it."""
    judged: list[str] = []
    real = when_read.judge_item

    def noting(item, *rest, **more):  # type: ignore[no-untyped-def] # passes on whatever it is given
        judged.append(item.id)
        return real(item, *rest, **more)

    def never(*_: object) -> TrialHistory:
        raise AssertionError("worked out for nobody")

    monkeypatch.setattr(when_read, "judge_item", noting)
    monkeypatch.setattr(when_read, "assess_suicide", never)
    name = next(i.id for i in safety_items().values() if i.test == "record" and i.id != "bipolar")
    waiting = ScreenWhenRead(Person(id="p"), never, DAY)
    assert judged == []
    assert waiting.finding(name) is waiting.finding(name)
    assert judged == [name]


def test_a_word_that_no_screen_knows_is_an_error() -> None:
    """An item that there is not is None; a field that there is not is an error and never silence."""
    waiting = ScreenWhenRead(Person(id="p"), lambda: None, DAY)
    assert waiting.finding("no-such-item") is None
    assert screen(Person(id="p"), None, DAY).finding("no-such-item") is None
    with pytest.raises(AttributeError, match="clearence"):
        waiting.clearence  # type: ignore[attr-defined] # noqa: B018 - reading it is the test
