"""The site in a real browser, against a demonstration that really runs: what a person does in the clinic."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from inconcert.web.demo import LOCAL_PASSWORD
from support.watched import Watched, grave, overflow, reach

pytestmark = pytest.mark.web


@pytest.fixture
def stranger(bundles: dict[str, Any]) -> Callable[[str], dict[str, Any]]:
    """Makes a person nobody has seen: the first invented one under another name, with ids of their own."""

    def make(name: str) -> dict[str, Any]:
        first = next(iter(bundles))
        bundle: dict[str, Any] = copy.deepcopy(
            json.loads(json.dumps(bundles[first]).replace(first, f"new-{name.lower()}"))
        )
        patient = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
        patient["name"] = [{"family": name, "given": ["Invented"]}]
        return bundle

    return make


def upload(site: Watched, data: bytes, name: str) -> None:
    """Choose a file and send it."""
    site.page.goto(f"{site.url}/uploads/")
    site.page.get_by_label("FHIR file").set_input_files({"name": name, "mimeType": "application/json", "buffer": data})
    site.page.get_by_role("button", name="Upload and read").click()


def test_from_sign_in_to_the_four_answers(site: Watched) -> None:
    """A psychiatrist signs in, finds the patients, opens one and sees four answers and the picture."""
    site.page.goto(f"{site.url}/")
    site.shot("sign-in")
    site.sign_in("psychiatrist")
    expect(site.page.get_by_role("heading", name="Patients")).to_be_visible()
    assert site.page.locator("table.patients tbody tr").count() >= 30
    expect(site.page.locator("table.patients .invented").first).to_be_visible()
    site.shot("patients")
    site.open_patient("Quillfeather")
    for answer in ("Who", "Paid for", "How given", "Does it work"):
        expect(site.page.locator(".answers").get_by_role("heading", name=answer)).to_be_visible()
    expect(site.page.get_by_role("heading", level=1)).to_contain_text("QUILLFEATHER, Ottoline")
    assert site.page.locator("#picture svg .role-mark").count() > 3
    assert "PHQ-9" in (site.page.locator("#picture").get_attribute("aria-label") or "")
    site.shot("patient")


def test_the_numbers_stand_beside_the_picture(site: Watched) -> None:
    """Behind `Show numbers` are the trials and scores that the picture draws."""
    site.sign_in("psychiatrist")
    site.open_patient("Quillfeather")
    site.page.get_by_text("Show numbers").click()
    expect(site.page.get_by_role("region", name="Medication trials").first).to_contain_text("sertraline")
    expect(site.page.get_by_role("region", name=re.compile("PHQ9"))).to_be_visible()


def test_an_answer_opens_to_its_basis_and_on_to_the_record(site: Watched) -> None:
    """From a trial to its basis, from the basis to the record as it came, and back."""
    site.sign_in("psychiatrist")
    site.open_patient("Quillfeather")
    trial = site.page.get_by_role("region", name="Medication trials").last.locator("tbody tr").first
    trial.get_by_text("Basis").click()
    expect(trial.get_by_text("Records used")).to_be_visible()
    site.shot("basis")
    record = trial.locator(".uses a").first
    key = record.inner_text()
    record.click()
    expect(site.page.get_by_role("heading", level=1)).to_contain_text(key.partition("#")[0])
    expect(site.page.get_by_label("Raw record").first).to_contain_text(
        f'"id": "{key.partition("/")[2].partition("#")[0]}"'
    )
    site.shot("record")
    site.page.get_by_role("link", name="Back to the four answers").click()
    site.page.locator("#picture.drawn").wait_for()


def test_a_policy_opens_criterion_by_criterion(site: Watched) -> None:
    """Each criterion of a policy stands with its own answer and basis."""
    site.sign_in("authorization")
    site.open_patient("Quillfeather")
    policy = site.page.locator("section.policy").first
    criteria = policy.locator("details", has_text="Criterion by criterion").first
    if criteria.get_attribute("open") is None:
        criteria.locator("summary").first.click()
    assert policy.locator(".judgement .state").count() >= 3
    criteria.scroll_into_view_if_needed()
    site.shot("policy")


def test_the_list_is_searched_as_one_types(site: Watched) -> None:
    """Typing a name leaves that row; a search for nobody says what to do; filters narrow the list."""
    site.sign_in("nurse")
    rows = site.page.locator("table.patients tbody tr")
    everyone = rows.count()
    site.page.get_by_label("Search").press_sequentially("quillf", delay=20)
    expect(rows).to_have_count(1)
    site.page.get_by_label("Search").fill("nobody of that name")
    expect(site.page.get_by_text("Nobody fits")).to_be_visible()
    site.page.get_by_label("Search").fill("")
    expect(rows).to_have_count(everyone)
    site.page.get_by_label("Safety").select_option("never")
    expect(site.page.get_by_text(re.compile(rf"^(?!{everyone} of)\d+ of {everyone}"))).to_be_visible()
    assert 0 < rows.count() < everyone
    assert rows.locator(".state-never").count() == rows.count()


def test_the_day_asked_about_can_be_moved(site: Watched) -> None:
    """Before the first record nothing is known, and the page says for which day it answers."""
    site.sign_in("psychiatrist")
    site.open_patient("Quillfeather")
    site.page.get_by_label("Answers as of").fill("2015-01-01")
    site.page.get_by_role("button", name="Ask").click()
    expect(site.page.get_by_text("No medication trial could be rebuilt from this record.")).to_be_visible()
    expect(site.page.locator(".answers .state").first).to_contain_text("unknown")
    site.page.get_by_role("link", name="back to today").click()
    expect(site.page.get_by_role("region", name="Medication trials").last).to_contain_text("sertraline")


def test_a_good_file_becomes_a_patient(site: Watched, stranger: Callable[[str], dict[str, Any]]) -> None:
    """The account adds up on the page, and one click leads to the new patient's answers."""
    site.sign_in("nurse")
    upload(site, json.dumps(stranger("Heronsbill")).encode(), "heronsbill.json")
    expect(site.page.get_by_role("heading", level=1)).to_contain_text("What became of heronsbill.json")
    said = site.page.locator(".sum").get_attribute("aria-label") or ""
    total, used, kept, refused = map(int, re.findall(r"\d+", said))
    assert total == used + kept + refused > 10
    site.shot("account")
    site.page.get_by_role("link", name="Open HERONSBILL, Invented").click()
    site.page.locator("#picture.drawn").wait_for()
    expect(site.page.get_by_role("heading", level=1)).to_contain_text("HERONSBILL")


