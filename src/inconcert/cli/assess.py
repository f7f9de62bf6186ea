"""`inconcert assess`: one record in, four answers out."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inconcert.cli.console import MISUSE, fail, need, parse_day, say, say_json, warn

if TYPE_CHECKING:
    from inconcert.exchange.fhir import ChartReading
    from inconcert.record import Person


def assess(
    path: Annotated[Path, typer.Argument(help="FHIR file (Bundle, resource, NDJSON) or folder (Bulk Data).")],
    *,
    as_of: Annotated[
        str | None, typer.Option(help="Day the questions are asked for, YYYY-MM-DD (today if not given).")
    ] = None,
    payer: Annotated[
        list[str] | None, typer.Option(help="Coverage policy to ask, by id; repeat for more; 'all' for every one.")
    ] = None,
    plan: Annotated[
        list[str] | None,
        typer.Option(help="Plan to ask for: a way (tms_first_same_day) or services (esketamine+rtms)."),
    ] = None,
    person: Annotated[str | None, typer.Option(help="Only this person, where the path holds several.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON (schema: inconcert schema).")] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a printable page; a folder where there are several people.")
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option(help="Write a PDF to sign; a folder where there are several people.")
    ] = None,
) -> None:
    """Answer who / paid for / how given / does it work for the people in a FHIR record, each with its basis.

    Example: inconcert assess patient.json --payer aetna-tms --plan esketamine+rtms --pdf report.pdf
    """
    from inconcert.assessment import UnknownName
    from inconcert.exchange.fhir import UnreadableChart, read_chart

    day = parse_day(as_of)
    try:
        reading = read_chart(path, as_of=day)
    except UnreadableChart as error:
        fail(str(error))
    people = choose(reading, person, path)
    try:
        results = _assess_all(people, reading, day, payer, plan)
    except UnknownName as error:
        fail(str(error), MISUSE)
    _write(results, reading, as_json=as_json, html=html, pdf=pdf)


def choose(reading: ChartReading, wanted: str | None, path: Path) -> Sequence[Person]:
    """The people to answer for. Ends the command where there is nobody, having said what was refused and why."""
    if not reading.people:
        for refused in reading.account.as_dict()["refused"][:20]:
            warn(f"  refused {refused['id']} at {refused['path']}: {refused['reason']} Mend: {refused['mend']}")
        fail(f"{path}: no person could be read. Mend: include the Patient resource of the record.")
    if wanted is None:
        if len(reading.people) > 1:
            warn(f"{path}: {len(reading.people)} people in this record; each is answered for alone.")
        return reading.people
    chosen = [p for p in reading.people if wanted in (p.id, p.id.removeprefix("Patient/"))]
    if not chosen:
        known = ", ".join(p.id for p in reading.people[:8])
        fail(f"{path} holds no person {wanted!r}. Mend: one of {known}.", MISUSE)
    return chosen


def _assess_all(
    people: Sequence[Person], reading: ChartReading, day: date, payer: list[str] | None, plan: list[str] | None
) -> list[dict[str, Any]]:
    from inconcert.assessment import as_json, assess

    account = reading.account.as_dict()
    results = []
    for position, person in enumerate(people, 1):
        if len(people) > 1 and sys.stderr.isatty():
            sys.stderr.write(f"\r{position} of {len(people)} people")
        answer = assess(person, as_of=day, payers=payer, plans=plan, account=account)
        results.append(as_json(answer))
    if len(people) > 1 and sys.stderr.isatty():
        sys.stderr.write("\n")
    return results


def _write(
    results: list[dict[str, Any]], reading: ChartReading, *, as_json: bool, html: Path | None, pdf: Path | None
) -> None:
    if html is not None or pdf is not None:
        try:
            from inconcert.exchange.report import write_html, write_pdf

            for out, write, suffix in ((html, write_html, "html"), (pdf, write_pdf, "pdf")):
                for result, target in _targets(results, out, suffix):
                    write(result, target)
                    warn(f"written: {target}")
        except ImportError as error:
            need("report", error)
    if as_json:
        # One person is one object; several are told apart under one account.
        say_json(results[0] if len(results) == 1 else {"account": reading.account.as_dict(), "assessments": results})
    elif html is None and pdf is None:
        from inconcert.exchange.report import render_terminal

        say("\n\n".join(render_terminal(result) for result in results))


def _targets(results: list[dict[str, Any]], out: Path | None, suffix: str) -> list[tuple[Mapping[str, Any], Path]]:
    """Which result goes to which file: `out` itself for one person, a file each in the folder `out` for several."""
    if out is None:
        return []
    if len(results) == 1 and not out.is_dir():
        if not out.parent.is_dir():
            fail(f"the folder {out.parent} does not exist. Mend: make it first.", MISUSE)
        return [(results[0], out)]
    if out.suffix:
        fail(
            f"{len(results)} people cannot go into one file. Mend: name a folder, or one person with --person.", MISUSE
        )
    out.mkdir(parents=True, exist_ok=True)
    return [(result, out / f"{file_stem(result)}.{suffix}") for result in results]


def file_stem(result: Mapping[str, Any]) -> str:
    """A file name made from the person's id alone: nothing of it can lead out of the folder."""
    identifier = str(result["person"]["id"]).removeprefix("Patient/")
    return "".join(c if c.isalnum() or c == "-" else "_" for c in identifier)[:80] or "person"
