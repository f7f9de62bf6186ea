"""`inconcert measures`: quality measures over the people of a record, in both readings."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inconcert.cli.console import MISUSE, fail, parse_day, say, say_json, warn

if TYPE_CHECKING:
    from inconcert.exchange.fhir import ChartReading
    from inconcert.knowledge.outcomes import MeasureFile
    from inconcert.outcomes import MeasureRun, PersonMeasure
    from inconcert.record import Person

QUIET_SECONDS = 2.0  # what takes longer says how far it is
_NEVER_ASKED = frozenset({"Coverage", "AllergyIntolerance", "Device", "DeviceUseStatement", "MedicationStatement"})
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>0\d|1[0-4]):(?P<minutes>[0-5]\d)\Z")


def measures(
    path: Annotated[Path, typer.Argument(help="FHIR file (Bundle, resource, NDJSON) or folder (Bulk Data).")],
    *,
    measure: Annotated[
        list[str] | None, typer.Option(help="CMS2, CMS128 or CMS159; repeat for more (all if not given).")
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="Measurement period: a year, or two days as 2026-01-01/2026-12-31.")
    ] = None,
    valuesets: Annotated[
        list[Path] | None, typer.Option(help="Your download of value sets (FHIR ValueSets): file or folder; repeat.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Ignore everything dated later, YYYY-MM-DD (end of the period if not given).")
    ] = None,
    whole_until: Annotated[
        str | None, typer.Option(help="You vouch that the records are whole up to this day, YYYY-MM-DD.")
    ] = None,
    one_person_per_file: Annotated[
        bool, typer.Option(help="You vouch that each file is about its one Patient, whomever its records name.")
    ] = False,
    utc_offset: Annotated[
        str | None, typer.Option(help="Read all days off one clock, such as -05:00 (else each day is as written).")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Only this person, where the path holds several.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, with every record used and rejected.")] = False,
    reports: Annotated[
        Path | None, typer.Option(help="Also write FHIR MeasureReports into this folder (one each, and a summary).")
    ] = None,
) -> None:
    """Compute depression quality measures, and say beside each result what the record really shows.

    Example: inconcert measures export/ --measure CMS159 --period 2026 --valuesets vsac-download/
    """
    from inconcert.exchange.measures import as_json as to_json
    from inconcert.exchange.measures import in_words

    runs = _runs(measure, period, valuesets, as_of, whole_until, utc_offset)
    people, doubted = _people(path, runs[0].day, one_person_per_file=one_person_per_file, wanted=person)
    if whole_until and doubted:
        warn(
            f"not taken as whole, because records were refused that a measure may ask for: {len(doubted)} of the people"
        )
    answers = [(run.measure, _evaluate_all(people, run, doubted)) for run in runs]
    if reports is not None:
        _write_reports(reports, answers)
    if as_json:
        say_json({"measures": [to_json(found, results) for found, results in answers]})
    else:
        say("\n\n".join(in_words(found, results) for found, results in answers))


def _runs(
    names: list[str] | None,
    period: str | None,
    valuesets: list[Path] | None,
    as_of: str | None,
    whole_until: str | None,
    utc_offset: str | None,
) -> list[MeasureRun]:
    """What is to be computed. Ends the command, naming the mend, where anything asked for cannot be."""
    from inconcert.exchange.fhir.value_sets import UnreadableValueSet, read_value_sets
    from inconcert.judgement import Refusal
    from inconcert.knowledge.outcomes import measure_files
    from inconcert.outcomes import CodeSets, MeasureRun, Period, find_measure

    try:
        chosen = list(dict.fromkeys(names or sorted(measure_files(), key=lambda name: int(name[3:]))))
        files = list({found.id: found for found in map(find_measure, chosen)}.values())
        spans = [Period.parse(period or str(found.for_year)) for found in files]
        read = read_value_sets(valuesets) if valuesets else None
    except (Refusal, UnreadableValueSet) as error:
        fail(str(error), MISUSE)
    for note in read.left_aside if read else ():
        warn(f"left aside: {note}")
    for found, span in zip(files, spans, strict=True):
        if span.first_day.year != found.for_year:
            warn(f"{found.id} {found.version} is the logic of {found.for_year}; it is applied to {period}.")
    return [
        MeasureRun(
            measure=found,
            period=span,
            sets=CodeSets(read.sets if read else {}),
            as_of=parse_day(as_of) if as_of else None,
            utc_offset_minutes=_offset(utc_offset) if utc_offset else None,
            whole_until=parse_day(whole_until, "--whole-until") if whole_until else None,
        )
        for found, span in zip(files, spans, strict=True)
    ]


def _offset(text: str) -> int:
    found = _OFFSET.match(text)
    if found is None:
        fail(f"--utc-offset {text!r} is not an offset. Mend: write it as +HH:MM or -HH:MM, such as -05:00.", MISUSE)
    minutes = int(found["hours"]) * 60 + int(found["minutes"])
    return -minutes if found["sign"] == "-" else minutes


def _people(
    path: Path, day: date, *, one_person_per_file: bool, wanted: str | None
) -> tuple[Sequence[Person], frozenset[str]]:
    """The people to answer for, and the ids of those whose record may lack something that was refused."""
    from inconcert.exchange.fhir import UnreadableChart

    people: list[Person] = []
    refused: list[dict[str, Any]] = []
    doubted: set[str] = set()
    try:
        for reading in _readings(path, day, one_person_per_file=one_person_per_file):
            people.extend(reading.people)
            here = reading.account.as_dict()["refused"]
            refused.extend(here)
            if any(found["id"].partition("/")[0] not in _NEVER_ASKED for found in here):
                doubted.update(person.id for person in reading.people)
    except UnreadableChart as error:
        fail(str(error))
    if not people:
        fail(f"{path}: no person could be read. Mend: include the Patient resources of the record.")
    if refused:
        warn(f"refused, and not counted: {len(refused)} of the records")
    for found in refused[:3]:
        warn(f"  {found['id']} at {found['path']}: {found['reason']} Mend: {found['mend']}")
    if wanted is None:
        return people, frozenset(doubted)
    chosen = [p for p in people if wanted in (p.id, p.id.removeprefix("Patient/"))]
    if not chosen:
        fail(f"{path} holds no person {wanted!r}. Mend: one of {', '.join(p.id for p in people[:8])}.", MISUSE)
    return chosen, frozenset(doubted)


def _readings(path: Path, day: date, *, one_person_per_file: bool) -> Iterator[ChartReading]:
    from inconcert.exchange.fhir import read_chart

    if not one_person_per_file or not path.is_dir():
        if path.is_dir():
            warn_later = _Progress("files")
            warn_later.note(f"reading {path}", sum(1 for _ in path.rglob("*.*")))
        yield read_chart(path, as_of=day, one_person=one_person_per_file)
        return
    files = sorted([*path.rglob("*.json"), *path.rglob("*.ndjson")])
    progress = _Progress("files")
    for number, file in enumerate(files, 1):
        progress.at(number, len(files))
        yield read_chart(file, as_of=day, one_person=True)
    progress.done()


def _evaluate_all(people: Sequence[Person], run: MeasureRun, doubted: frozenset[str]) -> list[PersonMeasure]:
    """The measure for each person. Nobody can vouch for the record of a person of whom something was refused."""
    from inconcert.outcomes import evaluate

    open_run = replace(run, whole_until=None)
    progress = _Progress(f"people, {run.measure.id}")
    results = []
    for number, person in enumerate(people, 1):
        progress.at(number, len(people))
        results.append(evaluate(person, open_run if person.id in doubted else run))
    progress.done()
    return results


def _write_reports(folder: Path, answers: Sequence[tuple[MeasureFile, list[PersonMeasure]]]) -> None:
    import msgspec

    from inconcert.exchange.measures import individual_report, summary_report

    if folder.exists() and not folder.is_dir():
        fail(f"--reports {folder} is a file. Mend: name a folder.", MISUSE)
    folder.mkdir(parents=True, exist_ok=True)

    def write(name: str, report: dict[str, Any]) -> None:
        text = msgspec.json.format(msgspec.json.encode(report), indent=2)
        (folder / f"{name}.json").write_bytes(text)

    written = 0
    for measure, results in answers:
        write(f"{measure.id}-summary", summary_report(results))
        for number, result in enumerate(results, 1):
            stem = "".join(c if c.isalnum() or c == "-" else "_" for c in result.person)[:80]
            write(f"{measure.id}-{number:05d}-{stem}", individual_report(result))
            written += 1
    warn(f"written: {written} individual reports and {len(answers)} summaries in {folder}")


class _Progress:
    """How far it is, on standard error, once two seconds have gone by."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.started = self.shown = time.monotonic()
        self.said = False

    def note(self, text: str, size: int) -> None:
        """Say beforehand what may take long."""
        if size > 50:
            warn(f"{text}: {size} {self.what} ...")

    def at(self, number: int, of: int) -> None:
        """Say so at most once a second."""
        now = time.monotonic()
        if now - self.started < QUIET_SECONDS or now - self.shown < 1:
            return
        self.shown, self.said = now, True
        end = "\r" if sys.stderr.isatty() else "\n"
        sys.stderr.write(f"{number} of {of} {self.what}{end}")
        sys.stderr.flush()

    def done(self) -> None:
        """Leave the line."""
        if self.said and sys.stderr.isatty():
            sys.stderr.write("\n")