def test_a_large_file_shows_how_far_it_is(site: Watched, stranger: Callable[[str], dict[str, Any]]) -> None:
    """A file of a few hundred kilobytes goes up with a progress line and ends on its account."""
    bundle = stranger("Longshelf")
    bundle["entry"][0]["resource"]["text"] = {"status": "generated", "div": "<div>" + "x" * 900_000 + "</div>"}
    site.sign_in("nurse")
    upload(site, json.dumps(bundle).encode(), "longshelf.json")
    expect(site.page.get_by_role("heading", level=1)).to_contain_text("longshelf.json")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.json", b"", "Mend"),
        ("letter.json", b"Dear colleague, thank you for referring", "Mend"),
        ("cut.json", b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Pat', "Mend"),
        ("chart.xml", b"<Patient xmlns='http://hl7.org/fhir'/>", "XML is not accepted"),
    ],
)
def test_a_bad_file_is_answered_with_its_mend(page: Page, demo: Any, name: str, data: bytes, said: str) -> None:
    """Each bad file leads to a page that says what is wrong and what to do."""
    site = Watched(page, demo.url)
    site.sign_in("nurse")
    upload(site, data, name)
    expect(page.get_by_role("alert").first).to_contain_text(said)
    if name == "cut.json":
        site.shot("refused")
    # A 415 is written to the console by the browser itself; nothing else may be there.
    assert [c for c in site.complaints if "415" not in c] == []


def test_nobody_is_merged_unasked(site: Watched, stranger: Callable[[str], dict[str, Any]]) -> None:
    """The same person in a newer file waits; a human decides; the same file once more is noticed."""
    bundle = stranger("Twinleaf")
    site.sign_in("psychiatrist")
    upload(site, json.dumps(bundle).encode(), "first.json")
    newer = json.dumps({**bundle, "timestamp": "2026-11-20T00:00:00Z"}).encode()
    upload(site, newer, "newer.json")
    expect(site.page.get_by_text("Is it the same person?")).to_be_visible()
    site.shot("match")
    site.page.get_by_role("button", name="Same person").click()
    expect(site.page.get_by_text("Added to the chart.")).to_be_visible()
    upload(site, newer, "newer-again.json")
    expect(site.page.get_by_text("given before")).to_be_visible()


PAGES = {
    "psychiatrist": ["patients/", "uploads/", "library/", "library/policies/", "library/protocols/", "library/scales/",
                     "library/scales/phq9/", "account/second-factor/", "account/password/", "account/confirm/"],
    "admin": ["access-log/"],
    "researcher": ["library/"],
}  # fmt: skip


@pytest.mark.parametrize("who", PAGES)
def test_every_page_can_be_used_by_everyone(site: Watched, who: str) -> None:
    """On no page does axe find anything serious or critical."""
    found = {}
    site.page.goto(f"{site.url}/")
    found["sign-in"] = grave(site.page)
    site.sign_in(who)
    for address in PAGES[who]:
        site.page.goto(f"{site.url}/{address}")
        found[address] = grave(site.page)
        assert site.refused() == [], address
        if address in ("library/", "access-log/", "library/policies/"):
            site.shot(address.strip("/").replace("/", "-"))
    assert {k: v for k, v in found.items() if v} == {}


