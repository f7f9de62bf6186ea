"""The payer desk in a real browser: what somebody from authorization does on a morning."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from inconcert.payers.authorization import AuthorizationState
from support.watched import Watched, grave, overflow, reach

pytestmark = pytest.mark.web


def open_request(site: Watched, name: str) -> None:
    """From the queue to one person's request."""
    site.page.goto(f"{site.url}/desk/")
    site.page.get_by_role("link", name=re.compile(name, re.IGNORECASE)).first.click()
    expect(site.page.get_by_role("heading", name="Deadlines")).to_be_visible()


def test_the_queue_is_read_from_the_most_pressing_down(site: Watched) -> None:
    """Overdue stands first, every state is there, an unknown deadline names its question; the queue narrows as one types."""
    site.sign_in("authorization")
    site.page.get_by_role("link", name="Payer desk").click()
    heads = [text.split()[0] for text in site.page.locator(".lane-head th").all_inner_texts()]
    assert heads == ["Overdue", "Due", "Waiting", "Deadline", "Waiting", "Approved,", "Over"]
    states = set(site.page.locator(".desk .state").all_inner_texts())
    assert states >= {state.value for state in AuthorizationState}
    expect(site.page.get_by_text("What kind of plan is it").first).to_be_visible()
    site.shot("desk")
    rows = site.page.locator(".desk tbody tr:not(.lane-head)")
    everyone = rows.count()
    site.page.get_by_label("Search").press_sequentially("copperk", delay=20)
    expect(rows).to_have_count(1)
    site.page.get_by_label("Search").fill("nobody of that name")
    expect(site.page.get_by_text("Nothing stands here")).to_be_visible()
    site.page.get_by_label("Search").fill("")
    expect(rows).to_have_count(everyone)
    site.page.get_by_role("link", name=re.compile("overdue")).click()
    assert 0 < rows.count() < everyone


def test_one_request_shows_deadline_units_timeline_and_history(site: Watched) -> None:
    """An approval that runs out: the warning, the bar, what is not known, the picture, and the corrected entry beside the old one."""
    site.sign_in("psychiatrist")
    open_request(site, "Copperkettle")
    expect(site.page.get_by_role("note").first).to_contain_text("sessions left")
    expect(site.page.get_by_text("at least 32 of 36 sessions used")).to_be_visible()
    expect(site.page.get_by_text("Are all treatments given under this approval in the chart?")).to_be_visible()
    assert site.page.locator(".timeline rect.bar").count() >= 3
    expect(site.page.get_by_text("corrected by entry 4")).to_be_visible()
    site.page.locator(".deadline").first.get_by_text("Rule and source").click()
    expect(site.page.locator(".deadline").first.get_by_text("the payer's own words")).to_be_visible()
    site.shot("authorization", full=True)


def test_a_refusal_is_written_down_and_shown_again_before(site: Watched) -> None:
    """From the form to the confirmation to the history: the state, and the day until which an appeal can be filed, change with it."""
    site.sign_in("authorization")
    open_request(site, "Hearthstone")
    site.page.get_by_role("link", name="The payer refused").click()
    site.page.get_by_label("Reason").fill("The trials shown were too short.")
    site.page.get_by_label("Date on the notice").fill(site.page.get_by_label("Day it happened").input_value())
    site.shot("authorization-form")
    site.page.get_by_role("button", name="Look at it once more").click()
    expect(site.page.get_by_role("heading", name="Write this down?")).to_be_visible()
    expect(site.page.locator(".confirm")).to_contain_text("We appeal")
    site.shot("authorization-confirm")
    site.page.get_by_role("button", name="Yes, write it down").click()
    expect(site.page.get_by_role("status")).to_contain_text("Written down")
    expect(site.page.locator(".answer-state .state").first).to_have_text("denied")
    open_request(site, "Hearthstone")
    assert site.page.get_by_text("Refused by the payer").count() == 1


def test_what_is_missing_is_asked_for_by_the_browser_itself(site: Watched) -> None:
    """A form without what a move needs is not even sent."""
    site.sign_in("authorization")
    open_request(site, "Quillfeather")
    site.page.get_by_role("link", name="The payer approved").click()
    site.page.get_by_role("button", name="Look at it once more").click()
    assert site.page.locator("input:invalid").count() >= 3
    expect(site.page.get_by_role("heading", level=1)).to_have_text("The payer approved")


