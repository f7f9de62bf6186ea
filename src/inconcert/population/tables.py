"""The tables that a cohort is: their columns, types and meanings, and how a folder of Parquet files is read and refused.

A cohort is a snapshot: everything in it is what was known on one day (`as_of` in `cohort.json`). One row of `people` is
a person; the other tables point to it by `person`. A table or column that is absent says that nobody was asked: it makes
answers unknown, never no. Answers are stored as small integers: 1 met, 0 unknown, -1 not met (see `kleene`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from inconcert.judgement import Refusal
from inconcert.knowledge.loader import intake_questions
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policies import policies as library
from inconcert.knowledge.policy_schema import Leaf, leaves_of
from inconcert.knowledge.policy_schema.stated import Stated, StatedNumber
from inconcert.knowledge.policy_schema.tried import AdequateTrials
from inconcert.payers import readings

ANSWER = pa.int8()
DAY = pa.date32()
TEXT = pa.string()
NUMBER = pa.float64()
FORMAT = 1  # raised when a column changes its meaning


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, what it says, and whether every row must carry it."""

    name: str
    type: pa.DataType
    meaning: str
    required: bool = False


_PERSON = Column("person", pa.int64(), "number of the person, as in `people`", required=True)

PEOPLE = (
    Column("person", pa.int64(), "number of the person, once in this table", required=True),
    Column("person_id", TEXT, "the person's id where they came from"),
    Column("birth_earliest", DAY, "first day on which the person may have been born"),
    Column("birth_latest", DAY, "last such day; equal where the birth date is whole"),
    Column("depression", ANSWER, "major depression is the diagnosis of the present episode"),
    Column("polarity", TEXT, "unipolar, bipolar or unknown"),
    Column("severity", TEXT, "coded or stated severity of the episode: mild, moderate, severe; never read from a score"),
    Column("psychotic", ANSWER, "the episode is coded with psychotic features"),
    Column("recurrent", ANSWER, "the depression is recurrent"),
    Column("history_complete", ANSWER, "somebody attested that the list of medication trials is whole"),
    Column("psychotherapy", ANSWER, "a course of psychotherapy is recorded"),
    Column("ect_failed", ANSWER, "a course of ECT failed"),
    Column("suicide_level", TEXT, "suicide screen: red, amber, yellow, none or unknown"),
    Column("episode_earliest", DAY, "first day on which the present episode may have begun"),
    Column("episode_latest", DAY, "last such day"),
    Column("home_state", TEXT, "state of the home address, as US-OH"),
    Column("sex", TEXT, "as on file: female, male"),
)  # fmt: skip

TRIALS = (
    _PERSON,
    Column("trial", TEXT, "id of the trial"),
    Column("drug", TEXT, "ingredient as the drug book writes it", required=True),
    Column("role", TEXT, "monotherapy, combination or augmentation"),
    Column("role_certain", ANSWER, "the dates settle what it overlapped"),
    Column("counts", ANSWER, "taken for depression"),
    Column("end_earliest", DAY, "first day on which it may have ended; absent while it runs"),
    Column("end_latest", DAY, "last such day"),
    Column("ongoing", ANSWER, "still running on `as_of`"),
    Column("in_episode", ANSWER, "in the present episode"),
    Column("weeks_low", NUMBER, "weeks taken, at least"),
    Column("weeks_high", NUMBER, "weeks taken, at most; absent: no bound known"),
    Column("adequate_weeks_low", NUMBER, "weeks at or above the minimum effective dose, at least"),
    Column("adequate_weeks_high", NUMBER, "the same, at most"),
    Column("label_weeks_low", NUMBER, "weeks at or above the label's highest dose, at least; absent: no such dose on file"),
    Column("label_weeks_high", NUMBER, "the same, at most"),
    Column("episode_weeks_low", NUMBER, "weeks taken since the episode began, at least"),
    Column("episode_weeks_high", NUMBER, "the same, at most"),
    Column("episode_adequate_weeks_low", NUMBER, "weeks at the minimum effective dose since the episode began, at least"),
    Column("episode_adequate_weeks_high", NUMBER, "the same, at most"),
    Column("episode_label_weeks_low", NUMBER, "weeks at the label's highest dose since the episode began, at least"),
    Column("episode_label_weeks_high", NUMBER, "the same, at most"),
    Column("dose_adequate", ANSWER, "the minimum effective dose was reached"),
    Column("reached_label_maximum", pa.bool_(), "the highest dose of the label was reached for certain"),
    Column("adherence_percent", NUMBER, "doses taken, percent"),
    Column("outcome", TEXT, "nonresponse, partial, response, intolerance or unknown"),
    Column("improvement_percent", NUMBER, "improvement on a scale, percent"),
    Column("augments_other_class", ANSWER, "it was added to an antidepressant of another class"),
    Column("by_mouth", pa.bool_(), "taken by mouth, as far as the drug book tells"),
)  # fmt: skip

