"""What a file says of each study as a whole: weight, design, registry, and numbers that may explain differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inconcert.evidence.synthesis.data.cells import MISSING, numbers
from inconcert.evidence.synthesis.data.columns import Columns, plain
from inconcert.evidence.synthesis.data.sheet import Sheet

Groups = Mapping[str, Sequence[int]]
RANDOMIZED = frozenset(
    "1 yes y true t rct randomized randomised randomizedcontrolledtrial randomisedcontrolledtrial".split()
)
NOT_RANDOMIZED = frozenset(
    "0 no n false f nrs nrsi nonrandomized nonrandomised notrandomized notrandomised observational cohort retrospective"
    " prospective openlabel singlearm casecontrol caseseries naturalistic registry".split()
)
NO_COVARIATES: dict[str, float] = {}


@dataclass(slots=True, kw_only=True)
class Attributes:
    """By study name. `wrong` says why a study cannot enter."""

    weight: dict[str, float] = field(default_factory=dict)
    randomized: dict[str, bool] = field(default_factory=dict)
    registry: dict[str, str] = field(default_factory=dict)
    covariates: dict[str, dict[str, float]] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_attributes(sheet: Sheet, columns: Columns, groups: Groups) -> Attributes:
    """Read the columns that belong to the study, not to its rows."""
    found = Attributes(notes=list(columns.notes))
    if "weight" in columns.place:
        _weights(sheet, columns.place["weight"], groups, found)
    if "randomized" in columns.place or "design" in columns.place:
        _designs(sheet, columns, groups, found)
    else:
        found.notes.append(
            "No column says how studies were designed (randomized or design), so all count as randomized."
        )
    if "registry" in columns.place:
        place = columns.place["registry"]
        for study, rows in groups.items():
            if cell := next((cell for row in rows if (cell := sheet.rows[row][place].strip())), ""):
                found.registry[study] = cell
    if columns.others:
        _covariates(sheet, columns.others, groups, found)
    return found


def _weights(sheet: Sheet, place: int, groups: Groups, found: Attributes) -> None:
    """One weight per study; a blank counts in full, and is said."""
    blank = []
    for study, rows in groups.items():
        cells = [cell for row in rows if (cell := sheet.rows[row][place].strip()).lower() not in MISSING]
        if not cells:
            blank.append(study)
            continue
        values, wrong = numbers(cells)
        if wrong:
            found.wrong[study] = f"the weight {next(iter(wrong.values()))}"
        elif len(set(values)) > 1:
            found.wrong[study] = (
                f"its rows have the weights {listed(sorted(set(cells)))}. Mend: give one weight per study"
            )
        else:
            found.weight[study] = values[0]
    if blank:
        found.notes.append(f"No weight is given for {listed(blank)}: counted in full.")


def _designs(sheet: Sheet, columns: Columns, groups: Groups, found: Attributes) -> None:
    """Randomized only where the file says so: a blank or unknown word does not make a study randomized."""
    unclear, full = [], []
    place = columns.place.get("randomized", columns.place.get("design", 0))
    for study, rows in groups.items():
        words = {plain(cell) for row in rows if (cell := sheet.rows[row][place].strip())}
        if words and words <= RANDOMIZED:
            found.randomized[study] = True
            continue
        found.randomized[study] = False
        if not words or not words <= NOT_RANDOMIZED:
            unclear.append(study)
        if found.weight.get(study, 1.0) == 1.0:
            full.append(study)
    if unclear:
        found.notes.append(
            f"Not known to be randomized, and counted as not: {listed(unclear)}. Mend: write rct or observational."
        )
    if full:
        found.notes.append(f"Not randomized, and counted in full: {listed(full)}. A weight below 1 would count less.")


def _covariates(sheet: Sheet, others: Mapping[str, int], groups: Groups, found: Attributes) -> None:
    """Columns of numbers that are the same in all rows of a study; the others are named as not used."""
    unused = []
    for name, place in others.items():
        cells = [row[place].strip() for row in sheet.rows]
        given = [row for row, cell in enumerate(cells) if cell.lower() not in MISSING]
        values, wrong = numbers([cells[row] for row in given])
        known = dict(zip(given, values, strict=True))
        per_study = {study: {known[row] for row in rows if row in known} for study, rows in groups.items()}
        if not name or not given or wrong:
            unused.append(name or "(no name)")
        elif varied := next((study for study, kinds in per_study.items() if len(kinds) > 1), None):
            unused.append(f"{name} (it varies within study {varied})")
        else:
            for study, kinds in per_study.items():
                for value in kinds:
                    found.covariates.setdefault(study, {})[name] = value
    if unused:
        found.notes.append(f"Columns that were not used: {listed(unused, most=12)}.")


def listed(names: Sequence[str], *, most: int = 6) -> str:
    """Names with commas, cut after `most` with the number of the others."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
