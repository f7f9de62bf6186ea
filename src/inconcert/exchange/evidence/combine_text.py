"""The answer on the pair as lines for a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from inconcert.evidence.synthesis.pair.types import CombineAnswer, ForestRow, Group, Universe

_WIDTH = 100
_DRAWN = 31
HEADINGS = {
    Group.ALONE: "Each treatment alone (modelled)",
    Group.EXPECTED: "Both together, if effects simply add (modelled; nobody observed this)",
    Group.OBSERVED: "Both together, as compared in studies",
    Group.INTERACTION: "What both do beyond the sum of each",
}


def combine_as_text(answer: CombineAnswer, ways: Sequence[Universe] = ()) -> str:
    """Headline, forest, what is missing, certainty, trials, what it rests on."""
    lines = [_wrapped(answer.headline[0]), ""]
    lines += [_wrapped(said, "  ") for said in answer.headline[1:]]
    reach = max(
        (abs(edge) for row in answer.forest for edge in (row.lower, row.upper) if edge is not None), default=1.0
    )
    for group, heading in HEADINGS.items():
        rows = [row for row in answer.forest if row.group is group]
        if rows:
            lines += ["", heading, *(line for row in rows for line in _row(answer, row, reach))]
    if answer.missing or answer.interaction.missing:
        gaps = [*answer.missing, *([answer.interaction.missing] if answer.interaction.missing else [])]
        lines += ["", "What cannot be estimated, and what would change that"]
        lines += [_wrapped(told, "  ") for told in dict.fromkeys(told for gap in gaps for told in gap.would_identify)]
    told = prior_words(answer)
    lines += ["", *(_wrapped(said) for said in told)] if told else []
    if answer.trials:
        lines += ["", "The trial that would settle it (computed from these rates; 5% two-sided)"]
        lines += [
            _wrapped(f"{plan.shows[0].upper()}{plan.shows[1:]}, power {100 * plan.power:g}%: {plan.text}.", "  ")
            for plan in answer.trials
        ]
    if ways:
        lines += ["", _wrapped(every_way_words(ways))]
    lines += ["", "Assumed", *(_wrapped(said, "  ") for said in answer.assumptions)]
    lines += ["", f"Left out: {len(answer.excluded)} groups of rows (--json lists each with its reason)."]
    return "\n".join(lines)


def every_way_words(ways: Sequence[Universe]) -> str:
    """How many ways of asking give a number, how far the numbers lie apart, and how many speak for either side."""
    known = [way for way in ways if way.estimate is not None and way.lower is not None and way.upper is not None]
    outcomes = " and ".join(dict.fromkeys(way.choices["outcome"] for way in ways if "outcome" in way.choices))
    asked = f"Asked in {len(ways)} ways" + (f" (outcome: {outcomes})" if outcomes else "")
    if not known:
        return f"{asked}, none of which gives an interaction."
    values = sorted(way.estimate for way in known if way.estimate is not None)
    above = sum(way.lower > 0 for way in known if way.lower is not None)
    below = sum(way.upper < 0 for way in known if way.upper is not None)
    return (
        f"{asked}, {len(known)} of which give an interaction: ratios from {math.exp(values[0]):.2f} to"
        f" {math.exp(values[-1]):.2f}, half of them below {math.exp(values[len(values) // 2]):.2f}. The interval lies above no"
        f" interaction in {above} of them and below it in {below}."
    )


def prior_words(answer: CombineAnswer) -> list[str]:
    """How far a doubter of large interactions was moved, and the Bayes factors; nothing where there is no interaction."""
    found = answer.interaction
    if found.posterior_mean is None or found.prior_sd is None or found.movement is None or found.posterior_sd is None:
        return []
    factors = ", ".join(f"{factor:.2f} (prior SD {sd:g})" for sd, factor in found.bayes_factors.items())
    moved = (
        f"A sceptic who believed in no interaction, give or take {found.prior_sd:g}, now believes {found.posterior_mean:+.2f}, give or"
        f" take {found.posterior_sd:.2f}: the data took {100 * found.movement:.0f}% off the uncertainty."
    )
    weighed = (
        f"How many times more probable the data are with an interaction than without: {factors}. Between a third and three, the"
        " data hardly speak."
    )
    return [moved, weighed]


def _row(answer: CombineAnswer, row: ForestRow, reach: float) -> list[str]:
    """What is compared and what it rests on; below it the interval and the number."""
    about = []
    if row.studies:
        how = "" if row.randomized else ", not randomized" if row.studies == 1 else ", not all randomized"
        about.append(f"{row.studies} stud{'y' if row.studies == 1 else 'ies'}{how}")
    grade = answer.certainty.get(row.id)
    if grade:
        level = f"{grade.level.replace('_', ' ')} certainty" if grade.level else "certainty not graded"
        about.append(f"at most {level}" if grade.level and grade.at_most else level)
    behind = f" ({'; '.join(about)})" if about else ""
    number = f"      {row.text}" if row.estimate is None else f"      {drawn(row, reach)}  {row.text}"
    return [_wrapped(row.label + behind, "  "), number]


def drawn(row: ForestRow, reach: float) -> str:
    """The interval as characters; the bar in the middle is no effect."""
    line = [" "] * _DRAWN
    line[_DRAWN // 2] = "│"
    if row.estimate is None or row.lower is None or row.upper is None:
        return "".join(line)

    def place(at: float) -> int:
        return round((at / reach + 1) / 2 * (_DRAWN - 1))

    for at in range(place(row.lower), place(row.upper) + 1):
        line[at] = "┼" if at == _DRAWN // 2 else "─"
    line[place(row.estimate)] = "●" if row.group is not Group.EXPECTED else "○"
    return "".join(line)


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=indent + ("  " if indent else ""))
