"""`inconcert dtr`: a coverage policy as a form (Da Vinci DTR), alone or filled in from a person's chart."""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from inconcert.cli.console import MISUSE, fail, parse_day, say, warn
from inconcert.cli.options import ConsentOption, ReleaseOption, released

if TYPE_CHECKING:
    from inconcert.exchange.dtr import Draft, DtrVersion
    from inconcert.knowledge.policies import CoveragePolicy

_SHAPES = {"2.0.1": "2.0", "2.2.0": "2.2"}


def dtr(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="Coverage policy, by id (see: inconcert policies).")],
    path: Annotated[
        Path | None, typer.Argument(help="FHIR file or folder with the person's chart; without it the empty form.")
    ] = None,
    *,
    service: Annotated[
        str, typer.Option(help="What is asked for (rtms, esketamine, ...); the policy's first if not given.")
    ] = "",
    stage: Annotated[
        str, typer.Option(help="Which decision: initial, continuation, retreatment, maintenance.")
    ] = "initial",
    shape: Annotated[str, typer.Option(help="Version of DTR: 2.0.1 or 2.2.0.")] = "2.0.1",
    order: Annotated[
        list[str] | None, typer.Option(help="Order that the form is for, as ServiceRequest/id; repeat for more.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Day the chart is read for, YYYY-MM-DD (today if not given).")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Only this person, where the path holds several.")] = None,
    response: Annotated[
        bool, typer.Option("--response", help="Write the filled-in draft alone, without the form beside it.")
    ] = False,
    release: ReleaseOption = None,
    consent: ConsentOption = "",
    out: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
) -> None:
    """Write the form of a policy, and with a chart the draft filled in from it. What stays open is listed beside it.

    Every answer says that it was filled in automatically and from which record; a human completes the rest.

    Example: inconcert dtr aetna-tms patient.json --order ServiceRequest/7 --out form.json
    """
    from inconcert.exchange.dtr import DtrVersion, package
    from inconcert.judgement import Refusal

    if shape not in _SHAPES:
        fail(f"--shape {shape!r} is not written. Mend: one of {', '.join(_SHAPES)}.", MISUSE)
    if path is None and (response or order or person):
        fail("--response, --order and --person go with a chart. Mend: name the FHIR file.", MISUSE)
    kinds = released(release, consent)
    version = DtrVersion(_SHAPES[shape])
    chosen = _policy(policy)
    try:
        if path is None:
            _write(package(chosen, service=service, stage=stage, version=version), out)
            return
        draft = _draft(
            chosen, path, parse_day(as_of), person, version, service=service, stage=stage, orders=order or [],
            released=kinds,
        )  # fmt: skip
        whole = package(chosen, service=service, stage=stage, response=draft.response, version=version)
    except Refusal as refusal:
        fail(str(refusal), MISUSE)
    except ValueError as error:  # a kind of protected record that there is not
        fail(str(error), MISUSE)
    _write(draft.response if response else whole, out)
    _say_open(draft)


def _policy(name: str) -> CoveragePolicy:
    from inconcert.knowledge.policies import policies

    known = policies()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        fail(f"there is no policy {name!r}.{hint} See: inconcert policies", MISUSE)
    return known[name]


def _draft(
    policy: CoveragePolicy, path: Path, day: date, person: str | None, version: DtrVersion, *, service: str, stage: str,
    orders: list[str], released: frozenset[str],
) -> Draft:  # fmt: skip
    from inconcert.cli.assess import choose
    from inconcert.exchange.dtr import prefill
    from inconcert.exchange.fhir import UnreadableChart, plain_references, read_chart

    try:
        reading = read_chart(path, as_of=day)
    except UnreadableChart as error:
        fail(str(error))
    people = choose(reading, person, path)
    if len(people) > 1:
        fail(f"{path} holds {len(people)} people. Mend: choose one with --person.", MISUSE)
    return prefill(
        policy, people[0], day, service=service, stage=stage, orders=orders, version=version,
        resources=plain_references(reading.raw), released=released,
    )  # fmt: skip


def _write(resource: dict[str, Any], out: Path | None) -> None:
    text = msgspec.json.format(msgspec.json.encode(resource), indent=2).decode()
    if out is None:
        say(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"{out} cannot be written ({error.strerror}). Mend: choose another file.", MISUSE)
    warn(f"written: {out}")


def _say_open(draft: Draft) -> None:
    """What the draft leaves to a human, the needed first; what only the payer knows last."""
    warn(f"{draft.answered} answers filled in from the record, each with its source.")
    needed = [u for u in draft.unanswered if u.needed and not u.of_the_payer]
    rest = [u for u in draft.unanswered if not u.needed and not u.of_the_payer]
    payer = [u for u in draft.unanswered if u.of_the_payer]
    for heading, rows in (
        ("Left open, and a criterion is not settled without it", needed),
        ("Left open, not needed for a criterion that is settled already", rest),
        ("For the payer to settle", payer),
    ):
        if rows:
            warn(f"\n{heading}:")
        for row in rows:
            warn(f"  - {row.text}  [{row.link}]")
