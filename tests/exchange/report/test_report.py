"""The report in its three forms: the same words, nothing lost, nothing run."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inconcert.exchange.report import render_html, render_pdf, render_terminal, write_html, write_pdf
from inconcert.exchange.report.clean import clean
from inconcert.exchange.report.content import banner_name, report_of
from inconcert.exchange.report.words import breakable, day, days, figure, span

WICKED = '<script>alert(1)</script>"><img src=x onerror=alert(1)> #panic("x") [bold]x[/bold] ${1+1} {{7*7}}'


# What a use of a record, a segment or a date is made of: without these there is nothing to show.
NEEDED = frozenset({"record_id", "why", "earliest", "latest", "rule_id", "as_of"})


class Outline(HTMLParser):
    """What a page is made of: tags in order, attributes, and whether every tag was closed."""

    VOID = frozenset({"meta", "img", "br", "hr", "link", "input", "wbr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Fail where tags cross."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words.append(data)


def pdf_text(pdf: bytes, tmp_path: Path) -> str:
    """The words of a PDF, on one line; the test is skipped where pdftotext is not installed."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf)
    done = subprocess.run([program, "-raw", str(path), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode("utf-8").replace("\u200b", "").split())


# ── HTML ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_html_fetches_and_runs_nothing(assessment: dict[str, Any]) -> None:
    """The page has no script, no link, no remote address in any attribute, and forbids them to the browser."""
    page = Outline(render_html(assessment))
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "object", "form"}
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in {"src", "href"}:
                assert (value or "").startswith("data:image/svg+xml;base64,")
    (policy,) = [a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv")]
    assert policy is not None
    assert "default-src 'none'" in policy


def test_html_can_be_walked_by_ear(assessment: dict[str, Any]) -> None:
    """Language, one first heading, a caption for every table, header cells with scope, alternative text for pictures."""
    page = Outline(render_html(assessment))
    assert ("html", {"lang": "en"}) in page.tags
    count = [tag for tag, _ in page.tags]
    assert count.count("h1") == 1
    assert count.count("caption") == count.count("table") > 5
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(pictures) == 2
    assert all(len(picture["alt"] or "") > 40 for picture in pictures)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("place", ["name", "warning", "drug", "criterion", "record"])
def test_html_shows_markup_as_words(sample_of, place: str) -> None:
    """Markup in a name, a warning, a drug, a criterion or a record id is shown letter by letter and never becomes a tag."""
    assessment = sample_of(name=WICKED if place == "name" else "Quillfeather, Ottoline")
    if place == "warning":
        assessment["warnings"] = [WICKED]
    if place == "drug":
        assessment["answers"]["who"]["history"]["trials"][0]["drug"] = WICKED
    if place == "criterion":
        assessment["answers"]["paid"]["determinations"][0]["criteria"]["parts"][0]["text"] = WICKED
    if place == "record":
        assessment["account"]["refused"][0]["id"] = WICKED
    page = Outline(render_html(assessment))
    assert not {"script"} & {tag for tag, _ in page.tags}
    assert len([tag for tag, _ in page.tags if tag == "img"]) == 2
    assert "alert(1)" in "".join(page.words).lower()


# ── PDF ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_pdf_claims_archive_and_access(assessment: dict[str, Any], tmp_path: Path) -> None:
    """The PDF is tagged, names its language and claims PDF/A-2a and PDF/UA-1, which Typst checks while it writes."""
    path = tmp_path / "report.pdf"
    write_pdf(assessment, path)
    pdf = path.read_bytes()
    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfaid" in pdf
    assert b"pdfuaid" in pdf
    assert b"/StructTreeRoot" in pdf or b"/MarkInfo" in pdf


def test_same_assessment_gives_the_same_pdf(assessment: dict[str, Any]) -> None:
    """A PDF holds no clock: printed twice it is the same to the byte."""
    assert render_pdf(assessment) == render_pdf(assessment)


def test_pdf_prints_code_as_words(sample_of, tmp_path: Path) -> None:
    """Typst code in a name is printed, not run."""
    text = pdf_text(render_pdf(sample_of(name='Bobby, #panic("x") *bold* $x^2$ @ref')), tmp_path)
    assert '#panic("x") *bold* $x^2$ @ref' in text


@pytest.mark.parametrize(
    "name", ["Иванова, Ольга", "Nguyễn, Thị Ánh", "李, 小龍", "محمد, علي", "🙂, Smile", "A\ufffdB, C"]
)
def test_pdf_takes_any_name(sample_of, name: str) -> None:
    """A name in any script gives a PDF and not an error."""
    assert render_pdf(sample_of(name=name)).startswith(b"%PDF")


def test_pdf_without_a_font_says_so(sample_of, tmp_path: Path) -> None:
    """Where a letter cannot be printed the first page says so and names the mend, and no standard is claimed."""
    pdf = render_pdf(sample_of(name="\U0001f9ff, Nobody"))  # a picture letter that text fonts lack
    if b"pdfaid" in pdf:
        pytest.skip("this machine has a font for the letter")
    assert "install a font for that script" in pdf_text(pdf, tmp_path)


def test_pdf_holds_what_a_signer_must_see(assessment: dict[str, Any], tmp_path: Path) -> None:
    """Banner, invented label, day asked for, answers, recalled marks, account, rules, signature and disclaimer."""
    text = pdf_text(render_pdf(assessment), tmp_path)
    for words in (
        "QUILLFEATHER, Ottoline",
        "09-Mar-1984 (42 years)",
        "INVENTED PERSON",
        "16-Nov-2026",
        "Suicide screen AMBER within 24 hours",
        "1. Who: One adequate failed trial of two",
        "no response (inferred from scores)",
        "6 to 8 points",
        "Lists ketamine with TMS among experimental uses.",
        "54 to 60 h*",
        "TMS first keeps threshold and consent clear of drug effect.",
        "12 resources in the file: 9 used, 2 kept and not used, 1 refused.",
        "RECALLED, check before relying on it",
        "Reviewed by",
        "Supports a clinician's decision",
        "page 1 of",
    ):
        assert words in text or words in text.replace("’", "'"), words


# ── terminal ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("width", [60, 80, 120])
def test_terminal_keeps_to_its_columns(assessment: dict[str, Any], width: int) -> None:
    """No line is wider than asked for, and no color code is in it."""
    text = render_terminal(assessment, width=width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "\x1b" not in text


def test_terminal_gives_four_answers_with_their_basis(assessment: dict[str, Any]) -> None:
    """Each of the four answers is followed by what it stands on; what cannot wait comes first."""
    text = render_terminal(assessment)
    places = [
        text.index(words)
        for words in ("Suicide screen AMBER", "1. Who:", "2. Paid for:", "3. How given:", "4. Does it work:")
    ]
    assert places == sorted(places)
    assert len(re.findall(r"Basis: \d+ rules?, \d+ records? used", text)) == 4
    assert "INVENTED PERSON" in text
    assert "NEVER" in text
    assert "HOLD" in text


def test_terminal_cannot_be_rewritten_by_a_record(sample_of) -> None:
    """Escape sequences and marks that turn the reading direction are taken out; square brackets stay as they are."""
    text = render_terminal(sample_of(name="Evil, \x1b[2J\x1b]0;x\x07 [red]\u202eeman"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert "[red]" in text


# ── all three ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_question_refusal_and_warning_is_in_both_pages(assessment: dict[str, Any], tmp_path: Path) -> None:
    """What is unknown, refused or warned of is in the HTML and in the PDF."""
    html = " ".join("".join(Outline(render_html(assessment)).words).split())
    pdf = pdf_text(render_pdf(assessment), tmp_path)
    for words in (
        "Is the medication history complete?",
        "At what dose was venlafaxine taken?",
        "2026-02-30 does not exist",
        "Correct the date.",
        "One record is dated after the day asked for and was left out.",
        "Not an answer for someone who cannot wait.",
        "Read from a summary, not from the payer's page.",
    ):
        assert words in html, words
        assert words.replace("'", "’") in pdf.replace("'", "’"), words


def test_blank_assessment_is_shown_as_not_known(tmp_path: Path) -> None:
    """An assessment that says nothing gives a report that says so, in every form, and claims nothing."""
    empty: dict[str, Any] = {"as_of": "2026-11-16"}
    terminal = render_terminal(empty)
    assert "NAME NOT RECORDED" in terminal.upper()
    assert terminal.count("not answered") == 4
    assert "met" not in re.sub(r"[a-z]*met[a-z]+|[a-z]+met", "", terminal)
    write_html(empty, tmp_path / "empty.html")
    assert "age not known" in (tmp_path / "empty.html").read_text(encoding="utf-8")
    assert render_pdf(empty).startswith(b"%PDF")


def test_no_section_is_lost_between_forms(assessment: dict[str, Any]) -> None:
    """Every section of the report is a heading of the HTML page."""
    words = "".join(Outline(render_html(assessment)).words)
    sections = report_of(assessment).sections
    assert [section.id for section in sections] == [
        "answers", "timeline", "trials", "staging", "scores", "safety", "paid", "given", "evidence", "account", "signature", "basis",
    ]  # fmt: skip
    assert all(section.title in words for section in sections)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-11-22", "22-Nov-2026"),
        ("2026-11-22T09:30:00-05:00", "22-Nov-2026"),
        ("2026-11", "Nov-2026"),
        ("2026", "2026"),
        ("", ""),
        (None, ""),
        ("sometime in May", "sometime in May"),
        ("2026-13-01", "2026-13-01"),
    ],
)
def test_dates_have_the_month_in_letters(written: str | None, shown: str) -> None:
    """No reader can take day for month; what is no date stays as it was written."""
    assert day(written) == shown


def test_partial_dates_and_ranges_are_said() -> None:
    """A month is a month, a year a year, and two days a range; a missing date is not known."""
    assert days({"earliest": "2025-11-01", "latest": "2025-11-30", "text": "2025-11"}) == "Nov-2025"
    assert days({"earliest": "2025-01-01", "latest": "2025-12-31", "text": "2025"}) == "2025"
    assert days({"earliest": "2025-01-01", "latest": "2025-03-31", "text": ""}) == "01-Jan-2025 to 31-Mar-2025"
    assert days(None) == "not known"


def test_open_ranges_are_not_closed() -> None:
    """A span without an upper bound says so, and a figure without a value is not known rather than zero."""
    assert span({"low": 3.0, "high": None}, "weeks") == "at least 3 weeks"
    assert span({"low": 0.0, "high": 0.0}, "weeks") == "0 weeks"
    assert span(None) == "not known"
    assert figure({"low": None, "high": None, "unit": "h"}) == "not known"
    assert figure({"low": 36.0, "high": None, "unit": "visits"}) == "36 visits"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Quillfeather, Ottoline", "QUILLFEATHER, Ottoline"),
        ("Ottoline Quillfeather", "QUILLFEATHER, Ottoline"),
        ("Cher", "CHER"),
        ("", ""),
    ],
)
def test_family_name_comes_first_in_capitals(name: str, shown: str) -> None:
    """The banner writes names as charts do."""
    assert banner_name(name) == shown


