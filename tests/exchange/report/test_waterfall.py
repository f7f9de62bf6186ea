"""The waterfall of a policy: everybody stands in every bar, and what the bars say is what was counted."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from inconcert.exchange.report.waterfall import waterfall_alt, waterfall_spec, waterfall_svg
from inconcert.population.cover import CriterionCover, PolicyCover

DAY = date(2026, 11, 22)


def made(*criteria: tuple[int, int], alternatives: bool) -> PolicyCover:
    """A policy of 100 people whose criteria leave so many and are sure for so many."""
    return PolicyCover(
        policy_id="p", payer="Payer", title="t", service="rtms", stage="initial", people=100, met=criteria[-1][1],
        not_met=100 - criteria[-1][0], unknown=criteria[-1][0] - criteria[-1][1], in_force=None, alternatives=alternatives,
        criteria=tuple(
            CriterionCover(path=str(n), text=f"number {n}", met=0, not_met=0, unknown=0, left=left, sure=sure)
            for n, (left, sure) in enumerate(criteria, start=1)
        ),
    )  # fmt: skip


def bars(cover: PolicyCover) -> dict[str, dict[str, int]]:
    """The people of each bar by their state."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in waterfall_spec(cover, as_of=DAY, invented=True)["data"]["values"]:
        found[row["criterion"]][row["state"]] = row["people"]
    return found


def test_criteria_that_must_all_hold_leave_fewer_from_bar_to_bar() -> None:
    """Each bar is met, open, refused here and refused before, and holds everybody."""
    found = bars(made((80, 50), (30, 20), alternatives=False))
    assert found["1. number 1"] == {"met so far": 50, "open so far": 30, "refused here": 20, "refused before": 0}
    assert found["2. number 2"] == {"met so far": 20, "open so far": 10, "refused here": 50, "refused before": 20}


def test_ways_of_which_one_is_enough_let_in_more_from_bar_to_bar() -> None:
    """Each bar is met earlier, met by this way, open, and refused by every way so far, and holds everybody."""
    cover = made((40, 10), (90, 35), alternatives=True)
    found = bars(cover)
    assert found["1. number 1"] == {
        "met by an earlier way": 0, "met by this way": 10, "open so far": 30, "refused by every way so far": 60,
    }  # fmt: skip
    assert found["2. number 2"] == {
        "met by an earlier way": 10, "met by this way": 25, "open so far": 55, "refused by every way so far": 10,
    }  # fmt: skip
    assert all(sum(bar.values()) == cover.people for bar in found.values())


def test_the_words_say_which_of_the_two_it_is() -> None:
    """Title, legend and the picture in words tell ways from criteria; the picture is drawn with its legend."""
    ways, criteria = made((40, 10), (90, 35), alternatives=True), made((80, 50), (30, 20), alternatives=False)
    assert waterfall_alt(ways).endswith("any way is enough: after way 1 10 met, 30 open; after way 2 35 met, 55 open.")
    assert waterfall_alt(criteria).endswith("after 1 80 left, 50 of them sure; after 2 30 left, 20 of them sure.")
    assert "by each way" in waterfall_spec(ways, as_of=DAY, invented=True)["title"]["text"]
    assert "through the criteria" in waterfall_spec(criteria, as_of=DAY, invented=False)["title"]["text"]
    assert "refused by every way so far" in waterfall_svg(ways, as_of=DAY, invented=True)
