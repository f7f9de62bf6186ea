"""`inconcert score`: one rating scale, from its items."""

from __future__ import annotations

from typing import Annotated

import typer

from inconcert.cli.console import MISUSE, fail, parse_day, say, say_json


def score(
    scale: Annotated[str, typer.Argument(help="Scale, e.g. phq9, gad7, qids-sr16, madrs (see: inconcert scales).")],
    items: Annotated[list[str], typer.Argument(help="Item scores in the scale's order; - for an item left blank.")],
    as_of: Annotated[str | None, typer.Option(help="Day of the form, YYYY-MM-DD (today if not given).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Score a rating scale: total, band, flags, and what it still needs.

    Example: inconcert score qids-sr16 1 2 0 3 2 1 0 0 2 1 1 0 2 2 1 0
    """
    from inconcert import scales

    day = parse_day(as_of)
    try:
        result = scales.score(scale, [_item(position, text) for position, text in enumerate(items, 1)], as_of=day)
    except scales.ScaleInputError as error:
        fail(str(error), MISUSE)
    if as_json:
        say_json(result)
        return
    say(_in_words(result))


def _item(position: int, text: str) -> float | None:
    if text == "-":
        return None
    try:
        return float(text)
    except ValueError:
        fail(
            f"item {position} is {text!r}, which is not a number. Mend: a number, or - for an item left blank.", MISUSE
        )


def _in_words(result: object) -> str:
    from inconcert.judgement import Reading
    from inconcert.scales.types import ScaleScore

    assert isinstance(result, ScaleScore)  # noqa: S101 - narrows a lazily imported type
    lines = [f"{result.scale}"]
    if result.total is None:
        lines.append(f"total    unknown, between {result.total_low:g} and {result.total_high:g}")
    else:
        lines.append(f"total    {result.total:g}" + (" (prorated as the manual allows)" if result.prorated else ""))
    lines.append(f"band     {(result.band or 'unknown').replace('_', ' ')}")
    lines += [f"FLAG     {flag.level}: {flag.text} {flag.action}".rstrip() for flag in result.flags]
    lines += [f"needs    {need.text}" for need in result.needs]
    lines += [f"note     {note}" for note in result.notes]
    mark = "" if result.basis.status is Reading.READ else f" [{result.basis.status.value}]"
    lines.append(f"rule     {result.basis.rule_id} version {result.basis.rule_version}{mark}")
    lines += [f"source   {s.ref} ({s.status.value})" for s in result.basis.sources]
    return "\n".join(lines)
