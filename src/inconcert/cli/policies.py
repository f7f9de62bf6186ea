"""`inconcert policies check | diff | schema`: a policy of one's own, two texts side by side, the schema of the file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inconcert.cli.console import MISUSE, NOTHING_USABLE, fail, parse_day, say, say_json, warn
from inconcert.cli.library import policies

if TYPE_CHECKING:
    from rich.console import Console

    from inconcert.knowledge.policies import CoveragePolicy
    from inconcert.payers import Case
    from inconcert.payers.policy_diff import AnswerChange, PolicyChange, PolicyDiff
    from inconcert.record import Person

__all__ = ["policies"]
_COLORS = {"added": "green", "removed": "red", "changed": "yellow", "moved": "cyan"}
_ANSWERS = {"met": "green", "not_met": "red", "unknown": "yellow"}


@policies.command("check", help="Check coverage policy files: every mistake with file, line and nearest known word.")
def check(
    files: Annotated[list[Path], typer.Argument(help="Policy files (YAML), or folders of them.")],
    *,
    as_of: Annotated[
        str | None, typer.Option(help="Day by which a reading is stale, YYYY-MM-DD (today if not given).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Check policy files of one's own, alone and beside the ones carried. Exit code 1 where one holds an error."""
    from inconcert.payers.policy_check import Level, check_policy_file

    today = parse_day(as_of)
    paths = [p for given in files for p in (sorted(given.glob("*.y*ml")) if given.is_dir() else [given])]
    if not paths:
        fail(f"{files[0]} holds no policy file. Mend: name a .yaml file.", MISUSE)
    found = {path: check_policy_file(path, today=today) for path in paths}
    errors = sum(f.level is Level.ERROR for findings in found.values() for f in findings)
    if as_json:
        say_json([f for findings in found.values() for f in findings])
    else:
        for path, findings in found.items():
            for finding in findings:
                say(str(finding)) if finding.level is Level.WARNING else warn(f"inconcert: {finding}")
            if not any(f.level is Level.ERROR for f in findings):
                say(f"{path}: well formed.")
    if errors:
        raise typer.Exit(NOTHING_USABLE)


@policies.command("schema", help="Write the JSON Schema of a policy file, for editors and other validators.")
def schema() -> None:
    """Write the JSON Schema of a coverage policy file."""
    from inconcert.knowledge.policy_schema.json_schema import policy_json_schema

    say_json(policy_json_schema())


