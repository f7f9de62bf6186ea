"""Links between our own pages lead somewhere, without asking the network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

LINK = re.compile(r"!?\[(?:[^\]\\]|\\.)*\]\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# Written by `make docs`; tests/docs checks that it writes them.
GENERATED = "docs/reference/generated"


def heading_ids(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_links_between_pages_resolve(files: Callable[..., list[Path]], root: Path) -> None:
    """Every relative link in a Markdown file names a file, and a heading, that exists."""
    broken = []
    for page in files(suffixes=(".md",)):
        text = FENCED.sub("", page.read_text(encoding="utf-8"))
        for match in LINK.finditer(text):
            target, _, anchor = match["target"].partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            path = (page.parent / target).resolve() if target else page
            line = text.count("\n", 0, match.start()) + 1
            if path.is_relative_to(root / GENERATED):
                continue
            if not path.exists():
                broken.append(f"{page.relative_to(root)}:{line}: {match['target']} leads nowhere")
            elif anchor and path.suffix == ".md" and anchor not in heading_ids(path.read_text(encoding="utf-8")):
                broken.append(f"{page.relative_to(root)}:{line}: no heading #{anchor} in {target or page.name}")
    assert broken == []


def test_a_broken_link_would_be_seen() -> None:
    """The search does find links, with and without an anchor, and pictures."""
    found = [m["target"] for m in LINK.finditer("[a](x.md) ![b](y.svg) [c](z.md#d) [e [f]](no)")]
    assert found[:3] == ["x.md", "y.svg", "z.md#d"]
