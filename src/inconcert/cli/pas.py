"""`inconcert pas`: ask a payer by Da Vinci PAS, read its answer, ask what became of a request, check a Bundle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from inconcert.cli.console import MISUSE, NOTHING_USABLE, fail, parse_day, say, say_json, warn
from inconcert.cli.options import ClinicOption, ConsentOption, ReleaseOption, released, settings_of

if TYPE_CHECKING:
    from inconcert.exchange.fhir import ChartReading
    from inconcert.exchange.pas import PasRequest
    from inconcert.protocols import Proposal
    from inconcert.record import Person

pas = typer.Typer(
    help="Prior authorization by FHIR (Da Vinci PAS): write a request, read the answer, ask what became of it. Nothing is sent.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ShapeOption = Annotated[str, typer.Option(help="Shape of the Bundle: 2.2.1 or 2.0.1.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON.")]
OutOption = Annotated[Path | None, typer.Option(help="Write the Bundle to this file (several: one each beside it).")]


@pas.command("request")
def request(
    path: Annotated[
        Path, typer.Argument(help="FHIR file (Bundle, NDJSON) or folder (Bulk Data) with the person's chart.")
    ],
    *,
    service: Annotated[
        list[str], typer.Option(help="What to ask for (rtms, itbs, dtms, esketamine, ...); repeat for a pair.")
    ],
    payer: Annotated[
        list[str] | None,
        typer.Option(help="Coverage policy, by id; repeat. Not given: those that match the person's plan."),
    ] = None,
    plan: Annotated[
        str | None, typer.Option(help="A way of giving it (tms_alone_10hz, ...), for numbers and weeks.")
    ] = None,
    units: Annotated[list[str] | None, typer.Option(help="How many, as service=number; repeat.")] = None,
    start: Annotated[str | None, typer.Option(help="First day asked for, YYYY-MM-DD.")] = None,
    weeks: Annotated[float | None, typer.Option(help="For how many weeks.")] = None,
    coverage: Annotated[str, typer.Option(help="The plan to ask (id of the Coverage), where there are several.")] = "",
    clinic: ClinicOption = None,
    shape: ShapeOption = "2.2.1",
    as_of: Annotated[
        str | None, typer.Option(help="Day the chart is read for, YYYY-MM-DD (today if not given).")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Only this person, where the path holds several.")] = None,
    urgent: Annotated[
        bool, typer.Option("--urgent", help="Ask for an expedited decision; the clinician says so.")
    ] = False,
    release: ReleaseOption = None,
    consent: ConsentOption = "",
    attach: Annotated[
        list[Path] | None,
        typer.Option(
            help="A paper that a clinician has read and chose to enclose: .pdf, .txt, a questionnaire .json; repeat."
        ),
    ] = None,
    out: OutOption = None,
) -> None:
    """Write the request Bundle for one person: what is asked for, and the records that speak to the criteria.

    Without --out the Bundle goes to standard output. What is missing, and what was held back, is told beside it.

    Example: inconcert pas request patient.json --service rtms --units rtms=36 --start 2026-12-01 --clinic clinic.yaml --out request.json
    """
    from inconcert.exchange.fhir import UnreadableChart, read_chart
    from inconcert.exchange.pas import Wishes, asked_services, build_requests, read_attachment
    from inconcert.judgement import Refusal

    day = parse_day(as_of)
    first = parse_day(start, "--start") if start is not None else None
    wanted, kinds = settings_of(clinic), released(release, consent)
    try:
        reading = read_chart(path, as_of=day)
        one = _person(reading, person, path)
        asked = asked_services(
            service, wanted, proposal=_proposal(plan, day), units=_numbers(units), start=first, weeks=weeks
        )
        wishes = Wishes(
            as_of=day, created=datetime.now(UTC), settings=wanted, policy_for=_policies(service, payer, one, day),
            shape=shape, coverage_id=coverage, released=kinds, consent=consent, urgent=urgent,
            attach=tuple(read_attachment(file) for file in attach or ()),
        )  # fmt: skip
        made = build_requests(reading, one, asked, wishes)
    except (UnreadableChart, Refusal, ValueError) as error:
        fail(str(error))
    _write(made, out)


@pas.command("read")
def read(
    path: Annotated[Path, typer.Argument(help="The payer's file: a response Bundle, a ClaimResponse, Parameters.")],
    *,
    request_file: Annotated[Path, typer.Option("--for", help="The request Bundle it should answer, as it was sent.")],
    clinic: ClinicOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a payer's answer: each item with its state, number, dates, units, reasons, and what the payer asks.

    Refused where it is not the answer to this request, or is about somebody else.
    """
    from inconcert.exchange.pas import desk_moves, read_answers
    from inconcert.exchange.pas.tell import answer_lines
    from inconcert.exchange.pas.unwrap import as_json as parsed
    from inconcert.exchange.pas.unwrap import read_file
    from inconcert.judgement import Refusal

    wanted = settings_of(clinic)
    try:
        sent = parsed(read_file(request_file), str(request_file))
        answers = read_answers(read_file(path), str(path), sent, wanted)
    except Refusal as error:
        fail(str(error))
    if as_json:
        say_json([msgspec.to_builtins(a, enc_hook=str) | {"moves": _plain(desk_moves(a))} for a in answers])
    else:
        say("\n\n".join("\n".join(answer_lines(a)) for a in answers))


