"""`inconcert combine`: better together? What the studies say of both treatments, of each alone, and of what both add."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inconcert.cli.console import MISUSE, fail, need, parse_day, say, say_json, warn
from inconcert.cli.new_files import refuse_filled, refuse_unwritable

if TYPE_CHECKING:
    from inconcert.evidence.synthesis.pair.types import CombineAnswer, Universe


def combine(
    *,
    outcome: Annotated[str, typer.Option(help="response, remission or change.")] = "response",
    week: Annotated[float, typer.Option(help="Week after the start of treatment.")] = 4.0,
    design: Annotated[str, typer.Option(help="rct: randomized studies only; all: every comparison.")] = "all",
    measure: Annotated[str | None, typer.Option(help="OR, RR, RD; MD or SMD for change.")] = None,
    lumping: Annotated[
        str, typer.Option(help="How finely treatments are told apart: parts, kinds, families, broad.")
    ] = "broad",
    controls: Annotated[str, typer.Option(help="merged: controls do nothing; apart: each keeps an effect.")] = "merged",
    interval: Annotated[str, typer.Option(help="bayes, hartung_knapp or normal.")] = "bayes",
    tau: Annotated[str, typer.Option(help="dl, reml, ml or pm; for bayes it only describes.")] = "reml",
    weight: Annotated[float, typer.Option(help="Weight of studies that were not randomized, above 0 to 1.")] = 1.0,
    bias_sd: Annotated[float, typer.Option(help="SD of what such studies may be off by (bayes).")] = 0.0,
    recalled: Annotated[bool, typer.Option("--recalled/--no-recalled", help="Use figures known from memory.")] = True,
    derived: Annotated[
        bool, typer.Option("--derived/--no-derived", help="Use figures worked back from others.")
    ] = True,
    every_way: Annotated[bool, typer.Option("--every-way", help="Ask in every way, too (seconds).")] = False,
    evidence: Annotated[Path | None, typer.Option(help="Folder of your own studies, beside ours.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Day asked for, YYYY-MM-DD.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON at full precision.")] = False,
    tables: Annotated[Path | None, typer.Option(help="Folder for everything plotted, as CSV.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one HTML file.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the report as PDF.")] = None,
) -> None:
    """Ask whether ketamine or esketamine with TMS does better than either alone, and show what the answer rests on.

    Example: inconcert combine --outcome remission --week 4 --design all
    """
    wishes = {
        "outcome": outcome,
        "week": str(week),
        "design": design,
        "measure": measure or "",
        "lumping": lumping,
        "controls": controls,
        "interval": interval,
        "tau": tau,
        "weight": str(weight),
        "bias_sd": str(bias_sd),
        "recalled": "yes" if recalled else "no",
        "derived": "yes" if derived else "no",
    }
    written = bool(tables or html or pdf)
    _can_be_written(tables, html, pdf)
    answer, ways = _ask(wishes, parse_day(as_of), evidence, in_every_way=every_way or written)
    _report(answer, ways, html, pdf)
    _say(answer, ways, tables, as_json=as_json)


def _can_be_written(tables: Path | None, html: Path | None, pdf: Path | None) -> None:
    """End the command where a wish could not be written in the end, before the seconds of work."""
    refuse_unwritable([("--html", html), ("--pdf", pdf)])
    try:
        from inconcert.exchange.evidence.combine_json import TABLES

        refuse_filled("--tables", tables, [f"{name}.csv" for name in TABLES])
    except ImportError as error:
        need("science", error)
    try:
        if html is not None or pdf is not None:
            importlib.import_module("vl_convert")
        if pdf is not None:
            importlib.import_module("typst")
    except ImportError as error:
        need("report", error)


def _ask(
    wishes: dict[str, str], as_of: date, evidence: Path | None, *, in_every_way: bool
) -> tuple[CombineAnswer, tuple[Universe, ...]]:
    """The answer, and the same asked in every way where that is wanted."""
    try:
        from inconcert.evidence.synthesis.data.types import NetworkError
        from inconcert.evidence.synthesis.pair.answer import combine as ask
        from inconcert.evidence.synthesis.pair.answer import every_way
        from inconcert.evidence.synthesis.pair.wishes import at_odds, read_options
    except ImportError as error:
        need("science", error)
    try:
        options = read_options(wishes, as_of, evidence)
        contrary = at_odds(options)
        if contrary:
            raise NetworkError(contrary)
        answer = ask(options)
        if not in_every_way:
            return answer, ()
        with _progress() as tell:
            return answer, every_way(options, tell)
    except NetworkError as error:
        fail(str(error), MISUSE)


def _report(answer: CombineAnswer, ways: tuple[Universe, ...], html: Path | None, pdf: Path | None) -> None:
    if html is None and pdf is None:
        return
    from inconcert.exchange.evidence.combine_report import combine_html, combine_pdf

    if html is not None:
        html.write_text(combine_html(answer, ways), encoding="utf-8")
        warn(f"Wrote {html}.")
    if pdf is not None:
        pdf.write_bytes(combine_pdf(answer, ways))
        warn(f"Wrote {pdf}.")


def _say(answer: CombineAnswer, ways: tuple[Universe, ...], tables: Path | None, *, as_json: bool) -> None:
    from inconcert.exchange.evidence.combine_json import combine_as_plain, combine_tables
    from inconcert.exchange.evidence.combine_text import combine_as_text

    if tables is not None:
        tables.mkdir(parents=True, exist_ok=True)
        found = combine_tables(answer, ways)
        for name, text in found.items():
            (tables / f"{name}.csv").write_text(text, encoding="utf-8")
        warn(f"Wrote {len(found)} tables to {tables}.")
    if as_json:
        say_json(combine_as_plain(answer, ways))
    else:
        say(combine_as_text(answer, ways))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """A line that tells how far it is, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("Asking in every way") as status:
        yield lambda done, of: status.update(f"Asking in every way: {done} of {of} choices of studies")
