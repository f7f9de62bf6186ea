"""Which column is which: the names that other programs use, and the three layouts a file can have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from inconcert.evidence.synthesis.data.types import NetworkError, Scale

# Names are compared without case, spaces and punctuation. Where two columns of a file have names of one role, the one that
# stands first in the list is taken, and a note names the other.
NAMES = {
    "study": "study studlab studyid studyname studylabel trial trialname authoryear author id",
    "treatment": "treatment treat trt treatmentname intervention drug group arm",
    "treat1": "treat1 treatment1 trt1 t1 intervention1",
    "treat2": "treat2 treatment2 trt2 t2 intervention2",
    "comparator": "comparator control versus vs",
    "n": "n samplesize total ntotal nobs participants patients size",
    "events": "events event r responders responder nevents cases count remitters deaths death",
    "mean": "mean y avg average meanchange",
    "sd": "sd stdev std standarddeviation",
    "se": "sete se stderr standarderror sem semean sediff sey selog selnor selogor selnrr selogrr",
    "variance": "vi variance var vare",
    "effect": "te effect estimate diff difference es yi contrast",
    "log_or": "logor lnor logoddsratio",
    "log_rr": "logrr lnrr logriskratio",
    "or": "or oddsratio",
    "rr": "rr riskratio relativerisk",
    "rd": "rd riskdifference",
    "md": "md meandifference",
    "smd": "smd hedgesg g cohensd",
    "lower": "lower cilower lowerci cilow lcl lci ll low lowerlimit lower95 ci95lower cilb lb",
    "upper": "upper ciupper upperci cihigh ucl uci ul high upperlimit upper95 ci95upper ciub ub",
    "base_se": "sebaseline seref sereference",
    "base_variance": "varref varbaseline vbaseline varreference",
    "n1": "n1",
    "n2": "n2",
    "weight": "weight",
    "randomized": "randomized randomised rct israndomized israndomised",
    "design": "design studydesign studytype",
    "registry": "registry registryid nct nctid nctnumber registration registrationid doi pmid",
}
ROLE_OF = {name: (role, rank) for role, names in NAMES.items() for rank, name in enumerate(names.split())}
# Effects that name their own scale: scale, and whether the number is a ratio that is still to be logged.
TYPED = {
    "log_or": (Scale.OR, False),
    "log_rr": (Scale.RR, False),
    "or": (Scale.OR, True),
    "rr": (Scale.RR, True),
    "rd": (Scale.RD, False),
    "md": (Scale.MD, False),
    "smd": (Scale.SMD, False),
}
ONLY_CONTRASTS = ("treat1", "treat2", "comparator", "effect", *TYPED, "lower", "upper", "variance", "base_se")
ONLY_CONTRASTS += ("base_variance", "n1", "n2")
ONLY_ARMS = ("treatment", "n", "events", "mean", "sd")
WANTED = (
    "Mend: begin with a line of names, either study, treatment, n, events (or mean, sd), one row per arm,"
    " or study, treat1, treat2, TE, seTE, one row per comparison."
)


class Layout(StrEnum):
    """What a row of the file is."""

    COUNTS = "counts"
    MEANS = "means"
    CONTRASTS = "contrasts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where each role stands (`place`), and the columns without a role (`others`)."""

    layout: Layout
    place: dict[str, int]
    others: dict[str, int]
    notes: tuple[str, ...] = ()


def plain(name: str) -> str:
    """A column's name without case, spaces and punctuation."""
    return re.sub(r"[^0-9a-z]+", "", name.lower())