@policies.command("diff", help="Compare two coverage policies, and say for whom of a cohort the answer changes.")
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A policy's id, or a policy file.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The policy or file it is compared with.")],
    *,
    cohort: Annotated[
        Path | None, typer.Option(help="FHIR file or folder of charts; the invented clinic where none is named.")
    ] = None,
    service: Annotated[str | None, typer.Option(help="Treatment asked about; the first that both speak of.")] = None,
    stage: Annotated[str, typer.Option(help="initial, continuation, retreatment or maintenance.")] = "initial",
    as_of: Annotated[str | None, typer.Option(help="Date of service, YYYY-MM-DD (today if not given).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Show what changed between two texts, and whose answer changes by which criterion.

    Example: inconcert policies diff cigna-tms-2016 cigna-evernorth-tms --cohort charts/
    """
    from inconcert.judgement import Refusal
    from inconcert.payers import STAGES
    from inconcert.payers.policy_diff import answers_that_change, diff_policies

    if stage not in STAGES:
        fail(f"there is no stage {stage!r}. Mend: one of {', '.join(STAGES)}.", MISUSE)
    one, other = policy_named(before), policy_named(after)
    cases = _cases(cohort, as_of)
    found = diff_policies(one, other)
    try:
        changed: Sequence[AnswerChange] | None = answers_that_change(one, other, cases, service=service, stage=stage)
    except Refusal as refusal:
        if service is not None:
            fail(str(refusal), MISUSE)
        warn(f"inconcert: {refusal} The texts alone are compared.")
        changed = None
    where = str(cohort) if cohort is not None else "the invented clinic"
    if as_json:
        say_json({
            **found.as_dict(), "cohort": {"of": where, "people": len(cases), "stage": stage},
            "answers_that_change": [_as_row(c) for c in changed] if changed is not None else None,
        })  # fmt: skip
    else:
        _show(found, changed, len(cases), where)


def policy_named(name: str) -> CoveragePolicy:
    """A policy of the library by its id, or a policy file. Ends the command where there is none."""
    from inconcert.knowledge.policies import load_policy, policies

    if Path(name).suffix in (".yaml", ".yml") or Path(name).is_file():
        return load_policy(Path(name))
    found = policies().get(name)
    if found is None:
        from inconcert.knowledge.policy_schema.tree import nearest

        fail(
            f"there is no coverage policy {name!r}.{nearest(name, policies())} Mend: an id of the library or a file.",
            MISUSE,
        )
    return found


def _cases(cohort: Path | None, as_of: str | None) -> list[Case]:
    from inconcert.payers import Case
    from inconcert.safety import screen
    from inconcert.staging.rebuild import rebuild_trials

    people, day = _people(cohort, as_of)
    cases = []
    for person in people:
        history = rebuild_trials(person, day)
        cases.append(Case(person=person, history=history, safety=screen(person, history, day), as_of=day))
    return cases


def _people(cohort: Path | None, as_of: str | None) -> tuple[list[Person], date]:
    """The people of a folder of charts, or of the invented clinic; a folder may hold a file for each person."""
    import json

    from inconcert.exchange.fhir import UnreadableChart, read_bytes, read_chart

    if cohort is None:
        from inconcert.synthetic import clinic, demo_as_of

        day = parse_day(as_of) if as_of is not None else demo_as_of()
        charts = {name: json.dumps(bundle).encode() for name, bundle in clinic().items()}
        return [p for name, data in charts.items() for p in read_bytes(data, f"{name}.json", as_of=day).people], day
    day = parse_day(as_of)
    single = sorted(cohort.glob("*.json")) if cohort.is_dir() else [cohort]
    people: list[Person] = []
    for path in single or [cohort]:
        try:
            people += read_chart(path, as_of=day).people
        except UnreadableChart as error:
            if not single or len(single) == 1:
                fail(str(error))
            warn(f"inconcert: left out: {error}")
    if not people:
        fail(f"{cohort}: no person could be read. Mend: name a FHIR file or a folder of them.")
    return people, day


def _as_row(change: AnswerChange) -> dict[str, object]:
    return {
        "person": change.person_id, "service": change.service, "before": change.before.value, "after": change.after.value,
        "before_stop": change.before_stop, "after_stop": change.after_stop,
        "because": [
            {"kind": c.kind.value, "criterion": c.after or c.before, "place": c.place, "fields": c.fields, "before": one, "after": two}
            for c, one, two in change.because
        ],
    }  # fmt: skip


def _show(found: PolicyDiff, changed: Sequence[AnswerChange] | None, people: int, where: str) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, soft_wrap=False)
    console.print(Text(f"{found.before_id} -> {found.after_id}", style="bold"))
    if found.same:
        console.print("The two texts say the same.")
    parts = list(dict.fromkeys(c.part for c in found.changes))
    for part in parts:
        _show_part(console, part, [c for c in found.changes if c.part == part])
    if changed is not None:
        _show_people(console, changed, people, where)


def _show_part(console: Console, part: str, changes: Sequence[PolicyChange]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD, title=part, title_justify="left", title_style="bold", expand=True, pad_edge=False
    )
    table.add_column("", width=7)
    table.add_column("where", ratio=2)
    table.add_column("before", ratio=4)
    table.add_column("after", ratio=4)
    for c in changes:
        style = _COLORS[c.kind.value]
        if c.fields:
            subject = (c.after or c.before).partition(";")[0]
            was = "\n".join(f"{name}: {x or '-'}" for name, x, _ in c.fields)
            now = "\n".join(f"{name}: {x or '-'}" for name, _, x in c.fields)
            table.add_row(Text(c.kind.value, style=style), f"{subject}, {c.place}", was, Text(now, style=style))
        else:
            table.add_row(Text(c.kind.value, style=style), c.place, c.before, Text(c.after, style=style))
    console.print(table)


def _show_people(console: Console, changed: Sequence[AnswerChange], people: int, where: str) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console.print(Text(f"The answer changes for {len(changed)} of {people} people ({where}).", style="bold"))
    if not changed:
        return
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("person", ratio=2, overflow="fold")
    table.add_column("before", width=8)
    table.add_column("after", width=8)
    table.add_column("because of", ratio=6)
    for change in changed:
        why = [f"{c.kind.value}: {c.after or c.before}" for c, _, _ in change.because]
        told = [Text(_plain(a.value), style=_ANSWERS[a.value]) for a in (change.before, change.after)]
        table.add_row(
            change.person_id.removeprefix("Patient/"), *told, "\n".join(why) or change.after_stop or change.before_stop
        )
    console.print(table)


def _plain(answer: str) -> str:
    return answer.replace("_", " ")
