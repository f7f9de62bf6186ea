"""`inconcert packet`: the papers for a payer, and a sheet of their own for the clinic."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inconcert.cli.assess import choose, file_stem
from inconcert.cli.console import MISUSE, fail, need, parse_day, say, say_json, warn
from inconcert.cli.options import ClinicOption, ConsentOption, ReleaseOption, released, settings_of

if TYPE_CHECKING:
    from inconcert.exchange.fhir import ChartReading
    from inconcert.exchange.packet import Denial, PacketFacts

DeniedFor = Annotated[str | None, typer.Option(help="Appeal: the criterion that was refused.")]
NoticeFile = Annotated[
    Path | None, typer.Option(help="Appeal: YAML file with criterion, reason, date, reference of the refusal.")
]
DenialReason = Annotated[str, typer.Option(help="Appeal: the payer's reason, in its words.")]
DenialDate = Annotated[str | None, typer.Option(help="Appeal: day of the refusal, YYYY-MM-DD.")]
DenialReference = Annotated[str, typer.Option(help="Appeal: the refusal's reference number.")]
MemberId = Annotated[str, typer.Option(help="The person's member number at the payer.")]
ReviewedBy = Annotated[str, typer.Option(help="The clinician who has read it; without one every page says DRAFT.")]
LONG_SECONDS = 2.0  # work that took longer is told step by step


def packet(
    path: Annotated[
        Path | None, typer.Argument(help="FHIR file (Bundle, resource, NDJSON) or folder (Bulk Data).")
    ] = None,
    *,
    service: Annotated[
        list[str] | None,
        typer.Option(help="Treatment asked for: rtms, esketamine, iv_ketamine ...; repeat for the pair."),
    ] = None,
    payer: Annotated[
        list[str] | None, typer.Option(help="Coverage policy, by id; repeat for the pair. Else the person's own plan.")
    ] = None,
    stage: Annotated[str, typer.Option(help="initial, continuation, retreatment or maintenance.")] = "initial",
    kind: Annotated[str, typer.Option(help="necessity or appeal.")] = "necessity",
    denied_for: DeniedFor = None,
    denial: NoticeFile = None,
    denial_reason: DenialReason = "",
    denial_date: DenialDate = None,
    denial_reference: DenialReference = "",
    clinic: ClinicOption = None,
    member_id: MemberId = "",
    reviewed_by: ReviewedBy = "",
    release: ReleaseOption = None,
    consent: ConsentOption = "",
    as_of: Annotated[str | None, typer.Option(help="Date of service, YYYY-MM-DD (today if not given).")] = None,
    person: Annotated[str | None, typer.Option(help="Which person, where the path holds several.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write packet.pdf, packet.txt, packet.json into.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Write the JSON Schema of packet.json and end.")] = False,
    clinic_schema: Annotated[
        bool, typer.Option("--clinic-schema", help="Write the JSON Schema of the clinic settings and end.")
    ] = False,
) -> None:
    """Write what a payer is sent: letter, checklist, trials and scores in one PDF, with text and JSON beside it.

    Also writes FOR-THE-CLINIC.txt: what is missing, what is blank and what was held back. Never send that one.

    Example: inconcert packet patient.json --service rtms --clinic clinic.yaml --out packet/
    """
    from inconcert.exchange.clinic import clinic_schema as schema_of_settings
    from inconcert.exchange.packet import PacketRequest, packet_schema

    if schema or clinic_schema:
        say_json(packet_schema() if schema else schema_of_settings())
        return
    if path is None or out is None or not service:
        fail(
            "name the record, --service and --out. Mend: inconcert packet patient.json --service rtms --out packet/",
            MISUSE,
        )
    day, kinds = parse_day(as_of), released(release, consent)
    refused = _denial(kind, denied_for, denial, denial_reason, denial_date, denial_reference)
    progress = Progress()
    reading, chosen = _read(path, person, day, progress)
    request = PacketRequest(
        services=tuple(service),
        as_of=day,
        policies=tuple(payer or ()),
        stage=stage,
        kind=kind,
        denial=refused,
        clinic=settings_of(clinic),
        member_id=member_id,
        reviewed_by=reviewed_by,
        released=kinds,
        consent=consent,
    )
    progress("judging every criterion")
    facts = _facts(reading, chosen, request)
    _write(facts, out / file_stem({"person": {"id": facts.person.id}}) if len(reading.people) > 1 else out, progress)


class Progress:
    """Says what is being done, to a person who waits: only on a terminal, and only once it takes long."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()

    def __call__(self, what: str) -> None:
        """Name the next step where the work so far took over two seconds."""
        if self._clock() - self._began > LONG_SECONDS and sys.stderr.isatty():
            warn(f"{what} ...")


