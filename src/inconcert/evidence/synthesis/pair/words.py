"""What a psychiatrist should take away, in sentences made from the numbers; the word synergy is never one of them."""

from __future__ import annotations

import math

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.pair.forest import Evidence
from inconcert.evidence.synthesis.pair.types import (
    Controls,
    DesignFilter,
    ForestRow,
    Group,
    InteractionAnswer,
    Lumping,
    Options,
)
from inconcert.evidence.synthesis.rows import COUNTED

SUBJECT = "ketamine or esketamine together with TMS"
FAR = math.log(1000)  # a ratio farther from 1 is no finding
NOTHING_LEFT = (
    "No study was left under these choices, so there is nothing to compare. Ask for another week or outcome, for every design, or for"
    " a later day; what was left out says why."
)


def headline(
    options: Options, evidence: Evidence | None, rows: tuple[ForestRow, ...], interaction: InteractionAnswer
) -> tuple[str, ...]:
    """The answer in a few sentences, the first above all."""
    observed = [row for row in rows if row.group is Group.OBSERVED]
    if evidence is None:
        return (_first(observed, interaction.row), NOTHING_LEFT)
    said = [_first(observed, interaction.row)]
    said += [_seen(row, evidence) for row in observed]
    if options.design is DesignFilter.RCT and not observed:
        said.append("Among randomized studies nothing bears on the pair itself.")
    said += _adding_up(rows)
    said.append(_beyond(interaction))
    return tuple(said)


def _first(observed: list[ForestRow], interaction: ForestRow) -> str:
    trials = [row for row in observed if row.randomized]
    if not trials:
        return f"Nobody knows whether {SUBJECT} works better than either alone: no randomized trial that could tell was found."
    if all(row.lower is not None and row.upper is not None and row.lower <= 0 <= row.upper for row in trials):
        return (
            f"{len(trials)} randomized comparison{'s' if len(trials) > 1 else ''} of {SUBJECT} with one of them alone"
            " found no difference that chance could not explain."
        )
    shown = ", ".join(f"{row.label.split(':')[0]} ({row.text})" for row in trials)
    sure = interaction.lower is not None and interaction.upper is not None
    beyond = " Whether that is more than the sum of both is another question; see the interaction." if sure else ""
    return f"A randomized comparison of {SUBJECT} with one of them alone found a difference: {shown}.{beyond}"


def _seen(row: ForestRow, evidence: Evidence) -> str:
    who, what = row.label.split(": ", 1)
    people = f"{row.people} people, " if row.people else ""
    how = "randomized" if row.randomized else "not randomized"
    rates = _rates(row, evidence)
    return f"{who} ({people}{how}) compared {what}{rates}: {row.text}."


def _rates(row: ForestRow, evidence: Evidence) -> str:
    """How many of how many in each group, where they were counted."""
    found = [evidence.tables.outcomes[row_id] for row_id in row.row_ids if row_id in evidence.tables.outcomes]
    if len(found) != 2 or any(r.events is None or not r.n for r in found):
        return ""
    first, second = found
    kind = COUNTED.get(first.kind, first.kind)
    return f"; {kind} in {_count(first.events, first.n)} against {_count(second.events, second.n)}"


def _count(events: int | None, n: int | None) -> str:
    return f"{events} of {n} ({100 * (events or 0) / (n or 1):.0f}%)"


def _adding_up(rows: tuple[ForestRow, ...]) -> list[str]:
    said = []
    for row in rows:
        if row.group is Group.EXPECTED and row.label.endswith(" alone"):
            does = row.note.split(";")[0].removeprefix("if effects add, this is ")
            number = f": {row.text}." if row.estimate is not None else ", which these studies cannot give."
            said.append(f"If effects simply add, {row.label} is {does}{number}")
    return said


def _beyond(interaction: InteractionAnswer) -> str:
    row = interaction.row
    if row.estimate is None or row.lower is None or row.upper is None:
        why = interaction.missing.why if interaction.missing else "these studies cannot give it"
        return f"What both do beyond their sum cannot be estimated: {why}."
    excluded = ruled_out_text(interaction)
    both_ways = row.lower <= 0 <= row.upper
    sense = (
        "these studies can neither show nor exclude that the two help or hinder each other"
        if both_ways
        else "chance alone is an unlikely reason"
    )
    how = "" if row.randomized else ", resting in part on a comparison that was not randomized"
    return f"Beyond the sum of both: {row.text}{how}. {excluded} Within that range {sense}."


def ruled_out_text(interaction: InteractionAnswer) -> str:
    """What the interval excludes, in words."""
    low, high = interaction.ruled_out_below, interaction.ruled_out_above
    if low is None or high is None:
        return ""
    if "ratio" in interaction.row.text:
        said = [f"more than {math.exp(high):.2g}"] if high < FAR else []
        said += [f"less than {math.exp(low):.2g}"] if low > -FAR else []
        if not said:
            return "Hardly anything is ruled out."
        what = "odds" if "odds" in interaction.row.text else "rate"
        return f"Ruled out is only that together they multiply the {what}, beyond the product of both, by {' or by '.join(said)}."
    shown = [f"{100 * x:+.1f} points" if "risk" in interaction.row.text else f"{x:+.2g}" for x in (high, low)]
    return f"Ruled out is only a difference beyond the sum above {shown[0]} or below {shown[1]}."


def _unit(evidence: Evidence | None) -> str:
    """What a number on the model's scale is in."""
    scale = evidence.fit.network.scale if evidence is not None else Scale.OR
    return {
        Scale.RD: "(of 1, so that 0.1 is ten points)",
        Scale.MD: "points of the scale",
        Scale.SMD: "standard deviations",
    }.get(scale, f"(natural logarithm of the {scale.words})")


def assumptions(options: Options, evidence: Evidence | None) -> tuple[str, ...]:
    """What the numbers rest on besides the data; each is a choice that the multiverse undoes."""
    grain = {
        Lumping.BROAD: "ketamine and esketamine by any route do the same, and so does every form of TMS",
        Lumping.FAMILIES: "ketamine does the same by any route, esketamine too, and every form of TMS does the same",
        Lumping.KINDS: "treatments of one kind (deep TMS, rTMS, ketamine infusion ...) do the same",
        Lumping.PARTS: "each treatment is told apart as in the tables",
    }[options.lumping]
    said = [f"{'Not lumped' if options.lumping is Lumping.PARTS else 'Lumped'}: {grain}."]
    if options.controls is Controls.MERGED:
        said.append(
            "Sham stimulation, saline, midazolam, placebo and nothing added are taken to do the same, namely nothing. Trials against"
            " midazolam show less than trials against saline, so this is an assumption and no fact."
        )
    else:
        said.append("Every control keeps an effect of its own; what then cannot be estimated is not filled in.")
    if options.design is DesignFilter.ALL and (
        evidence is None or not all(s.randomized for s in evidence.fit.network.studies)
    ):
        weight = "in full" if options.nonrandomized_weight == 1 else f"with weight {options.nonrandomized_weight:g}"
        bias = f" and may be off by a bias with SD {options.bias_sd:g} {_unit(evidence)}" if options.bias_sd else ""
        said.append(
            f"Studies that were not randomized count {weight}{bias}. In such a study nobody had a sham infusion, so the expectation of"
            " those who chose the drug is part of what the drug seems to add."
        )
    if evidence is not None and evidence.fit.network.scale in (Scale.OR, Scale.RR):
        said.append(
            f"Effects are taken to add as logarithms, that is, to multiply as {evidence.fit.network.scale.words}s."
        )
    if not options.recalled:
        said.append("Figures known only from memory are left out.")
    return tuple(said)
