"""“Better together?” on the site: the answer, its choices, what cannot be known, and the way from each number to its rows."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from inconcert.evidence.synthesis.data.types import NetworkError, Scale
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.pair.answer import combine
from inconcert.evidence.synthesis.pair.forest import number_text
from inconcert.evidence.synthesis.pair.types import (
    Controls,
    DesignFilter,
    ForestRow,
    Interval,
    Lumping,
    Options,
    Outcome,
)
from inconcert.evidence.synthesis.pair.wishes import read_options
from inconcert.web import evidence_answer
from inconcert.web.evidence_fields import BY_NAME, FIELDS, other_than_usual, said_in, without_effect
from inconcert.web.permissions import ALLOWED, Action

DAY = date(2026, 11, 22)
ODD = {"lumping": "families", "outcome": "response"}


def page_of(town: Any, query: str = "", name: str = "evidence") -> str:
    """A page as a researcher sees it."""
    response = town.client("researcher").get(f"{reverse(name)}?{query}")
    assert response.status_code == 200
    return response.content.decode()


def plain(page: str) -> str:
    """What can be read on a page, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def lines_of(page: str) -> dict[str, str]:
    """The cells beside each comparison in the table of numbers, as markup."""
    table = page.split('class="table dense roomy numbers"', 1)[1].split("</table>", 1)[0]
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table, re.DOTALL)
    return {html.unescape(label.split("<div", 1)[0]): cells for label, cells in rows}


def test_the_first_line_is_what_to_take_away(town: Any) -> None:
    """The heading is the first sentence of the answer, and every other sentence stands below it."""
    page, today = page_of(town), evidence_answer.usual(DAY)
    answer = combine(today)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    assert heading is not None
    assert html.unescape(heading[1]) == answer.headline[0]
    assert page.count("<h1") == 1
    for sentence in answer.headline[1:]:
        assert sentence in html.unescape(page)


def test_each_number_stands_there_with_its_kind_and_leads_on(town: Any) -> None:
    """Every row that can be estimated has its number as a link, the kind of number, and how the studies are known."""
    answer, found = combine(evidence_answer.usual(DAY)), lines_of(page_of(town))
    assert set(found) == {row.label for row in answer.forest}
    for row in answer.forest:
        cells = found[row.label]
        assert row.text in cells
        assert f"{reverse('evidence_number')}?id=" in cells
        assert f"kind-{row.kind}" in cells
        assert "reading-re" in cells
        assert ("not all randomized" in cells) is not row.randomized


def number_address(row: ForestRow, query: str = "") -> str:
    """Where a number leads."""
    return f"{reverse('evidence_number')}?{urlencode({'id': row.id})}&{query}"


def test_every_number_is_traced_to_its_rows(town: Any) -> None:
    """The page of a number lists each row behind it with a link, its figure, its source and its mark."""
    client = town.client("researcher")
    answer = combine(evidence_answer.usual(DAY))
    assert any(row.estimate is not None for row in answer.forest)
    for row in answer.forest:
        page = client.get(number_address(row)).content.decode()
        assert row.text in page
        assert row.row_ids
        for row_id in row.row_ids:
            assert reverse("evidence_row", args=[row_id]) in page
        assert "reading reading-re" in page
    pair = next(row for row in answer.forest if row.id.startswith("observed/SHANOK2024"))
    said = plain(client.get(number_address(pair)).content.decode())
    assert "53 of 66 (80%)" in said
    assert "130 of 169 (77%)" in said