def _read(path: Path, person: str | None, day: date, progress: Progress) -> tuple[ChartReading, str]:
    from inconcert.exchange.fhir import UnreadableChart, read_chart

    progress("reading the record")
    try:
        reading = read_chart(path, as_of=day)
    except UnreadableChart as error:
        fail(str(error))
    if person is None and len(reading.people) > 1:
        known = ", ".join(p.id for p in reading.people[:8])
        many = len(reading.people)
        fail(f"{path} holds {many} people; a packet is about one. Mend: --person with one of {known} ...", MISUSE)
    return reading, choose(reading, person, path)[0].id


def _facts(reading: ChartReading, chosen: str, request: object) -> PacketFacts:
    from inconcert.assessment.names import UnknownName
    from inconcert.exchange.fhir import plain_references
    from inconcert.exchange.packet import PacketRequest, packet_facts
    from inconcert.judgement import Refusal

    assert isinstance(request, PacketRequest)  # noqa: S101 - the type is imported late, to keep a cold start short
    person = next(p for p in reading.people if p.id == chosen)
    try:
        return packet_facts(person, request, resources=plain_references(reading.raw))
    except UnknownName as error:
        fail(str(error), MISUSE)
    except Refusal as error:
        fail(str(error))
    except ValueError as error:
        fail(str(error), MISUSE)


def _denial(
    kind: str, criterion: str | None, file: Path | None, reason: str, on: str | None, reference: str
) -> Denial | None:
    from inconcert.exchange.packet import Denial, read_denial
    from inconcert.knowledge.strict_yaml import KnowledgeError

    if kind != "appeal":
        if any((criterion, file, reason, on, reference)):
            fail("a refusal is named, but this is no appeal. Mend: add --kind appeal.", MISUSE)
        return None
    try:
        told = read_denial(file) if file is not None else Denial()
    except KnowledgeError as error:
        fail(str(error), MISUSE)
    return Denial(
        criterion=criterion or told.criterion,
        reason=reason or told.reason,
        on=parse_day(on, "--denial-date") if on else told.on,
        reference=reference or told.reference,
    )


def _write(facts: PacketFacts, folder: Path, progress: Progress) -> None:
    """Write the papers and the sheet for the clinic, and say what was written."""
    import msgspec

    from inconcert.exchange.packet import clinic_sheet, packet_json, packet_pdf, packet_text

    progress("printing")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "packet.pdf").write_bytes(packet_pdf(facts))
        (folder / "packet.txt").write_text(packet_text(facts), encoding="utf-8")
        told = msgspec.json.format(msgspec.json.encode(packet_json(facts)), indent=2)
        (folder / "packet.json").write_bytes(told + b"\n")
        (folder / "FOR-THE-CLINIC.txt").write_text(clinic_sheet(facts), encoding="utf-8")
    except ImportError as error:
        need("report", error)
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror}. Mend: name a folder you may write to.")
    _tell(facts, folder)


def _tell(facts: PacketFacts, folder: Path) -> None:
    """In a few lines: each part's answer, and how much the clinic still has to see to."""
    own = facts.for_the_clinic
    for part in facts.parts:
        met = sum(row.answer.value == "met" for row in part.criteria)
        answer = {"met": "met", "not_met": "NOT MET", "unknown": "open"}[part.answer.value]
        say(f"{part.policy.payer}, {part.service_name}: {answer} ({met} of {len(part.criteria)} criteria met)")
    say(f"written to {folder}: packet.pdf, packet.txt, packet.json")
    counts = (
        (len(own.blanks), "blank to fill", "blanks to fill"),
        (len(own.to_settle), "open question", "open questions"),
        (len(own.missing_documents), "missing document", "missing documents"),
        (len(own.held_back), "record held back", "records held back"),
    )
    told = ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)
    warn(f"for the clinic only, not to be sent: {folder / 'FOR-THE-CLINIC.txt'}{f' ({told})' if told else ''}")
    for line in own.must_know:
        if "NOT MET" in line or "does NOT meet" in line or "does not settle" in line or "Suicide screen" in line:
            warn(f"! {line}")