def test_the_pages_about_a_patient_can_be_used_by_everyone(site: Watched) -> None:
    """The same for the patient's page with everything unfolded, their files, an account and a record."""
    site.sign_in("psychiatrist")
    site.open_patient("Skylark")
    found = {"patient": grave(site.page)}
    site.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found["unfolded"] = grave(site.page)
    assert site.refused() == []
    record = site.page.locator(".uses a").first.get_attribute("href")
    site.page.get_by_role("link", name="Files", exact=True).click()
    found["files"] = grave(site.page)
    site.page.locator("tbody a").first.click()
    found["account"] = grave(site.page)
    site.page.goto(f"{site.url}{record}")
    found["record"] = grave(site.page)
    assert {k: v for k, v in found.items() if v} == {}


def test_the_way_to_an_answer_needs_no_mouse(site: Watched) -> None:
    """Sign in, skip to the page, open a patient and unfold a basis with the keyboard alone; focus is always seen."""
    page = site.page
    page.goto(f"{site.url}/")
    page.keyboard.type("psychiatrist")
    page.keyboard.press("Tab")
    page.keyboard.type(LOCAL_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    reach(page, "document.activeElement.closest('table.patients tbody a') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.locator("#picture.drawn").wait_for()
    reach(page, "document.activeElement.matches('details.basis > summary')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")


def test_twice_as_large_nothing_is_cut_off(site: Watched) -> None:
    """At 200% zoom (half the width) no page scrolls sideways: only a wide table does, inside its frame."""
    site.sign_in("psychiatrist")
    site.page.set_viewport_size({"width": 640, "height": 430})
    for address in ("patients/", "uploads/", "library/policies/", "library/scales/phq9/"):
        site.page.goto(f"{site.url}/{address}")
        assert overflow(site.page) <= 0, address
    site.open_patient("Skylark")
    assert overflow(site.page) <= 0
    site.page.get_by_role("button", name="Menu").click()
    expect(site.page.get_by_role("link", name="Library")).to_be_visible()


def test_on_paper_the_patient_is_named_and_the_menu_is_not(site: Watched) -> None:
    """Printed, the page has the banner, the day it answers for, and every basis; no menu and no buttons."""
    site.sign_in("psychiatrist")
    site.open_patient("Quillfeather")
    site.page.emulate_media(media="print")
    expect(site.page.locator(".banner")).to_be_visible()
    expect(site.page.get_by_text("Answers as of", exact=False).last).to_be_visible()
    expect(site.page.locator(".topbar")).to_be_hidden()
    expect(site.page.get_by_role("link", name="PDF")).to_be_hidden()


def test_without_scripts_everything_can_still_be_read(browser: Browser, demo: Any) -> None:
    """Sign in, list, patient, numbers and upload work where scripts are switched off."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    Watched(page, demo.url).sign_in("nurse")
    page.get_by_role("link", name=re.compile("Quillfeather", re.IGNORECASE)).click()
    page.get_by_text("Show numbers").click()
    expect(page.get_by_role("region", name="Medication trials").first).to_contain_text("sertraline")
    context.close()


def test_the_administrator_reads_who_looked(site: Watched) -> None:
    """What a nurse opened a moment ago stands in the access log, and its chain holds."""
    site.sign_in("nurse")
    site.open_patient("Skylark")
    site.page.get_by_role("button", name="Sign out").click()
    site.sign_in("admin")
    expect(site.page.get_by_role("heading", name="Access log")).to_be_visible()
    expect(site.page.get_by_text("the chain of hashes holds")).to_be_visible()
    expect(site.page.get_by_role("cell", name="view patient").first).to_be_visible()


def test_an_outsider_finds_nothing_of_this_clinic(site: Watched) -> None:
    """Somebody of another clinic sees one patient, their own."""
    site.sign_in("outsider")
    assert site.page.locator("table.patients tbody tr").count() == 1


@pytest.mark.parametrize("form", ["PDF", "Page", "JSON"])
def test_the_report_can_be_taken_away(site: Watched, form: str) -> None:
    """PDF, page and JSON come as files with names of ours."""
    site.sign_in("psychiatrist")
    site.open_patient("Quillfeather")
    with site.page.expect_download() as waiting:
        site.page.get_by_role("link", name=form, exact=True).click()
    name, data = waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()
    assert re.fullmatch(r"inconcert-[0-9a-f-]{36}-\d{4}-\d\d-\d\d\.(pdf|html|json)", name)
    starts = {"PDF": b"%PDF", "Page": b"<!doctype html", "JSON": b"{"}
    assert data.lstrip().lower().startswith(starts[form].lower())
