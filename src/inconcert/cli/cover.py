"""`inconcert cover`: what payers would answer for a whole cohort, and what would change if they asked otherwise."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inconcert.cli.console import MISUSE, fail, need, say, say_json, warn

if TYPE_CHECKING:
    from rich.console import Console

    from inconcert.knowledge.policies import CoveragePolicy
    from inconcert.population.cover import PolicyCover, Progress
    from inconcert.population.tables import Cohort
    from inconcert.population.whatif import Change, Gain


def cover(
    cohort: Annotated[Path, typer.Option(help="Folder of Parquet tables, as `inconcert cohort` writes it.")],
    *,
    policy: Annotated[
        list[str] | None,
        typer.Option(help="A policy's id or file; may be repeated. Every policy of the library if none is named."),
    ] = None,
    service: Annotated[
        str | None, typer.Option(help="Treatment asked about; each policy's first if none is named.")
    ] = None,
    stage: Annotated[str, typer.Option(help="initial, continuation, retreatment or maintenance.")] = "initial",
    as_written: Annotated[
        bool, typer.Option(help="Judge texts that are not in force on the cohort's day, too.")
    ] = False,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FACT.FIELD=VALUE", help="What if: trials.at_least=2. May be repeated."),
    ] = None,
    who: Annotated[
        Path | None, typer.Option(help="With --set: write who gains as CSV, one line for each person and policy.")
    ] = None,
    engine: Annotated[str, typer.Option(help="duckdb or spark.")] = "duckdb",
    threads: Annotated[int | None, typer.Option(help="Threads; as many as there are cores if none is given.")] = None,
    memory_gib: Annotated[float | None, typer.Option(help="Memory the engine may use, GiB.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Write a waterfall of one policy as SVG.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Count for how many people of a cohort each policy is met, not met or unknown, and which criterion stops most.

    Example: inconcert cover --cohort cohort/ --policy aetna-tms --set trials.at_least=1
    """
    try:
        from inconcert.judgement import Refusal
        from inconcert.population import cover as counting
        from inconcert.population import engine as engines
        from inconcert.population import whatif
        from inconcert.population.tables import open_cohort
    except ImportError as error:
        need("population", error)
    try:
        changes = tuple(whatif.read_change(text) for text in set_ or ())
        asked_of, listed = open_cohort(cohort), _policies(policy)
        others = [whatif.changed(p, changes) for p in listed] if changes else []
        _check(listed, others, changes, picture, who)
        with _progress() as tell:
            tell("Starting the engine")
            connection = engines.connect(engine, threads=threads, memory_gib=memory_gib)
            tables, left_out = engines.from_files(asked_of, connection)
            more: dict[str, Any] = {"stage": stage, "as_written": as_written, "progress": tell}
            before = counting.ask(tables, asked_of.as_of, counting.proposals(listed, service), **more)
            found = counting.cover(before, connection, tell)
            gains: tuple[Gain, ...] = ()
            if changes:
                after = counting.ask(tables, asked_of.as_of, counting.proposals(others, service), **more)
                tell("Comparing the two")
                gains = whatif.compare(before, after, connection)
                if who is not None:
                    _list(whatif.gainers(before, after, connection), who)
    except Refusal as refusal:
        fail(str(refusal), MISUSE)
    for bad in left_out:
        warn(f"inconcert: {bad}")
    if picture is not None:
        _draw(found[0], asked_of, picture)
    if as_json:
        say_json(_as_dict(asked_of, found, gains, [str(c) for c in changes]))
    else:
        _show(asked_of, found, gains, [str(c) for c in changes])


def _check(
    listed: list[CoveragePolicy],
    others: list[CoveragePolicy],
    changes: tuple[Change, ...],
    picture: Path | None,
    who: Path | None,
) -> None:
    """End the command where what is asked for cannot be given, before anything is counted."""
    if changes and all(a is b for a, b in zip(listed, others, strict=True)):
        fail(f"no policy asked has a criterion that {', '.join(map(str, changes))} would change.", MISUSE)
    if who is not None and not changes:
        fail("nobody gains where nothing changes. Mend: add --set, or leave --who out.", MISUSE)
    if who is not None and who.exists():
        fail(f"{who} is there already. Mend: name another file.", MISUSE)
    if picture is not None and len(listed) != 1:
        fail("a waterfall shows one policy. Mend: name it with --policy.", MISUSE)


def _policies(names: list[str] | None) -> list[CoveragePolicy]:
    from inconcert.cli.policies import policy_named
    from inconcert.knowledge.policies import policies

    return [policy_named(name) for name in names] if names else list(policies().values())


