"""The report on the pair: one file that runs and fetches nothing, every word escaped, and the same in print."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from inconcert.evidence.synthesis.pair.types import CombineAnswer, Universe
from inconcert.exchange.evidence.combine_report import combine_html, combine_pdf, combine_report

pytest.importorskip("vl_convert")
VOID = {"wbr", "meta", "br", "img", "hr", "link", "input", "col"}
HEADINGS = (
    "What to take away",
    "Alone, together, and beyond",
    "The trial that would settle it",
    "How sure anyone can be (GRADE)",
    "What it rests on",
    "Asked in every way",
    "What people claim of the two together",
    "Methods",
    "Every study that entered, and every row that did not",
)


class Page(HTMLParser):
    """The tags, the words, the attributes and the images of a page; fails where tags do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.images: list[dict[str, str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "img":
            self.images.append({name: value or "" for name, value in attrs})
        if tag != "wbr":  # only marks where a long name may break
            self.words.append(" ")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note a tag that closes."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """All words on one line, without the marks at which long names may break."""
        return re.sub(r"[\u200b\u00ad]", "", " ".join("".join(self.words).split()))


def test_the_page_runs_and_fetches_nothing(usual: CombineAnswer, ways: tuple[Universe, ...]) -> None:
    """No script, no frame, no handler, no address that would be loaded; pictures are in the file and told in words."""
    text = combine_html(usual, ways)
    page = Page(text)
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "link", "base"}
    assert not any(name.startswith("on") for name in page.attributes)
    assert "default-src 'none'" in unescape(text)
    assert len(page.images) == 5
    for image in page.images:
        assert image["src"].startswith("data:image/svg+xml")
        assert len(image["alt"]) > 40
    assert not re.search(r"(src|href)=[\"'](?!data:|#)", text)


def test_every_section_and_every_number_is_there(usual: CombineAnswer, ways: tuple[Universe, ...]) -> None:
    """The headline first, each section once, each row of the forest with its number, each claim, each trial, each study."""
    text = Page(combine_html(usual, ways)).text
    assert text.index(usual.headline[0]) < text.index(HEADINGS[1])
    places = [text.index(heading) for heading in HEADINGS]
    assert places == sorted(places)
    for row in usual.forest:
        assert row.label in text
        assert row.text in text
    assert all(" ".join(claim.claim.split()) in text for claim in usual.claims)
    assert all(plan.text in text for plan in usual.trials)
    assert all(said in text for said in usual.methods)
    for study in usual.network.studies:
        assert all(row_id in text for row_id in study.row_ids)


def test_each_answer_can_be_written(answer: CombineAnswer, ways: tuple[Universe, ...]) -> None:
    """Whatever was asked, also where no study is left: the page is whole, and what has no number says so."""
    text = Page(combine_html(answer, ways)).text
    silent = sum(row.estimate is None for row in answer.forest)
    assert text.count("cannot be estimated from these studies") >= silent
    assert "NaN" not in text
    assert "None" not in text.replace("None was found", "")  # a claim about our own search


def test_words_are_escaped(usual: CombineAnswer) -> None:
    """A study's name that looks like a tag stays words."""
    trick = '<script>alert("x")</script><b onload="x">&'
    forest = tuple(replace(row, label=f"{row.label} {trick}") for row in usual.forest)
    text = combine_html(replace(usual, forest=forest, headline=(trick, *usual.headline[1:])))
    page = Page(text)
    assert "script" not in page.tags
    assert trick in page.text
    assert "<script" not in text


def test_sections_without_anything_are_left_out(usual: CombineAnswer) -> None:
    """Without the ways of asking there is no heading for them."""
    titles = [section.title for section in combine_report(usual).sections]
    assert "Asked in every way" not in titles
    assert all(section.blocks for section in combine_report(usual).sections)


def test_print_says_the_same(usual: CombineAnswer, ways: tuple[Universe, ...], tmp_path: Path) -> None:
    """The PDF opens, has pages, and holds the headline, the interaction and the names of the studies."""
    pytest.importorskip("typst")
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    path = tmp_path / "report.pdf"
    path.write_bytes(combine_pdf(usual, ways))
    done = subprocess.run([program, str(path), "-"], capture_output=True, text=True, check=True)
    assert done.stdout.count("\f") >= 3
    text = re.sub(r"[\u200b\u00ad]", "", " ".join(done.stdout.split()))
    assert usual.headline[0] in text
    assert usual.interaction.row.text in text
    for study in usual.network.studies:
        assert study.study in text


def test_print_is_the_same_twice(usual: CombineAnswer) -> None:
    """The same answer gives the same bytes, so that a report can be compared with another day's."""
    pytest.importorskip("typst")
    assert combine_pdf(usual) == combine_pdf(usual)