def test_a_number_that_cannot_be_estimated_is_nowhere(town: Any) -> None:
    """Under choices that do not give the interaction, its row has no digit, the picture no point, its own page no figure."""
    query = urlencode(ODD)
    client, answer = town.client("researcher"), combine(read_options(ODD, DAY))
    unknown = [row for row in answer.forest if row.estimate is None]
    assert any(row.id.startswith("interaction/") for row in unknown)
    found = lines_of(page_of(town, query))
    spec = client.get(f"{reverse('evidence_picture', args=['forest'])}?{query}").json()
    points = [
        point
        for panel in spec["vconcat"]
        for layer in panel["layer"]
        for point in layer["data"]["values"]
        if "label" in point
    ]
    for row in unknown:
        assert "cannot be estimated" in found[row.label]
        assert not re.search(r"\d", plain(found[row.label]))
        assert not any("at" in point or "low" in point for point in points if point["label"] == row.label)
        page = client.get(number_address(row, query)).content.decode()
        assert "cannot be estimated" in page
        assert "odds ratio" not in plain(page.split("<h1", 1)[1].replace(row.label, ""))
    assert answer.interaction.missing is not None
    for told in answer.interaction.missing.would_identify:
        assert told in plain(page_of(town, query))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("outcome", "joy"), ("week", "often"), ("week", "-1"), ("week", "nan"), ("week", "9e99"), ("design", "both"), ("measure", "MD"),
        ("measure", "<b>"), ("lumping", "all"), ("controls", "some"), ("interval", "wide"), ("tau", "zeta"), ("weight", "0"),
        ("weight", "1,5"), ("bias_sd", "-0.1"), ("recalled", "perhaps"), ("derived", "1"),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_said_beside_its_field_and_nothing_is_answered(town: Any, name: str, value: str) -> None:
    """Nobody gets the answer to another question: no number is shown, and picture and file say what is wrong."""
    query = urlencode({name: value})
    page = page_of(town, query)
    assert f'id="e-{name}"' in page
    assert re.search(rf'id="f-{name}"[^>]*aria-invalid="true"', page)
    assert "Mend:" in page
    assert "<b>" not in page
    assert "no randomized trial that could tell" not in page
    assert 'class="figure"' not in page
    client = town.client("researcher")
    for address in (reverse("evidence_picture", args=["forest"]), reverse("evidence_file", args=["forest.csv"])):
        response = client.get(f"{address}?{query}")
        assert response.status_code == 400
        assert "Mend:" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    ["week=300", "outcome=change", "outcome=change&measure=SMD&lumping=parts", "measure=RD", "controls=apart&lumping=parts",
     "design=rct&interval=hartung_knapp", "interval=normal&tau=pm&weight=0.25", "bias_sd=0.5&recalled=no&derived=no", "week=%00&q=",
     "as_of=1950-01-01", "as_of=never", "outcome=%F0%9F%90%88", "week=" + "9" * 500],
)  # fmt: skip
def test_no_choice_breaks_a_page(town: Any, query: str) -> None:
    """Whatever is asked, every page is a page, and where no study is left it says so."""
    for name in ("evidence", "evidence_studies"):
        page_of(town, query, name)
    client = town.client("researcher")
    for name in ("forest", "network", "reach"):
        response = client.get(f"{reverse('evidence_picture', args=[name])}?{query}&width=wide")
        assert response.status_code in (200, 400, 404)
    if query == "week=300":
        assert "No study is left under these choices" in page_of(town, query)


def test_the_address_holds_the_choice_and_the_page_says_what_is_not_usual(town: Any) -> None:
    """Each link keeps the choices, what was chosen otherwise is named, and one click leads back."""
    page = page_of(town, "lumping=families&week=4")
    assert "This is not the usual question" in page
    assert "told apart <strong>ketamine, esketamine, TMS</strong>" in page
    links = re.findall(r'(?:href|hx-get|data-spec)="(/evidence/[^"#]+)"', page)
    kept = [link for link in links if link != reverse("evidence")]
    assert len(kept) > 50
    assert all("lumping=families" in link and "week=" not in link for link in kept)
    assert "This is not the usual question" not in page_of(town, "week=4.0&lumping=broad&recalled=YES")
    assert '<option value="families" selected>' in page


def test_a_choice_that_changes_nothing_is_called_that(town: Any) -> None:
    """A weight beside randomized studies only, or a bias without exact Bayes, is not silently ignored."""
    assert without_effect(said_in({})) == {}
    assert set(without_effect(said_in({"design": "rct", "weight": "0.5"}))) == {"weight"}
    assert set(without_effect(said_in({"interval": "normal", "bias_sd": "1"}))) == {"bias_sd"}
    assert set(without_effect(said_in({"tau": "dl"}))) == {"tau"}
    page = page_of(town, "design=rct&weight=0.5")
    assert "Changes nothing: only randomized studies" in page
    assert "Weight if not randomized: changes nothing" in plain(page.split('id="choices"', 1)[0])


