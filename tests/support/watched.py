"""A page in a real browser whose every complaint is kept, and what the browser tests measure on it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from inconcert.web.demo import LOCAL_PASSWORD

SHOTS = Path(__file__).resolve().parents[2] / "docs/_static/screenshots"
WATCH = "window.refused = []; document.addEventListener('securitypolicyviolation', e => window.refused.push(e.violatedDirective));"


class Watched:
    """A page whose every complaint is kept: the console, the content policy, other hosts, server faults."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.complaints = page, url, list[str]()
        page.set_default_timeout(15_000)
        page.add_init_script(WATCH)
        page.on("console", lambda m: self.complaints.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on(
            "request", lambda r: None if r.url.startswith((url, "data:")) else self.complaints.append(f"host: {r.url}")
        )
        page.on("response", self._answered)

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status}: {response.url}")

    def sign_in(self, who: str) -> None:
        """Sign in by the form."""
        self.page.goto(f"{self.url}/")
        self.page.get_by_label("Username").fill(who)
        self.page.get_by_label("Password").fill(LOCAL_PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda address: "sign-in" not in address)

    def open_patient(self, name: str) -> None:
        """From the list to a patient, and wait for the picture."""
        self.page.goto(f"{self.url}/patients/")
        self.page.get_by_role("link", name=re.compile(name, re.IGNORECASE)).first.click()
        self.page.locator("#picture.drawn svg").wait_for()

    def refused(self) -> list[str]:
        """What the content policy stopped on this page."""
        found: list[str] = self.page.evaluate("window.refused || []")
        return found

    def shot(self, name: str, *, full: bool = False) -> None:
        """Keep a picture for the documentation where that is asked for."""
        if os.environ.get("INCONCERT_SCREENSHOTS"):
            SHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SHOTS / f"{name}.png", full_page=full)


def grave(page: Page) -> list[str]:
    """What axe finds serious or critical on a page, with the first element of each."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in ("serious", "critical")]


def reach(page: Page, test: str) -> None:
    """Press Tab until the focus is where it should be."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(test):
            return
    raise AssertionError(f"sixty tabs did not reach {test}")


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width