SCORES = (
    _PERSON,
    Column("scale", TEXT, "id of the scale", required=True),
    Column("low", NUMBER, "lowest total that the form allows", required=True),
    Column("high", NUMBER, "highest total that it allows; equal where nothing is blank", required=True),
    Column("day", DAY, "day it was taken", required=True),
    Column("place", pa.int32(), "place among the person's scores by day, then form; larger is later", required=True),
)

DIAGNOSES = (
    _PERSON,
    Column("system", TEXT, "icd10 or snomed", required=True),
    Column("code", TEXT, "the code as recorded", required=True),
    Column("began_earliest", DAY, "first day on which it may have begun, or else was recorded"),
    Column("recorded_earliest", DAY, "first day on which it may have been recorded"),
    Column("ended_earliest", DAY, "first day on which it may have ended"),
    Column("clinical_status", TEXT, "as recorded"),
    Column("refuted", pa.bool_(), "refuted or entered in error"),
    Column("in_error", pa.bool_(), "the entry itself is marked as an error"),
)

ADDED = (
    _PERSON,
    Column("trial", TEXT, "id of the trial of the drug that was added", required=True),
    Column("base", TEXT, "id of a trial that it was added to", required=True),
)

TREATMENTS = (
    _PERSON,
    Column("service", TEXT, "tms (one session), or a drug (one dose given or handed over)", required=True),
    Column("day_earliest", DAY, "first day on which it may have been given", required=True),
    Column("day_latest", DAY, "last such day", required=True),
    Column(
        "place", pa.int32(), "place among the person's rows by last day, then record; larger is later", required=True
    ),
)

OPEN_DRUGS = (
    _PERSON,
    Column("drug", TEXT, "a drug other than those of `trials` of which an order or statement is open", required=True),
)

MEASUREMENTS = (
    _PERSON,
    Column("measure", TEXT, "as policies name it, with its unit: body_weight_kg, systolic_mmhg, ...", required=True),
    Column("value", NUMBER, "in that unit", required=True),
    Column("day", DAY, "day it was taken", required=True),
)


@cache
def screen_columns() -> tuple[Column, ...]:
    """One answer for each item of the safety screen that a payer's word is looked up in."""
    items: dict[str, None] = {"active_implant": None}
    for look in readings.hazards().values():
        items.update(dict.fromkeys(i for i in (look.same_as, *look.present_if, *look.absent_if_all) if i))
    return (_PERSON, *(Column(i, ANSWER, f"hazard {i} of the safety screen is present") for i in items))


Tables = dict[str, tuple[Column, ...]]


def columns_for(policies: Iterable[CoveragePolicy] = ()) -> Tables:
    """Every table of a cohort by name, with the columns that the library's policies ask, and these beside them."""
    more = tuple(policies)
    return _library() if not more else _columns((*library().values(), *more))


@cache
def _library() -> Tables:
    return _columns(tuple(library().values()))


def _columns(policies: Iterable[CoveragePolicy]) -> Tables:
    leaves = [leaf for policy in policies for tree in policy.trees() for leaf in leaves_of(tree)]
    return {
        "people": PEOPLE,
        "trials": (*TRIALS, *_share_columns(leaves)),
        "added": ADDED,
        "scores": SCORES,
        "diagnoses": DIAGNOSES,
        "treatments": TREATMENTS,
        "open_drugs": OPEN_DRUGS,
        "measurements": MEASUREMENTS,
        "screen": screen_columns(),
        "answers": _answer_columns(leaves),
    }


def _share_columns(leaves: list[Leaf]) -> Iterator[Column]:
    """Weeks at a share of the label's highest dose, for every share that a policy names."""
    named = {leaf.dose_pct_of_label_max for leaf in leaves if isinstance(leaf, AdequateTrials)}
    for share in sorted(float(s) for s in named if s is not None):
        for since in ("", "episode_"):
            for bound in ("low", "high"):
                meaning = f"weeks at {share:g} % of the label's highest dose or more, {bound} bound"
                yield Column(f"{since}share_{share:g}_weeks_{bound}", NUMBER, meaning)


def share_of(column: str) -> float:
    """The share, in percent, that a column of `trials` is about; 0 where it is about none."""
    found = re.fullmatch(r"(?:episode_)?share_(?P<share>[0-9.]+)_weeks_(?:low|high)", column)
    return float(found["share"]) if found else 0.0


