"""“Better together?” in a real browser: drawn, read by everyone, asked otherwise by keyboard, on a phone and on paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from support.watched import Watched, grave, overflow, reach

pytestmark = pytest.mark.web
ANOTHER_PAGES = (
    "evidence/?week=often&outcome=joy", "evidence/?design=rct", "evidence/number/?id=alone%2FTMS", "evidence/studies/",
    "evidence/studies/SHANOK2024/", "evidence/row/SHANOK2024/comb/PHQ9/63/response",
)  # fmt: skip
SECONDS = 120_000  # every way of asking takes seconds, and each worker does it once


def whole(site: Watched) -> None:
    """Wait until every picture is drawn and every way of asking has come."""
    site.page.locator("#every-way .picture.drawn svg").wait_for(timeout=SECONDS)
    for name in ("forest", "network", "reach", "let_in"):
        site.page.locator(f'.picture.drawn[data-spec*="/{name}.json"] svg').wait_for()


def test_from_the_menu_to_the_rows_of_a_number(site: Watched) -> None:
    """The menu leads to the answer; its pictures are drawn; a number leads to its studies, and one of those to a row."""
    site.sign_in("psychiatrist")
    site.page.get_by_role("link", name="Better together?").click()
    expect(site.page.get_by_role("heading", level=1)).to_contain_text("ketamine")
    whole(site)
    site.page.set_viewport_size({"width": 1280, "height": 1400})
    site.shot("evidence")
    assert "against" in (site.page.get_by_role("img").first.get_attribute("aria-label") or "")
    site.page.locator(".group-interaction a.figure").click()
    expect(site.page.get_by_role("heading", name="The studies it is made of")).to_be_visible()
    site.page.get_by_role("region", name="SHANOK2024").get_by_role(
        "link", name="SHANOK2024/comb/PHQ9/63/response", exact=True
    ).click()
    expect(site.page.get_by_text("53 of 66 (80%)")).to_be_visible()


def test_every_page_of_the_evidence_can_be_used_by_everyone(site: Watched) -> None:
    """With everything unfolded axe finds nothing serious or critical, and the content policy stops nothing."""
    site.sign_in("researcher")
    site.page.goto(f"{site.url}/evidence/")
    whole(site)
    site.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = {"evidence": grave(site.page)}
    assert site.refused() == []
    for address in ANOTHER_PAGES:
        site.page.goto(f"{site.url}/{address}")
        found[address] = grave(site.page)
    assert {k: v for k, v in found.items() if v} == {}


def test_the_choices_need_no_mouse(site: Watched) -> None:
    """By keyboard alone the choices are unfolded, one is changed and asked; the page says what is not usual."""
    site.sign_in("researcher")
    page = site.page
    page.goto(f"{site.url}/evidence/")
    reach(page, "document.activeElement.matches('#choices > summary')")
    page.keyboard.press("Enter")
    reach(page, "document.activeElement.id === 'f-week'")
    page.keyboard.press("Control+a")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("week=6"))
    expect(page.get_by_role("note").first).to_contain_text("week 6")


def test_on_a_phone_nothing_is_cut_off(site: Watched) -> None:
    """At 390 pixels no page scrolls sideways, and the forest fits with its words in lines."""
    site.sign_in("researcher")
    site.page.set_viewport_size({"width": 390, "height": 844})
    site.page.goto(f"{site.url}/evidence/")
    whole(site)
    assert overflow(site.page) <= 0
    frame = site.page.locator('.picture[data-spec*="/forest.json"]')
    drawn = frame.locator("svg").bounding_box()
    around = frame.bounding_box()
    assert drawn is not None
    assert around is not None
    assert drawn["width"] <= around["width"] + 1
    for address in ANOTHER_PAGES:
        site.page.goto(f"{site.url}/{address}")
        assert overflow(site.page) <= 0, address


def test_on_paper_the_answer_has_its_numbers_and_no_form(site: Watched) -> None:
    """Printed, the page has the first line, what was asked, and the table; no menu, no form, no files."""
    site.sign_in("researcher")
    site.page.goto(f"{site.url}/evidence/")
    site.page.emulate_media(media="print")
    expect(site.page.get_by_role("heading", level=1)).to_be_visible()
    expect(site.page.get_by_text("Asked:", exact=False).first).to_be_visible()
    expect(site.page.locator("table.numbers")).to_be_visible()
    for hidden in (".topbar", "#choices", "#files"):
        expect(site.page.locator(hidden)).to_be_hidden()


def test_without_scripts_the_numbers_and_every_way_can_be_read(browser: Browser, demo: Any) -> None:
    """The table of numbers stands there, and a link leads to every way of asking on a page of its own."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    Watched(page, demo.url).sign_in("researcher")
    page.goto(f"{demo.url}/evidence/")
    expect(page.get_by_role("region", name="The numbers")).to_contain_text("odds ratio")
    page.set_default_timeout(SECONDS)
    page.get_by_role("link", name="Show it on a page of its own").click(timeout=SECONDS)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Asked in every way", timeout=SECONDS)
    expect(page.get_by_text("give an interaction").first).to_be_visible()
    context.close()


def test_the_list_of_studies_is_searched_as_one_types(site: Watched) -> None:
    """Typing a name leaves that study; the choices of the question are kept."""
    site.sign_in("researcher")
    site.page.goto(f"{site.url}/evidence/studies/?lumping=families")
    rows = site.page.locator("table.study-list tbody tr")
    everything = rows.count()
    site.page.get_by_label("Search").press_sequentially("shanok", delay=20)
    expect(rows).to_have_count(1)
    assert everything > 50
    link = rows.locator("a").first.get_attribute("href") or ""
    assert "lumping=families" in link