@pas.command("inquire")
def inquire(
    request_file: Annotated[Path, typer.Argument(metavar="REQUEST", help="The request Bundle, as it was sent.")],
    *,
    answer: Annotated[
        Path | None, typer.Option(help="The last answer to it, whose numbers help the payer find it.")
    ] = None,
    clinic: ClinicOption = None,
    out: OutOption = None,
) -> None:
    """Write the Bundle that asks what became of a request ($inquire). Read what comes back with `inconcert pas read`."""
    from inconcert.exchange.pas import build_inquiry, read_answer
    from inconcert.exchange.pas.unwrap import as_json as parsed
    from inconcert.exchange.pas.unwrap import read_file
    from inconcert.judgement import Refusal

    wanted = settings_of(clinic)
    try:
        sent = parsed(read_file(request_file), str(request_file))
        last = read_answer(read_file(answer), str(answer), sent, wanted) if answer else None
        bundle = build_inquiry(sent, datetime.now(UTC), answer=last, settings=wanted)
    except Refusal as error:
        fail(str(error))
    if out is None:
        say_json(bundle)
    else:
        _save(out, bundle)


@pas.command("check")
def check(
    path: Annotated[Path, typer.Argument(help="A PAS Bundle: a request, an inquiry or an answer.")],
    *,
    shape: ShapeOption = "2.2.1",
    as_json: JsonOption = False,
) -> None:
    """Hold a Bundle against the published profile; exit code 1 where something does not fit."""
    from inconcert.exchange.pas import check_bundle
    from inconcert.exchange.pas.tell import finding_lines
    from inconcert.exchange.pas.unwrap import as_json as parsed
    from inconcert.exchange.pas.unwrap import read_file
    from inconcert.judgement import Refusal

    try:
        result = check_bundle(parsed(read_file(path), str(path)), shape=shape)
    except Refusal as error:
        fail(f"{path}: {error}" if str(path) not in str(error) else str(error))
    if as_json:
        say_json(_plain(result) | {"passes": result.passes})
    else:
        say("\n".join([f"{path}: {result.profile} Bundle, shape {result.shape}.", *finding_lines(result)]))
    if not result.passes:
        raise typer.Exit(NOTHING_USABLE)


@pas.command("settings")
def settings_template() -> None:
    """Write an empty settings file, with a line on each entry, to fill in with the clinic's own codes."""
    from inconcert.knowledge.payer_requests import settings_template as template

    say(template())


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, enc_hook=str)


def _person(reading: ChartReading, wanted: str | None, path: Path) -> Person:
    people = [p for p in reading.people if wanted is None or wanted in (p.id, p.id.removeprefix("Patient/"))]
    if len(people) == 1:
        return people[0]
    known = ", ".join(p.id for p in reading.people[:8]) or "nobody"
    what = f"{path} holds {len(people)} people." if wanted is None and people else f"{path}: there is no such person."
    return fail(f"{what} Mend: name one with --person; it holds {known}.", MISUSE)


def _numbers(given: list[str] | None) -> dict[str, float]:
    found: dict[str, float] = {}
    for text in given or ():
        name, sign, number = text.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            sign = ""
        if not sign:
            fail(f"--units {text!r} is not understood. Mend: write it as service=number, such as rtms=36.", MISUSE)
    return found


def _proposal(way_id: str | None, day: date) -> Proposal | None:
    if way_id is None:
        return None
    from inconcert.courses import build, way_files

    way = next((w for w in way_files() if w.id == way_id), None)
    if way is None:
        fail(f"there is no way {way_id!r}. Mend: one of {', '.join(w.id for w in way_files())}.", MISUSE)
    return build(way, day)


def _policies(services: Sequence[str], payer: list[str] | None, person: Person, day: date) -> dict[str, str]:
    """Which policy each service is held against: those named, else those that match the person's plan."""
    from inconcert.assessment import UnknownName
    from inconcert.knowledge.policies import policies
    from inconcert.payers import policies_for

    for name in payer or ():
        if name not in policies():
            fail(str(UnknownName("coverage policy", name, policies())), MISUSE)
    chosen = [policies()[name] for name in payer] if payer else [policy for policy, _ in policies_for(person, day)]
    found: dict[str, str] = {}
    for service in services:
        policy = next((p for p in chosen if service in p.file.services), None)
        if policy is not None:
            found[service] = policy.id
        elif payer:
            warn(f"none of the policies named speaks of {service}; it is asked for without one.")
    return found


def _write(made: Sequence[PasRequest], out: Path | None) -> None:
    from inconcert.exchange.pas.tell import request_lines

    told = "\n\n".join("\n".join(request_lines(each)) for each in made)
    if out is None:
        say_json(made[0].bundle if len(made) == 1 else [each.bundle for each in made])
        warn(told)
        return
    for each in made:
        # Two Claims are two files: two desks decide.
        target = out if len(made) == 1 else out.with_name(f"{out.stem}-{'-'.join(each.services)}{out.suffix}")
        _save(target, each.bundle)
    say(told)


def _save(target: Path, bundle: Any) -> None:
    try:
        target.write_bytes(msgspec.json.format(msgspec.json.encode(bundle), indent=2) + b"\n")
    except OSError as error:
        fail(f"{target}: it cannot be written ({error.strerror}). Mend: name a file in a folder that exists.", MISUSE)
    warn(f"written: {target}")