def _answer_columns(leaves: list[Leaf]) -> tuple[Column, ...]:
    """Columns for each question a policy may ask: the answer, and (`<question>@day`) the day it was given."""
    found = [_PERSON]
    for question in intake_questions().values():
        if question.id.startswith("payers."):
            kind = {"yes_no": ANSWER, "number": NUMBER}.get(question.answer, TEXT)
            found += _answer(question.id, kind, question.text)
    for leaf in leaves:  # statements and numbers that policies ask in words of their own
        if isinstance(leaf, Stated):
            found += _answer(f"payers.statement.{leaf.id}", ANSWER, leaf.asks)
        elif isinstance(leaf, StatedNumber):
            found += _answer(f"payers.number.{leaf.id}", NUMBER, leaf.asks)
    return tuple({c.name: c for c in found}.values())


def _answer(question: str, kind: pa.DataType, text: str) -> tuple[Column, Column]:
    return Column(question, kind, text), Column(f"{question}@day", DAY, "the day it was answered")


def schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The Arrow schema of one table."""
    return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in columns])


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort on disk: the day it was taken on, where its people came from, and the files of each table.

    `sifted`: it was written by `write_cohort` from rows that were checked or made by us.
    """

    folder: Path
    as_of: date
    invented: bool
    origin: str
    sifted: bool
    files: Mapping[str, str]  # table -> a path or a glob below the folder


def write_cohort(
    folder: Path, parts: Iterable[Mapping[str, pa.Table]], *, as_of: date, invented: bool, origin: str
) -> Cohort:
    """Write a cohort as Parquet, one file per table and part. `parts` may be made one after the other.

    Raises:
        Refusal: the folder already holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refusal(f"The folder {folder} is not empty.", "Name a folder that does not exist yet.")
    folder.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(parts):
        for name, table in part.items():
            (folder / name).mkdir(exist_ok=True)
            pq.write_table(table, folder / name / f"{number:05d}.parquet", compression="zstd")
    about = {"format": FORMAT, "as_of": as_of.isoformat(), "invented": invented, "origin": origin, "sifted": True}
    (folder / "cohort.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return open_cohort(folder)


def open_cohort(folder: Path) -> Cohort:
    """Find the tables of a cohort and check their columns.

    Raises:
        Refusal: no `cohort.json`, no people, or a column that cannot be used; names the file, the column and the mend.
    """
    about = _about(folder)
    files: dict[str, str] = {}
    for name, columns in columns_for().items():
        found = sorted((folder / name).glob("*.parquet")) or sorted(folder.glob(f"{name}.parquet"))
        if found:
            for file in found:
                _check(file, columns)
            files[name] = str(found[0] if found[0].parent == folder else folder / name / "*.parquet")
    if "people" not in files:
        raise Refusal(f"{folder} holds no people.", "Add people.parquet, or a folder people with Parquet files.")
    return Cohort(
        folder,
        date.fromisoformat(str(about["as_of"])),
        bool(about["invented"]),
        str(about["origin"]),
        about.get("sifted") is True,
        files,
    )


def _about(folder: Path) -> dict[str, str | bool | int]:
    file = folder / "cohort.json"
    mend = 'Write {"format": 1, "as_of": "YYYY-MM-DD", "invented": false, "origin": "where it came from"}.'
    if not file.is_file():
        raise Refusal(f"{folder} is no cohort: {file.name} is missing.", mend)
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise Refusal(
                f"{file}: format {about['format']!r} is not known here.", f"This version reads format {FORMAT}."
            )
        date.fromisoformat(about["as_of"])
        about["invented"], about["origin"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(f"{file} cannot be read: {error!r}.", mend) from error
    return about  # type: ignore[no-any-return]  # its fields were just looked at


def _check(file: Path, columns: tuple[Column, ...]) -> None:
    try:
        held = pq.read_schema(file)
    except (OSError, pa.ArrowInvalid) as error:
        raise Refusal(
            f"{file} is not a Parquet file that can be read: {error}.", "Write it again as Parquet."
        ) from error
    for column in columns:
        if column.name not in held.names:
            if column.required:
                raise Refusal(f"{file} has no column {column.name!r}.", f"Add it: {column.meaning} ({column.type}).")
            continue
        got = held.field(column.name).type
        if not _fits(got, column.type):
            raise Refusal(f"{file}: column {column.name!r} is {got}.", f"Write it as {column.type}: {column.meaning}.")


def _fits(got: pa.DataType, wanted: pa.DataType) -> bool:
    if got.equals(wanted) or pa.types.is_null(got):
        return True
    if pa.types.is_dictionary(got):
        return _fits(got.value_type, wanted)
    if wanted == TEXT:
        return bool(pa.types.is_large_string(got))
    if pa.types.is_integer(wanted):
        return bool(pa.types.is_integer(got))
    return bool(wanted == NUMBER and (pa.types.is_floating(got) or pa.types.is_integer(got)))
