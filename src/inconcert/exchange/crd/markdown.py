"""Markdown for cards. What comes from a chart is text, never markup: a card is shown inside somebody else's program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inconcert.judgement import Answer, Judgement, Reading
from inconcert.knowledge.policy_schema import AllOf, AnyOf, LeafNode, Node
from inconcert.payers.wording import leaf_in_words, opening, plain

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_SCHEME = re.compile(r"(?i)\b(https?|ftp|javascript|data|mailto):")
_ADDRESS = re.compile(r"https://[A-Za-z0-9./_~%?=&#+:,;-]+")
_WORDS = {Answer.MET: "Met", Answer.NOT_MET: "Not met", Answer.UNKNOWN: "Not known"}


def plain_text(text: str) -> str:
    """Text in which nothing is markup, a link or a line of its own."""
    one_line = " ".join(text.split())
    return _SCHEME.sub(lambda m: f"{m[1]}\\:", _MARKUP.sub(r"\\\1", one_line))


def criteria_lines(tree: Node, judgement: Judgement) -> list[str]:
    """The criteria as nested lists, each with its answer and the number of its source; then the sources."""
    sources: dict[str, int] = {}
    lines = list(_lines(tree, judgement, 0, sources))
    return [*lines, "", "Read in:", "", *(f"{number}. {text}" for text, number in sources.items())]


def _lines(node: Node, judgement: Judgement, depth: int, sources: dict[str, int]) -> Iterator[str]:
    indent = "  " * depth
    word = _WORDS[judgement.answer]
    if isinstance(node, AllOf | AnyOf) and len(node.parts) == len(judgement.parts):
        label = f"{plain_text(opening(plain(node.label)))}: " if node.label else ""
        joined = "all of these" if isinstance(node, AllOf) else "one of these is enough"
        yield f"{indent}- **{word}**: {label}{joined}"
        for part, judged in zip(node.parts, judgement.parts, strict=True):
            yield from _lines(part, judged, depth + 1, sources)
        return
    asked = f"{leaf_in_words(node.leaf)}. " if isinstance(node, LeafNode) else ""
    yield f"{indent}- **{word}**: {plain_text(opening(asked) + judgement.text)}{_source(judgement, sources)}"


def _source(judgement: Judgement, sources: dict[str, int]) -> str:
    """The number of the criterion's first source, in brackets."""
    if not judgement.basis.sources:
        return ""
    first = judgement.basis.sources[0]
    where = f", {first.where}" if first.where else ""
    mark = "" if first.status is Reading.READ else f" ({first.status.value}, check before relying on it)"
    # Ours, from a knowledge file, and so a link may be one; never what came with a chart.
    ref = f"<{first.ref}>" if _ADDRESS.fullmatch(first.ref) else plain_text(first.ref)
    text = f"{ref}{plain_text(where + mark)}"
    return f" (source {sources.setdefault(text, len(sources) + 1)})"