def find_columns(called: str, header: Sequence[str], scale: Scale | None, line: int) -> Columns:
    """Give each column its role and find the layout. Raises NetworkError where a role is wanted and missing, or held twice."""
    place: dict[str, int] = {}
    others: dict[str, int] = {}
    rank: dict[str, int] = {}
    notes: list[str] = []
    for position, name in enumerate(header):
        role, order = ROLE_OF.get(plain(name), ("", 0))
        if not role and name and name in header[:position]:
            if others.pop(name, None) is not None:
                notes.append(f"Several columns are named {name!r}: none of them was used.")
        elif not role:
            others[name] = position
        elif role not in place:
            place[role], rank[role] = position, order
        elif rank[role] == order:
            raise NetworkError(f"{called}, line {line}: two columns are named {name!r}. Mend: rename or delete one.")
        else:
            kept, other = (position, place[role]) if order < rank[role] else (place[role], position)
            place[role], rank[role] = kept, min(order, rank[role])
            others[header[other]] = other
            notes.append(f"{header[kept]!r} was read as the column of {role}, not {header[other]!r}.")
    layout = _layout(called, header, place, scale, line)
    for role in ONLY_CONTRASTS if layout is not Layout.CONTRASTS else ONLY_ARMS:
        if role in place:
            position = place.pop(role)
            others[header[position]] = position
    return Columns(layout=layout, place=place, others=others, notes=tuple(notes))


def _layout(called: str, header: Sequence[str], place: dict[str, int], scale: Scale | None, line: int) -> Layout:
    """The layout, with the roles of names that mean one thing in arms and another in contrasts settled in `place`."""
    read = f"{called}, line {line}: the columns are {', '.join(name or '(no name)' for name in header)}."
    effect = "effect" in place or any(role in place for role in TYPED)
    arms = "n" in place and ("events" in place or {"mean", "sd"} <= set(place))
    if effect and not arms and "treat1" not in place and {"treatment", "comparator"} <= set(place):
        place["treat1"], place["treat2"] = place.pop("treatment"), place.pop("comparator")
    if "treat1" in place and "treat2" in place:
        if not effect and "mean" in place and plain(header[place["mean"]]) == "y":
            place["effect"] = place.pop("mean")
            effect = True
        _check_contrasts(read, place, effect=effect)
        return Layout.CONTRASTS
    return _arms(read, header, place, scale)


def _check_contrasts(read: str, place: dict[str, int], *, effect: bool) -> None:
    if not effect and "n1" in place and "n2" in place:
        raise NetworkError(
            f"{read} It has several arms in one row. Mend: write one row per arm: study, treatment, n, events."
        )
    if not effect:
        raise NetworkError(f"{read} It compares two treatments, but no column has the effect. {WANTED}")
    if not {"se", "variance"} & set(place) and not {"lower", "upper"} <= set(place):
        raise NetworkError(f"{read} No column has the standard error (seTE), or lower and upper. {WANTED}")
    if "study" not in place:
        raise NetworkError(f"{read} No column names the study. {WANTED}")


def _arms(read: str, header: Sequence[str], place: dict[str, int], scale: Scale | None) -> Layout:
    """Counts or means: what the columns give and, where they give both, what was asked for."""
    missing = [role for role in ("study", "treatment", "n") if role not in place]
    counts, means = "events" in place, "mean" in place and ("sd" in place or "se" in place)
    if len(missing) == 3 or (missing and any(_is_number(name) for name in header)):
        raise NetworkError(f"{read} These are no names that are known; the header may be missing. {WANTED}")
    if missing:
        raise NetworkError(f"{read} No column has the {', nor the '.join(missing)}. {WANTED}")
    if not counts and not means:
        raise NetworkError(f"{read} There are neither events, nor mean with sd (or se). {WANTED}")
    if scale is None and counts and means:
        raise NetworkError(f"{read} There are counts and means. Mend: choose a measure: OR, RR, RD, MD or SMD.")
    wants_means = means if scale is None else scale in (Scale.MD, Scale.SMD)
    if wants_means and not means:
        raise NetworkError(f"{read} {scale} needs mean with sd (or se). Mend: choose OR, RR or RD, or give them.")
    if not wants_means and not counts:
        raise NetworkError(f"{read} {scale} needs events. Mend: choose MD or SMD, or give the counts.")
    return Layout.MEANS if wants_means else Layout.COUNTS


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True