@given(st.text())
def test_breaks_change_no_letter(text: str) -> None:
    """Places to break a long word add nothing that is printed."""
    assert breakable(text).replace("\u200b", "") == text.replace("\u200b", "")


@given(
    st.recursive(
        st.text() | st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_clean_words_hold_no_control(value: Any) -> None:
    """After cleaning, no string holds a control character but tab and newline, and cleaning twice changes nothing."""
    once = clean({"x": value})
    assert not re.search(r"\\x(?!09|0a)[01][0-9a-f]|\\x7f|\\x[89][0-9a-f]", ascii(once).replace("\\\\", ""))
    assert clean(once) == once


def _leafless(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every key in nested dictionaries and lists."""
    found: list[tuple[Any, ...]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += [(*path, key)] if isinstance(value, dict) else []
        found += _leafless(inner, (*path, key))
    return found


@pytest.mark.slow
def test_report_survives_any_key_that_is_missing(sample_of) -> None:
    """Whatever single key an older or newer assessment lacks, the terminal report is still written."""
    every = [path for path in _leafless(sample_of()) if path[-1] not in NEEDED]
    assert len(every) > 500
    failed = []
    for path in every[::4]:
        try:
            render_terminal(_without(sample_of(), path))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            failed.append((path, repr(error)))
    assert failed == []


def _without(told: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """The assessment without one key."""
    holder: Any = told
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return told
