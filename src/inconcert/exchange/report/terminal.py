"""The report in a terminal: plain text, 80 columns by default, nothing said by color alone."""

from __future__ import annotations

import io
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from inconcert.exchange.report.clean import clean
from inconcert.exchange.report.content import report_of
from inconcert.exchange.report.content_basis import bases
from inconcert.exchange.report.page import Block, Bullets, Para, Report, Section, Table
from inconcert.exchange.report.words import Json, counted

_SHORT = ("trials", "staging", "safety", "paid", "given", "account")
_MOST_ROWS = 16
_MOST_ITEMS = 12


def render_terminal(assessment: Json, width: int = 80) -> str:
    """The four answers with their basis in short, and the tables that fit, as plain text.

    `assessment` is the JSON form. The whole basis is in `--json`, `--html` and `--pdf`.
    """
    safe = clean(assessment)
    report = report_of(safe)
    out = io.StringIO()
    console = Console(
        file=out, width=width, color_system=None, force_terminal=False, highlight=False, emoji=False, markup=False
    )
    _top(console, report)
    for section in report.sections:
        if section.id == "answers":
            _answers(console, section, safe)
        elif section.id in _SHORT:
            _heading(console, section.title)
            for block in _brief(section):
                _show(console, block)
    console.print()
    console.print(Text(report.disclaimer))
    console.print(Text("The whole basis, record by record: --json, --html FILE or --pdf FILE."))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _top(console: Console, report: Report) -> None:
    label = "   *** INVENTED PERSON ***" if report.invented else ""
    console.print(Text(f"{report.name}{label}"))
    console.print(Text("; ".join(f"{name} {value}" for name, value in report.banner)))
    console.print(Text(f"{report.title} as of {report.as_of}"))
    for warning in report.warnings:
        console.print(Text(f"! {warning}"))


def _heading(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title.upper()))
    console.print(Text("-" * len(title)))


def _answers(console: Console, section: Section, assessment: Json) -> None:
    """Each answer, and under it the rules, records and sources it stands on, in one line."""
    _heading(console, section.title)
    answers = assessment.get("answers") or {}
    keys = iter(("who", "paid", "given", "evidence"))
    for block in section.blocks:
        _show(console, block)
        if isinstance(block, Para) and block.tone == "lead":
            console.print(Padding(Text(_in_short(answers.get(next(keys)))), (0, 0, 0, 3)))


def _in_short(answer: Json | None) -> str:
    found = list(bases(answer))
    rules = {(basis["rule_id"], basis.get("rule_version")) for basis in found}
    used = {use.get("record_id") for basis in found for use in basis.get("used") or ()}
    rejected = {use.get("record_id") for basis in found for use in basis.get("rejected") or ()} - used
    sources = {(s.get("ref"), s.get("where")): s.get("status") for basis in found for s in basis.get("sources") or ()}
    recalled = sum(status == "recalled" for status in sources.values())
    marked = f" ({recalled} recalled, not read)" if recalled else ""
    return (
        f"Basis: {counted(len(rules), 'rule')}, {counted(len(used), 'record')} used, {len(rejected)} rejected, "
        f"{counted(len(sources), 'source')}{marked}."
    )


def _brief(section: Section) -> Iterable[Block]:
    """What of a section fits a terminal: its paragraphs and lists, and its tables' brief columns."""
    for block in section.blocks:
        if isinstance(block, Table):
            if block.brief:
                yield block
        elif isinstance(block, Para | Bullets):
            yield block


def _show(console: Console, block: Block) -> None:
    if isinstance(block, Para):
        mark = "! " if block.tone == "warn" else ""
        console.print(Text(mark + block.text))
    elif isinstance(block, Bullets):
        mark = "! " if block.tone == "warn" else ""
        console.print(Text(f"{mark}{block.lead}:"))
        most = len(block.items) if block.tone == "warn" else _MOST_ITEMS
        for item in block.items[:most]:
            console.print(Padding(Text(f"- {item}"), (0, 0, 0, 2)))
        if len(block.items) > most:
            console.print(Padding(Text(f"... and {len(block.items) - most} more"), (0, 0, 0, 2)))
    elif isinstance(block, Table):
        _table(console, block)


def _table(console: Console, block: Table) -> None:
    columns = block.brief or tuple(range(len(block.headers)))
    shown = RichTable(box=box.ASCII2, show_edge=False, pad_edge=False, expand=True, show_lines=False)
    for column in columns:
        ratio = round(10 * block.widths[column]) if block.widths else 10
        shown.add_column(Text(block.headers[column]), ratio=ratio, overflow="fold")
    for row in block.rows[:_MOST_ROWS]:
        shown.add_row(*(Text(row[column]) for column in columns))
    console.print(shown)
    if len(block.rows) > _MOST_ROWS:
        console.print(Text(f"... and {len(block.rows) - _MOST_ROWS} more"))
