"""`inconcert policies | protocols | scales`: what the library holds, with sources."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from inconcert.cli.console import MISUSE, fail, say, say_json

JsonFlag = Annotated[bool, typer.Option("--json", help="Write JSON.")]
WIDTH = 80
Rows = Callable[[], list[dict[str, Any]]]


class _Shelf(TyperGroup):
    """`inconcert policies aetna-tms` is what people type first: an unknown word is taken as the id to show."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["show", *args]
        return super().parse_args(ctx, args)


def _policy_rows() -> list[dict[str, Any]]:
    from inconcert.knowledge.policies import policies as all_policies
    from inconcert.payers import describe

    return [describe(policy) for policy in all_policies().values()]


def _protocol_rows() -> list[dict[str, Any]]:
    from inconcert.protocols import describe_all

    return describe_all()


def _scale_rows() -> list[dict[str, Any]]:
    from inconcert.knowledge.scales import scale_files
    from inconcert.scales import describe

    return [describe(scale_id) for scale_id in scale_files()]


def _shelf(noun: str, about: str, rows: Rows, columns: Mapping[str, str]) -> typer.Typer:
    """A command that lists a shelf of the library, and shows one entry whole with its sources."""
    shelf = typer.Typer(cls=_Shelf, help=about, invoke_without_command=True, rich_markup_mode=None)

    @shelf.callback()
    def list_all(context: typer.Context, as_json: JsonFlag = False) -> None:
        if context.invoked_subcommand is None:
            found = rows()
            say_json(found) if as_json else say(_table(found, columns))

    @shelf.command("list", help=f"List every {noun}.")
    def list_command(as_json: JsonFlag = False) -> None:
        found = rows()
        say_json(found) if as_json else say(_table(found, columns))

    @shelf.command("show", help=f"Show one {noun} whole, with its sources.")
    def show(entry_id: Annotated[str, typer.Argument(metavar="ID")], as_json: JsonFlag = False) -> None:
        found = {row["id"]: row for row in rows()}
        row = found.get(entry_id) or next((r for r in found.values() if entry_id in r.get("aliases", ())), None)
        if row is None:
            near = difflib.get_close_matches(entry_id, found, n=3, cutoff=0.4)
            hint = f" Did you mean {', '.join(near)}?" if near else ""
            fail(f"there is no {noun} {entry_id!r}.{hint} Mend: `inconcert {noun.split()[-1]}` lists them.", MISUSE)
        say_json(row) if as_json else say("\n".join(_outline(row)))

    return shelf


def _table(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """Plain columns, at most 80 wide: the last column is cut, never wrapped into the next row."""
    body = [[_cell(row.get(key)) for key in columns] for row in rows]
    headings = list(columns.values())
    widths = [max(len(heading), *(len(line[i]) for line in body), 0) for i, heading in enumerate(headings)]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH:  # the ids are kept whole; the widest of the others gives way
        widths[max(range(1, len(widths)), key=widths.__getitem__)] -= 1
    return "\n".join(
        "  ".join(_fit(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [headings, *body]
    )


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _fit(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"


def _outline(value: Any, indent: int = 0) -> Iterable[str]:
    """Nested data as an indented outline: readable without knowing JSON."""
    pad = "  " * indent
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if inner in (None, "", [], {}, ()):
                continue
            if isinstance(inner, Mapping | list | tuple) and not _is_flat(inner):
                yield f"{pad}{key}:"
                yield from _outline(inner, indent + 1)
            else:
                yield f"{pad}{key}: {_cell(inner)}"
    elif isinstance(value, list | tuple):
        for inner in value:
            first, *rest = list(_outline(inner, indent + 1)) or [pad]
            yield f"{pad}- {first.strip()}"
            yield from rest
    else:
        yield f"{pad}{value}"


def _is_flat(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and all(isinstance(x, str | int | float) for x in value)
        and len(_cell(value)) < 60
    )


policies = _shelf(
    "coverage policy",
    "Coverage policies: list, show with sources, check a file of your own.",
    _policy_rows,
    {"id": "id", "payer": "payer", "combination": "on the pair", "read_depth": "read"},
)
protocols = _shelf(
    "treatment protocol",
    "Treatment protocols: list, show with sources.",
    _protocol_rows,
    {"id": "id", "kind": "kind", "status": "status", "name": "name"},
)
scales = _shelf(
    "rating scale",
    "Rating scales: list, show with sources.",
    _scale_rows,
    {"id": "id", "n_items": "items", "status": "status", "name": "name"},
)
