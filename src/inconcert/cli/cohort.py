"""`inconcert cohort make | read`: folders of tables for `inconcert cover`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from inconcert.cli.console import MISUSE, fail, need, parse_day, say

cohort = typer.Typer(
    help="Folders of tables of many people: invented, or read from a bulk export.", no_args_is_help=True
)
Told = Callable[[int], None]


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
