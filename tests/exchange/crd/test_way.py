"""A refused card says what would turn the answer and by when, as the search has it; no other card does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from inconcert.exchange.crd import parse
from inconcert.exchange.crd.findings import find
from inconcert.exchange.crd.way import way_lines
from inconcert.judgement import Answer, Question
from inconcert.knowledge.order_codes import order_kinds
from inconcert.payers.types import Determination, Route, Step
from support.crd_calls import ESKETAMINE_ORDER, TMS_ORDER, call

Json = dict[str, Any]
DAY = date(2026, 11, 22)
HEADING = "### What would change it"


def test_a_refused_card_says_the_earliest_day_and_what_to_do(
    charts: dict[str, Json], answer: Callable[[Json], Json]
) -> None:
    """One trial is missing: the card names the day six weeks on, the drugs still possible, and why a trial is begun."""
    (card,) = [
        c for c in answer(call(charts["one-trial-short-attested"], TMS_ORDER))["cards"] if "not met" in c["summary"]
    ]
    said = card["detail"].partition(HEADING)[2]
    assert (
        "**From 2027-01-03 at the earliest (6 weeks from today), if it is so by then: criteria could read as met.**"
        in said
    )
    assert "One further trial of 6 weeks at an adequate dose" in said
    assert "venlafaxine from 150 mg a day" in said
    assert "A trial is begun because it may help, not to satisfy a payer." in said


def test_every_refused_card_and_no_other_holds_what_the_search_found(
    charts: dict[str, Json], answer: Callable[[Json], Json]
) -> None:
    """For everybody of the clinic and both orders: the day on the card is that of the first route of the whole chart's answer."""
    refused = dated = 0
    for bundle in charts.values():
        request = call(bundle, TMS_ORDER, ESKETAMINE_ORDER)
        cards = [c for c in answer(request)["cards"] if "links" in c]
        found = find(parse(_bytes(request), "order-sign"), DAY, order_kinds())
        each = [a.determination for f in found.findings for under in f.plans for a in under.answers]
        assert len(each) == len(cards)
        for determination, card in zip(each, cards, strict=True):
            if determination.answer is not Answer.NOT_MET:
                assert HEADING not in card["detail"]
                continue
            refused += 1
            said = card["detail"].partition(HEADING)[2]
            if not determination.routes:
                assert "No set of up to three facts" in said
            elif determination.routes[0].weeks > 0:
                dated += 1
                assert f"**From {determination.routes[0].earliest} at the earliest" in said
    assert refused > 8
    assert dated > 2


def test_what_stays_open_what_is_pointless_and_what_comes_first_are_said() -> None:
    """A refusal that can only be lifted says so with its questions; warnings stand before and beside the steps; text is no markup."""
    step = Step(
        id="x", text="Wait *here* <b>", kind="time", settles=(), caution="First things first.", document="the note", whom="the ward",
        pointless="It has been tried.",
    )  # fmt: skip
    route = Route(
        steps=(step,), earliest=date(2026, 11, 29), weeks=1.0, caution="Act on the risk.", reaches=Answer.UNKNOWN,
        pointless="It has been tried.", still_open=tuple(Question(f"q{n}", f"Question {n}?", "x") for n in range(4)),
    )  # fmt: skip
    lines = way_lines(_with((route, route)))
    text = "\n".join(lines)
    assert (
        "**From 2026-11-29 at the earliest (1 week from today), if it is so by then: no longer refused, and not yet met.**"
        in text
    )
    assert text.index("**First: Act on the risk.**") < text.index("Wait")
    assert "Wait \\*here\\* \\<b\\> Get: the note (from the ward)." in text
    assert "**Pointless for this person:** It has been tried. **Caution:** First things first." in text
    assert len(re.findall("It has been tried", text)) == 1
    assert "Question 2?; and 1 more." in text
    assert "Question 3" not in text
    assert "There is 1 other way." in text


def test_a_way_that_waits_for_nothing_names_no_day() -> None:
    """A paper that is missing can be there today: no day and no number of weeks is said."""
    step = Step(id="x", text="Get it.", kind="document", settles=())
    text = "\n".join(way_lines(_with((Route(steps=(step,), earliest=DAY),))))
    assert "**Once this is on record: criteria could read as met.**" in text
    assert "earliest" not in text


def _with(routes: tuple[Route, ...]) -> Determination:
    return Determination.when_read({}, routes=routes)


def _bytes(request: Json) -> bytes:
    return json.dumps(request).encode()
