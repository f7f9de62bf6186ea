"""The studies behind the answer on the pair: the list, a study, a row."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.urls import reverse

from inconcert.judgement import Reading
from inconcert.knowledge.studies import study_tables
from inconcert.web import evidence_answer
from inconcert.web.study_shown import row_of, rows_of, shown_studies
from inconcert.web.templatetags import inconcert as tags


def listed(town: Any, query: str = "") -> set[str]:
    """Ids of the studies that the list shows."""
    page = town.client("researcher").get(f"{reverse('evidence_studies')}?{query}").content.decode()
    return set(re.findall(r'<th scope="row"><a href="/evidence/studies/([^/]+)/', page))


def test_the_list_holds_every_study(town: Any) -> None:
    """Nothing of the tables is left out of the list."""
    assert listed(town) == set(study_tables().studies)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("shanok", {"SHANOK2024"}),
        ("SHANOK 2024", {"SHANOK2024"}),
        ("deep tms ketamine", {"SHANOK2024"}),
        ("nobody-of-that-name", set()),
    ],
)
def test_the_list_is_searched_by_words(town: Any, words: str, expected: set[str]) -> None:
    """Every word has to be somewhere in the study; where none fits the page says what to do."""
    found = listed(town, f"q={words.replace(' ', '+')}")
    assert expected <= found
    assert bool(found) is bool(expected)
    assert len(found) < len(study_tables().studies)


def test_the_list_tells_what_entered_and_why_the_rest_did_not(town: Any, today: Any) -> None:
    """Used and not used make up all studies; each that was not used says why."""
    answer = evidence_answer.answer_of(evidence_answer.usual(today))
    used = {study.study for study in answer.network.studies}
    assert listed(town, "use=used") == used
    assert listed(town, "use=left_out") == set(study_tables().studies) - used
    uses = evidence_answer.use_of(answer)
    for study_id in set(study_tables().studies) - used:
        assert uses[study_id][1], study_id
    assert listed(town, "use=used&design=rct") < used


def test_htmx_gets_the_table_alone(town: Any) -> None:
    """While somebody types, only the table is sent."""
    page = town.client("researcher").get(reverse("evidence_studies") + "?q=shanok", headers={"HX-Request": "true"})
    assert "<html" not in page.content.decode()
    assert "1 of" in page.content.decode()


@pytest.mark.parametrize("study_id", sorted(study_tables().studies))
def test_a_study_s_page_holds_every_row_of_it(town: Any, study_id: str) -> None:
    """Every row of the tables stands on its study's page with its mark; so do doubts."""
    tables = study_tables()
    page = town.client("researcher").get(reverse("evidence_study", args=[study_id])).content.decode()
    own = [row_id for row_id, row in tables.outcomes.items() if row.study_id == study_id]
    own += [row.row_id for row in tables.contrasts if row.study_id == study_id]
    assert [row.row_id for row in rows_of(study_id)] == own
    assert page.count("<tr id=") == len(own)
    for row in rows_of(study_id):
        assert reverse("evidence_row", args=[row.row_id]) in page
    ids = {study_id, *own, *(f"{study_id}/{arm.arm_id}" for arm in tables.arms_of(study_id))}
    for doubt in (doubt for doubt in tables.doubts if ids & set(doubt.rows)):
        assert doubt.doubt in html.unescape(page)
    for change in (change for change in tables.corrections if ids & set(change.rows)):
        assert change.why in html.unescape(page)


def test_a_row_keeps_the_weakest_mark_and_a_blank_is_no_zero() -> None:
    """A figure over a number from memory is recalled; a count that was not seen is said and never invented."""
    tables = study_tables()
    seen = 0
    for row_id, row in tables.outcomes.items():
        shown = row_of(row_id)
        assert shown is not None
        assert shown.status == row.weakest.value
        assert (shown.kind == "modelled") is bool(row.derived)
        if row.n is None:
            seen += 1
            assert "not seen" in shown.people
        if row.n_status is Reading.RECALLED:
            assert "from memory" in shown.people
    assert seen


def test_every_row_that_is_named_anywhere_can_be_opened(today: Any) -> None:
    """No link of the page leads nowhere: rows behind numbers, rows left out, rows of claims, rows in doubt."""
    tables = study_tables()
    answer = evidence_answer.answer_of(evidence_answer.usual(today))
    named = {row_id for row in answer.forest for row_id in row.row_ids}
    named |= {row_id for out in answer.excluded for row_id in (*out.row_ids, out.study)}
    named |= {row_id for claim in answer.claims for row_id in claim.row_ids}
    arms = {"/".join(key) for key in tables.arms}  # a doubt of an arm stands on the study's page
    named |= {row_id for doubt in tables.doubts for row_id in doubt.rows} - arms
    named |= {row_id for found in answer.certainty.values() for down in found.downgrades for row_id in down.row_ids}
    assert len(named) > 100
    assert [row_id for row_id in named if row_id not in tables.studies and row_of(row_id) is None] == []


def test_a_row_shows_its_figure_source_and_doubt(town: Any) -> None:
    """One row whole: what was counted, where, how it is known, and what is doubted of it."""
    client = town.client("researcher")
    page = client.get(reverse("evidence_row", args=["SHANOK2024/comb/PHQ9/63/response"])).content.decode()
    assert "53 of 66 (80%)" in page
    assert "reading-read" in page
    assert "Numbers it stands behind" in page
    assert "/evidence/number/?id=interaction" in page
    doubted = next(doubt for doubt in study_tables().doubts if doubt.use == "leave_out")
    page = client.get(reverse("evidence_row", args=[doubted.rows[0]])).content.decode()
    assert "It enters no pooled number." in page
    assert "Pooled estimate" in client.get(reverse("evidence_row", args=["meta/senova2019_m12"])).content.decode()


@pytest.mark.parametrize(
    "address", ["studies/NOBODY1999/", "row/NOBODY1999/x/y/1/z", "row/meta/none", "row/parameter/"]
)
def test_what_is_not_there_is_not_found(town: Any, address: str) -> None:
    """A study or row that does not exist has no page."""
    assert town.client("researcher").get(f"{reverse('evidence')}{address}").status_code == 404


@pytest.mark.parametrize(
    ("ref", "address"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("10.1016/j.brs.2019.01.001", "https://doi.org/10.1016/j.brs.2019.01.001"),
        ("NCT04352621", "https://clinicaltrials.gov/study/NCT04352621"),
        ("Best 2015, not seen", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_a_source_leads_to_where_it_stands(ref: str, address: str) -> None:
    """An address, a DOI or a registration becomes a link; a citation in words does not, nor anything else."""
    assert tags.source_address(ref) == address


def test_a_small_share_is_not_nothing() -> None:
    """A share below one percent is called that, and none at all is blank."""
    assert [tags.percent(share) for share in (0.62, 0.004, 0.0, None, 1.0)] == ["62%", "under 1%", "", "", "100%"]


def test_a_search_finds_what_an_arm_was_given() -> None:
    """Words of a search are looked for in authors, designs, people, registrations and in what each group got."""
    tables = study_tables()
    for shown in shown_studies():
        for arm in tables.arms_of(shown.study.study_id):
            assert arm.label.replace("_", " ").casefold() in shown.words
