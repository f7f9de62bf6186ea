"""A reader's CSV becomes a network: every study that can enter does, and every one that cannot is named with why and a mend."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

from inconcert.evidence.synthesis.data.attributes import Attributes, listed, read_attributes
from inconcert.evidence.synthesis.data.columns import Columns, Layout, find_columns
from inconcert.evidence.synthesis.data.file_arms import ArmColumns, studies_of_arms
from inconcert.evidence.synthesis.data.file_contrasts import studies_of_contrasts
from inconcert.evidence.synthesis.data.file_effects import read_effects
from inconcert.evidence.synthesis.data.sheet import Sheet, read_sheet
from inconcert.evidence.synthesis.data.suspicions import (
    ReportedArm,
    names_alike,
    same_registry,
    shared_controls,
)
from inconcert.evidence.synthesis.data.turned import turned_effects, turned_means
from inconcert.evidence.synthesis.data.types import Excluded, Network, NetworkError, Scale, StudyContrasts

Direction = Literal["higher", "lower"]
REASONS_SHOWN = 5
MOST_LOG = 700.0  # of a ratio that a computer can still hold


def read_network(
    source: Path | str | bytes,
    *,
    scale: Scale | None = None,
    separator: str | None = "+",
    inactive: str | None = None,
    direction: Direction | None = None,
    name: str = "",
) -> Network:
    """Read arms (study, treatment, n, events | mean, sd | se) or contrasts (study, treat1, treat2, TE, seTE) as a network.

    `source` is a path, the text itself (a `str` with a line break) or its bytes; `name` stands in messages for the file's. Columns
    are known by usual synonyms (`columns.NAMES`). `scale` None is OR for counts, MD for means, and for contrasts what the
    column's name tells, else plain differences with a note. `separator` and `inactive` are used to check names only. `direction`
    tells whether a higher outcome is better; it is noted and changes nothing. TE is treat1 minus treat2.

    A study that cannot enter is in `excluded` with its lines, the reason and a mend. Raises NetworkError for a file that cannot be
    read as a whole, or where no study is left.
    """
    sheet = read_sheet(source, name=name)
    columns = find_columns(sheet.name, sheet.header, scale, sheet.lines[0] - 1)
    groups = _groups(sheet, columns)
    told = read_attributes(sheet, columns, groups)
    notes = told.notes
    if columns.layout is Layout.CONTRASTS:
        effects = read_effects(sheet, columns, scale)
        scale = effects.scale
        notes += effects.notes
        studies, excluded = studies_of_contrasts(sheet, columns, groups, told, effects)
    else:
        scale = scale or (Scale.OR if columns.layout is Layout.COUNTS else Scale.MD)
        data = ArmColumns(sheet, columns)
        studies, excluded = studies_of_arms(sheet, data, groups, told, scale)
        notes += _arm_suspicions(sheet, columns, data, told)
    if not studies:
        raise _nothing_left(sheet.name, excluded)
    treatments = dict.fromkeys(one for study in studies for one in study.treatments)
    if inactive is not None:
        _check_inactive(sheet.name, inactive, treatments, separator)
    notes += names_alike(treatments, "treatments", separator)
    notes += names_alike(groups, "study names")
    notes += same_registry(groups, told.registry)
    notes += turned_effects(studies, _shown(scale))
    notes += _of_studies(studies)
    if direction is not None:
        notes.append(f"A {direction} value of the outcome is better, as the reader said.")
    return Network(scale=scale, studies=tuple(studies), excluded=tuple(excluded), notes=tuple(notes))


def _groups(sheet: Sheet, columns: Columns) -> dict[str, list[int]]:
    """The rows of each study, in order of first appearance. Raises NetworkError where a row names no study."""
    place = columns.place["study"]
    groups: dict[str, list[int]] = {}
    for row, cells in enumerate(sheet.rows):
        groups.setdefault(cells[place].strip(), []).append(row)
    if "" in groups:
        lines = listed([str(sheet.lines[row]) for row in groups[""]])
        raise NetworkError(
            f"{sheet.name}, line {lines}: no study is named. Mend: repeat the study's name on each of its rows, and delete totals."
        )
    return groups


def _arm_suspicions(sheet: Sheet, columns: Columns, data: ArmColumns, told: Attributes) -> list[str]:
    """What looks wrong between arms of different studies."""
    place = columns.place["study"]
    names = [row[place].strip() for row in sheet.rows]
    sound = [row for row in range(len(names)) if row not in data.wrong]
    means = columns.layout is Layout.MEANS
    kinds = [data.n, data.mean, data.sd] if means else [data.n, data.events]
    rows = list(zip(*kinds, strict=True))
    arms = [ReportedArm(names[row], data.treatment[row], rows[row]) for row in sound]
    notes = shared_controls(arms, told.registry, telling=means)
    if means:
        by_study: dict[str, list[float]] = {}
        for row in sound:
            by_study.setdefault(names[row], []).append(data.mean[row])
        notes += turned_means(by_study)
    return notes


def _check_inactive(called: str, inactive: str, treatments: Iterable[str], separator: str | None) -> None:
    """Raise where the treatment without effect does not occur."""
    known = {part.strip() for one in treatments for part in (one, *(one.split(separator) if separator else ()))}
    if inactive not in known:
        near = difflib.get_close_matches(inactive.casefold(), [one.casefold() for one in known], n=1, cutoff=0.6)
        meant = [one for one in sorted(known) if near and one.casefold() == near[0]]
        hint = f"did you mean {' or '.join(meant)}?" if meant else f"there are {listed(sorted(known), most=12)}."
        raise NetworkError(f"{called}: no study gave {inactive!r}, named as the inactive treatment. Mend: {hint}")


def _of_studies(studies: Sequence[StudyContrasts]) -> list[str]:
    """What was said of single studies, with the studies it was said of."""
    said: dict[str, list[str]] = {}
    for study in studies:
        for note in study.notes:
            said.setdefault(note, []).append(study.study)
    return [f"{'Study' if len(names) == 1 else 'Studies'} {listed(names)}: {note}." for note, names in said.items()]


def _shown(scale: Scale) -> Callable[[float], str]:
    """How an effect is printed in a note: ratios as ratios."""
    return (
        (lambda value: f"{scale} {math.exp(min(value, MOST_LOG)):.3g}")
        if scale.is_ratio
        else (lambda value: f"{value:.3g}")
    )


def _nothing_left(called: str, excluded: Sequence[Excluded]) -> NetworkError:
    """Why no study could enter."""
    whys = [one.why.rstrip(".") for one in excluded]
    shown = [f"study {one.study}: {why}" for one, why in zip(excluded, whys, strict=True)][:REASONS_SHOWN]
    if len(whys) > 1 and len(set(whys)) == 1:
        shown = [f"all for one reason: {whys[0]}"]
    more = f"; and {len(excluded) - REASONS_SHOWN} more" if len(shown) == REASONS_SHOWN < len(excluded) else ""
    none = f"none of its {len(excluded)} studies could enter" if len(excluded) > 1 else "its only study could not enter"
    return NetworkError(f"{called}: {none}. {'; '.join(shown)}{more}.")
