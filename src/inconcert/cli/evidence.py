"""`inconcert evidence check | add | template`: the study tables, ours and a reader's own, with every mistake named."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inconcert.cli.console import MISUSE, NOTHING_USABLE, fail, parse_day, say, say_json, warn

if TYPE_CHECKING:
    from inconcert.evidence.synthesis.data.own_edges import NetworkEdge
    from inconcert.evidence.synthesis.entering import ComputedEffect
    from inconcert.knowledge.study_findings import StudyFinding
    from inconcert.knowledge.study_store import CheckedStudies

evidence = typer.Typer(
    help="The studies as data: check them, or add your own.", no_args_is_help=True, rich_markup_mode=None
)
_COLORS = {"error": "red", "warning": "yellow", "doubt": "cyan"}
_JSON = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@evidence.command("check", help="Check study tables: every mistake and doubt with file, line, row and mend.")
def check(
    path: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="A folder or study file of your own; ours if not given.")
    ] = None,
    *,
    as_of: Annotated[str | None, typer.Option(help="Day after which no study can be, YYYY-MM-DD (today).")] = None,
    as_json: _JSON = False,
) -> None:
    """Check the tables we carry, or a reader's own beside them. Exit code 1 where one holds an error."""
    from inconcert.knowledge.study_store import check_studies

    checked = check_studies(path, as_of=parse_day(as_of))
    if as_json:
        say_json(
            {"of": str(path) if path else "the tables of InConcert", **_counts(checked), "findings": checked.findings}
        )
    else:
        _show_findings(checked.findings)
        say(_summary(checked))
    if checked.errors:
        raise typer.Exit(NOTHING_USABLE)


@evidence.command("add", help="Add a study of your own to a folder of yours: checked, with what it would bring.")
def add(
    path: Annotated[Path, typer.Argument(metavar="STUDY_FILE", help="A study file (YAML), or a folder of CSV tables.")],
    *,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Your folder of studies; made if not there.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would bring, and write nothing.")] = False,
    as_of: Annotated[str | None, typer.Option(help="Day after which no study can be, YYYY-MM-DD (today).")] = None,
    as_json: _JSON = False,
) -> None:
    """Check a study, show the effects it holds and the networks it enters, and keep it.

    Example: inconcert evidence add my-trial.yaml --to my-studies/
    """
    from inconcert.evidence.synthesis.entering import effects_of
    from inconcert.knowledge.study_store import add_study, check_studies

    if to is None and not dry_run:
        fail("no folder is named. Mend: --to FOLDER, or --dry-run to look only.", MISUSE)
    beside = to if to is not None and to.is_dir() and any(to.iterdir()) else None
    checked = check_studies(path, as_of=parse_day(as_of), beside=beside)
    effects = {} if checked.errors else {name: effects_of(checked.tables, name) for name in checked.ids}
    edges = {} if checked.errors else {name: _edges(checked, name) for name in checked.ids}
    written = [] if checked.errors or dry_run or to is None else add_study(checked, to)
    if as_json:
        say_json({
            **_counts(checked), "findings": checked.findings, "effects": effects, "networks": edges, "written": [str(p) for p in written],
        })  # fmt: skip
    else:
        _show_findings(checked.findings)
        for name, computed in effects.items():
            _show_study(checked, name, computed, edges[name])
        for file in written:
            say(f"Kept as {file}. Use it with --evidence {to}.")
    if checked.errors:
        warn(f"inconcert: {_summary(checked)} Nothing was added. Mend: correct the errors.")
        raise typer.Exit(NOTHING_USABLE)


@evidence.command("template", help="Write a study file to fill in, with every field explained.")
def template() -> None:
    """Write the template of a study file."""
    from inconcert.knowledge.study_store import TEMPLATE

    say(TEMPLATE.read_text(encoding="utf-8"))


def _edges(checked: CheckedStudies, name: str) -> Sequence[NetworkEdge] | None:
    """What enters the networks; None where the part that computes them is not installed."""
    try:
        from inconcert.evidence.synthesis.data.own_edges import edges_of

        return edges_of(checked.tables, name)
    except ImportError:
        return None


def _counts(checked: CheckedStudies) -> dict[str, Any]:
    levels = [finding.level.value for finding in checked.findings]
    return {
        "rows": checked.parts.rows, "studies": list(checked.ids),
        **{f"{level}s": levels.count(level) for level in ("error", "warning", "doubt")},
    }  # fmt: skip


def _summary(checked: CheckedStudies) -> str:
    found = _counts(checked)
    studies, rows = len(found["studies"]), found["rows"]
    said = [_number(found[f"{level}s"], level, f"{level}s") for level in ("error", "warning", "doubt")]
    return f"{_number(studies, 'study', 'studies')}, {_number(rows, 'row', 'rows')}: {', '.join(said)}."


def _number(count: int, one: str, many: str) -> str:
    """A count with its word, such as `1 study` or `no errors`."""
    return f"{count or 'no'} {one if count == 1 else many}"


def _show_findings(findings: Sequence[StudyFinding]) -> None:
    if not findings:
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, show_lines=False)
    table.add_column("", width=7)
    table.add_column("row", ratio=3, overflow="fold")
    table.add_column("what was found, and what would mend it", ratio=5)
    alike: dict[tuple[str, str, str], list[str]] = {}
    for finding in findings:
        place = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
        alike.setdefault((finding.level.value, finding.problem, finding.mend), []).append(f"{place} {finding.row_id}")
    for (level, problem, mend), rows in alike.items():
        words = Text(f"{problem}\n").append(f"Mend: {mend}", style="dim")
        table.add_row(Text(level, style=_COLORS[level]), "\n".join(rows), words)
    Console(file=sys.stdout, highlight=False, soft_wrap=False).print(table)


def _show_study(
    checked: CheckedStudies, name: str, effects: Sequence[ComputedEffect], edges: Sequence[NetworkEdge] | None
) -> None:
    study = checked.tables.studies[name]
    say(f"{name} ({study.first_author} {study.year}, {study.design.replace('_', ' ')})")
    say("  Effects computed from its arms:" if effects else "  No two of its arms have counts or spreads to compare.")
    heading = ""
    for effect in effects:
        title = f"    {effect.arms}: {effect.outcome}"
        if title != heading:
            say(title)
            heading = title
        say(f"      {effect.text}")
    formulas = dict.fromkeys(f"{effect.formula} ({effect.source})" for effect in effects)
    if formulas:
        say("  By formula:")
    for formula in formulas:
        say(f"    {formula}")
    if edges is None:
        say("  Which networks it enters needs the part for science. Mend: pip install 'inconcert[science]'")
        return
    say("  Networks by our default choices (week 4, all designs):")
    for edge in edges:
        say(f"    {edge.outcome}: {edge.text}" if edge.enters else f"    {edge.outcome}: not entered: {edge.text}")