def test_a_request_is_started_from_the_patients_page(site: Watched) -> None:
    """From the four answers to a request that stands in the queue as a draft."""
    site.sign_in("authorization")
    site.open_patient("Skylark")
    site.page.get_by_role("link", name="Start a payer request").click()
    site.page.get_by_label("Treatment asked for").select_option("esketamine")
    site.page.get_by_role("button", name="Write it down").click()
    expect(site.page.locator(".answer-state .state").first).to_have_text("draft")
    site.page.goto(f"{site.url}/desk/?state=draft")
    expect(site.page.get_by_role("link", name=re.compile("Skylark", re.IGNORECASE))).to_be_visible()


@pytest.mark.parametrize("who", ["nurse", "operator"])
def test_whoever_gives_treatment_reads_and_does_not_write(site: Watched, who: str) -> None:
    """A nurse and an operator see the units left, and no form."""
    site.sign_in(who)
    open_request(site, "Copperkettle")
    expect(site.page.get_by_text("Your role sees this page and writes nothing here.")).to_be_visible()
    assert site.page.locator("main form[method=post]").count() == 0


def test_the_desk_can_be_used_by_everyone(site: Watched) -> None:
    """On no page of the desk and of the policy browser does axe find anything serious or critical; none scrolls sideways on a phone."""
    site.sign_in("authorization")
    open_request(site, "Stargazer")
    request = site.page.url.removeprefix(f"{site.url}/")
    addresses = [
        "desk/", "desk/?q=nobody", "desk/settings/", request, f"{request}do/pend/", f"{request}do/approve/", f"{request}do/detail/",
        "library/policies/", "library/policies/?on=2016-01-01", "library/policies/compare/",
        "library/policies/compare/?a=centene-tms-2018&b=centene-ambetter-tms",
    ]  # fmt: skip
    found, wide = {}, {}
    for address in addresses:
        site.page.set_viewport_size({"width": 1280, "height": 860})
        site.page.goto(f"{site.url}/{address}")
        site.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        found[address] = grave(site.page)
        site.page.set_viewport_size({"width": 390, "height": 844})
        wide[address] = overflow(site.page)
        assert site.refused() == [], address
    assert {k: v for k, v in found.items() if v} == {}
    assert {k: v for k, v in wide.items() if v > 0} == {}


def test_two_policies_are_compared(site: Watched) -> None:
    """Two are chosen, the changes are listed, and whose answer changes with them."""
    site.sign_in("authorization")
    site.page.goto(f"{site.url}/library/policies/")
    site.shot("policies")
    site.page.get_by_role("link", name="Compare two").click()
    site.page.get_by_label("From").select_option("centene-tms-2018")
    site.page.get_by_label("To", exact=True).select_option("centene-ambetter-tms")
    site.page.get_by_label("and whose answer changes").check()
    site.page.get_by_role("button", name="Compare").click()
    expect(site.page.get_by_role("heading", name="Whose answer changes")).to_be_visible()
    expect(site.page.get_by_role("region", name="What changed")).to_contain_text("at least 15")
    site.shot("policy-compare")


def test_the_way_through_the_desk_needs_no_mouse(site: Watched) -> None:
    """Open a request, choose what happened, fill the form and cancel, with the keyboard alone; focus is always seen."""
    page = site.page
    site.sign_in("authorization")
    page.goto(f"{site.url}/desk/?q=stargazer")
    reach(page, "document.activeElement.closest('table.desk tbody a') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/desk/[0-9a-f-]{36}/$"))
    reach(page, "document.activeElement.closest('.moves a') !== null")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/do/"))
    reach(page, "document.activeElement.matches('form.entry-form button[type=submit]')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/desk/[0-9a-f-]{36}/$"))


def test_without_scripts_the_desk_works(browser: Browser, demo: Any) -> None:
    """Filter the queue, open a request and write a note down where scripts are switched off."""
    context = browser.new_context(java_script_enabled=False)
    page: Page = context.new_page()
    site = Watched(page, demo.url)
    site.sign_in("authorization")
    page.goto(f"{demo.url}/desk/")
    page.get_by_label("Search").fill("inkwell")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name=re.compile("Inkwell", re.IGNORECASE)).click()
    page.get_by_role("link", name="Add a note").click()
    page.get_by_label("What was done or said").fill("Called; no decision yet.")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("Called; no decision yet.")).to_be_visible()
    context.close()
