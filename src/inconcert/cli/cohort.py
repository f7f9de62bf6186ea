"""`inconcert cohort make | read`: folders of tables for `inconcert cover`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inconcert.cli.console import MISUSE, NOTHING_USABLE, fail, need, parse_day, say, say_json, warn

if TYPE_CHECKING:
    from inconcert.exchange.bulk import BulkAccount

cohort = typer.Typer(
    help="Folders of tables of many people: invented, or read from a bulk export.", no_args_is_help=True
)
Told = Callable[[int], None]
_SHOWN = 20  # refusals that a terminal shows


@cohort.command("make")
def make(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write; it must not exist yet.")],
    *,
    people: Annotated[int, typer.Option(min=1, max=100_000_000, help="How many people to invent.")] = 1_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people, however many.")] = 1,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day they are known on; today if none is given.")
    ] = None,
) -> None:
    """Invent people with depression and their histories, and write them as Parquet tables.

    Example: inconcert cohort make cohort/ --people 100000 --seed 1
    """
    try:
        from inconcert.judgement import Refusal
        from inconcert.population.invented import ORIGIN, invented_parts
        from inconcert.population.tables import write_cohort
    except ImportError as error:
        need("population", error)
    on = parse_day(as_of)
    origin = f"{ORIGIN} (seed {seed})"
    try:
        with _bar("Inventing people", people) as tell:
            write_cohort(folder, invented_parts(people, seed, on, made=tell), as_of=on, invented=True, origin=origin)
    except Refusal as refusal:
        fail(str(refusal), MISUSE)
    say(f"{people:,} INVENTED people as of {on} written to {folder}. Ask: inconcert cover --cohort {folder}")


@cohort.command("read")
def read(
    export: Annotated[
        Path, typer.Argument(metavar="NDJSON_DIR", help="Folder into which a Bulk Data export was written.")
    ],
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write; it must not exist yet.")],
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day asked for; today if none is given.")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, help="How many processes read; as many as there are cores if none is given.")
    ] = (os.cpu_count() or 1),
    as_json: Annotated[bool, typer.Option("--json", help="Write the account of every line as JSON.")] = False,
) -> None:
    """Read a Bulk Data export (NDJSON) into Parquet tables, and account for every line.

    Example: inconcert cohort read export/ --out cohort/
    """
    try:
        from inconcert.exchange.bulk import read_bulk
        from inconcert.exchange.fhir.account import UnreadableChart
        from inconcert.judgement import Refusal
    except ImportError as error:
        need("population", error)
    on = parse_day(as_of)
    try:
        with _bars() as told:
            found = read_bulk(export, out, on, processes=processes, told=told)
    except (Refusal, UnreadableChart) as refusal:
        fail(str(refusal), NOTHING_USABLE)
    if as_json:
        say_json(_as_dict(found.account))
    else:
        _show(found.account, out)


def _as_dict(account: BulkAccount) -> dict[str, Any]:
    kept = [{"type": kind, "reason": reason, "resources": n} for (kind, reason), n in account.kept.items()]
    return {
        "people": account.people, "resources": account.resources, "used": account.used,
        "kept_not_used": account.kept_not_used, "kept": kept, "refused_count": account.refused_count,
        "refused": [e.as_dict() for e in account.refused], "problem_count": account.problem_count,
        "problems": [e.as_dict() for e in account.problems], "log_lines": account.log_lines,
    }  # fmt: skip


def _show(account: BulkAccount, out: Path) -> None:
    for entry in account.refused[:_SHOWN]:
        warn(f"{entry.id}: {entry.reason} Mend: {entry.mend}")
    if account.refused_count > _SHOWN:
        warn(f"... and {account.refused_count - _SHOWN:,} more refused; --json lists them.")
    say(f"{account.people:,} people written to {out}. Ask: inconcert cover --cohort {out}")
    say(
        f"{account.resources:,} resources: {account.used:,} used, {account.kept_not_used:,} kept and not used, "
        f"{account.refused_count:,} refused."
    )
    for (kind, reason), count in account.kept.items():
        say(f"  {count:>9,} {kind}: {reason}")


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each step of a reading, on a terminal only."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _what, _done, _whole: None
        return
    tasks: dict[str, Any] = {}
    with Progress(console=console) as progress:

        def told(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=whole)
            progress.update(tasks[what], completed=done)

        yield told


@contextmanager
def _bar(what: str, whole: int) -> Iterator[Told]:
    """A bar on standard error, on a terminal only."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done: None
        return
    with Progress(console=console) as progress:
        task = progress.add_task(what, total=whole)
        yield lambda done: progress.update(task, completed=done)