def test_choices_that_cannot_be_answered_together_are_said(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the synthesis refuses only on looking at the studies is a sentence on the page, not a fault."""

    def refuse(_: Options) -> None:
        raise NetworkError("these two do not go together. Mend: leave one out.")

    monkeypatch.setattr(evidence_answer, "answer_of", refuse)
    page = page_of(town)
    assert "these two do not go together. Mend: leave one out." in page
    assert "There is no answer to this choice" in page
    response = town.client("researcher").get(reverse("evidence_file", args=["forest.csv"]))
    assert (response.status_code, response.content) == (400, b"these two do not go together. Mend: leave one out.\n")


def test_the_form_offers_what_the_synthesis_knows() -> None:
    """The values of the form are those of the synthesis, and its defaults are the usual question."""
    kinds: dict[str, Any] = {
        "outcome": Outcome, "design": DesignFilter, "lumping": Lumping, "controls": Controls, "interval": Interval, "tau": TauMethod,
    }  # fmt: skip
    for name, kind in kinds.items():
        assert {value for value, _ in BY_NAME[name].choices} == set(kind)
    assert {value for value, _ in BY_NAME["measure"].choices} == {"", *Scale}
    assert read_options({field.name: field.default for field in FIELDS}, DAY) == Options(as_of=DAY)
    assert other_than_usual({field.name: field.default for field in FIELDS}) == {}


def test_a_day_before_a_study_leaves_it_out_and_is_shown(town: Any) -> None:
    """Asked as of an earlier year, later studies do not speak, and the page says for which day it answers."""
    page = page_of(town, "as_of=2020-06-30")
    assert "30-Jun-2020" in page
    assert "Shanok 2024:" not in plain(page.split('id="claims"', 1)[0])
    assert "not a day that exists" in page_of(town, "as_of=2026-02-30")


def test_an_answer_is_computed_once_and_not_kept_without_end(town: Any) -> None:
    """The second reader of a question gets the kept answer; the day and every choice are part of what it is kept by."""
    page_of(town, "week=5")
    before = evidence_answer.answer_of.cache_info()
    page_of(town, "week=5")
    after = evidence_answer.answer_of.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)
    page_of(town, "week=5&as_of=2025-01-01")
    page_of(town, "week=5&derived=no")
    assert evidence_answer.answer_of.cache_info().misses == after.misses + 2
    assert after.maxsize == evidence_answer.KEPT <= 64


def test_what_was_not_randomized_is_let_in_step_by_step(town: Any) -> None:
    """Each weight and bias has its interaction in the table, none where it cannot be estimated, and no section where nothing is let in."""
    answer = combine(evidence_answer.usual(DAY))
    page = page_of(town)
    section = plain(page.split('id="let-in"', 1)[1].split("</section>", 1)[0])
    assert answer.let_in
    for point in answer.let_in:
        if point.estimate is not None and point.lower is not None and point.upper is not None:
            assert number_text(answer.network.scale, point.estimate, point.lower, point.upper) in section
    assert {point.weight for point in answer.let_in if point.estimate is None} == {0.0}
    assert section.count("cannot be estimated") == len({point.bias_sd for point in answer.let_in})
    assert 'id="let-in"' not in page_of(town, "design=rct")


def test_whoever_sees_the_library_is_led_there(town: Any) -> None:
    """The menu has the page for each role that may see the library."""
    for role, actions in ALLOWED.items():
        page = town.client(role.value).get(reverse("mfa_index"), follow=True).content.decode()
        assert (f'href="{reverse("evidence")}"' in page) is (Action.SEE_KNOWLEDGE in actions)


def test_grade_claims_trials_and_what_was_left_out_are_all_there(town: Any) -> None:
    """Each reason of each certainty, each claim with its verdict, each trial and each row left out stands on the page."""
    answer, said = combine(evidence_answer.usual(DAY)), plain(page_of(town))
    for certainty in answer.certainty.values():
        for down in certainty.downgrades:
            assert down.text in said
            assert down.rule_id in said
        for open_question in certainty.undecided:
            assert open_question.question in said
    for claim in answer.claims:
        assert claim.claim in said
        assert claim.why in said
    for plan in answer.trials:
        assert f"{plan.per_arm} in each of" in said
    for out in answer.excluded:
        assert out.why in said
    for sentence in (*answer.methods, *answer.assumptions):
        assert " ".join(sentence.split()) in said