@contextmanager
def _progress() -> Iterator[Progress]:
    """A line that tells what is being done, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("Starting") as status:
        began = time.monotonic()
        yield lambda text: status.update(f"{text} ({time.monotonic() - began:.0f} s)")


def _draw(found: PolicyCover, cohort: Cohort, file: Path) -> None:
    try:
        from inconcert.exchange.report.waterfall import waterfall_svg
    except ImportError as error:
        need("report", error)
    file.write_text(waterfall_svg(found, as_of=cohort.as_of, invented=cohort.invented), encoding="utf-8")
    warn(f"Wrote {file}.")


def _list(rows: Iterator[dict[str, Any]], file: Path) -> None:
    """Write who gains."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ("policy_id", "service", "person", "person_id", "before"))
        writer.writeheader()
        writer.writerows(rows)
    warn(f"Wrote {file}.")


def _as_dict(
    cohort: Cohort, found: tuple[PolicyCover, ...], gains: tuple[Gain, ...], changes: list[str]
) -> dict[str, Any]:
    import msgspec

    return {
        "cohort": {"as_of": cohort.as_of.isoformat(), "invented": cohort.invented, "origin": cohort.origin},
        "policies": msgspec.to_builtins(found),
        "what_if": changes,
        "gains": [
            {
                "policy_id": g.policy_id, "service": g.service, "touched": g.touched, "gains": g.gains, "loses": g.loses,
                "sooner_days_median": g.sooner_days, "sooner_people": g.sooner_people,
                "already_days_median": g.already_days, "already_people": g.already_people,
            }
            for g in gains
        ],
    }  # fmt: skip


def _show(cohort: Cohort, found: tuple[PolicyCover, ...], gains: tuple[Gain, ...], changes: list[str]) -> None:
    from rich.console import Console

    console = Console()
    mark = "INVENTED people" if cohort.invented else "people"
    console.print(f"{found[0].people:,} {mark} as of {cohort.as_of} ({cohort.origin})\n", highlight=False)
    _counts(console, found)
    if len(found) == 1:
        _criteria(console, found[0])
    if changes:
        _what_if(console, gains, changes)
    say("Met, not met and unknown are what the texts we hold say of these records; a payer decides.")


def _counts(console: Console, found: tuple[PolicyCover, ...]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column("policy", no_wrap=True)
    for name in ("met", "not met", "unknown"):
        table.add_column(name, justify="right")
    table.add_column("stops most")
    for one in found:
        stop = one.stops_most
        why = f"{stop.path}. {stop.text} ({stop.not_met:,})" if stop is not None else ""
        if one.alternatives and one.not_met:
            why = f"none of the {len(one.criteria)} ways is open ({one.not_met:,})"
        if one.in_force is not None:
            why = f"not in force that day: {one.in_force}"
        table.add_row(
            one.policy_id, f"[green]{one.met:,}[/]", f"[red]{one.not_met:,}[/]", f"[yellow]{one.unknown:,}[/]", why
        )
    console.print(table)


def _criteria(console: Console, one: PolicyCover) -> None:
    from rich.table import Table

    table = Table(
        box=None,
        padding=(0, 1),
        header_style="bold",
        title=f"\n{one.title}, {'way by way: any one is enough' if one.alternatives else 'criterion by criterion'}",
        title_justify="left",
    )
    table.add_column("way" if one.alternatives else "criterion")
    for name in ("met", "not met", "unknown", "still possible", "met so far" if one.alternatives else "sure so far"):
        table.add_column(name, justify="right")
    for c in one.criteria:
        table.add_row(f"{c.path}. {c.text}", *(f"{n:,}" for n in (c.met, c.not_met, c.unknown, c.left, c.sure)))
    console.print(table)


def _what_if(console: Console, gains: tuple[Gain, ...], changes: list[str]) -> None:
    from rich.table import Table

    table = Table(
        box=None, padding=(0, 1), header_style="bold", title=f"\nWhat if {', '.join(changes)}", title_justify="left"
    )
    table.add_column("policy", no_wrap=True)
    for name in ("gain", "lose", "trials sufficed sooner by (days, median)", "have sufficed for (days, median)"):
        table.add_column(name, justify="right")
    for g in gains:
        if g.touched:
            sooner = f"{g.sooner_days:,.0f} ({g.sooner_people:,})" if g.sooner_days is not None else "-"
            already = f"{g.already_days:,.0f} ({g.already_people:,})" if g.already_days is not None else "-"
            table.add_row(g.policy_id, f"{g.gains:,}", f"{g.loses:,}", sooner, already)
    console.print(table)
