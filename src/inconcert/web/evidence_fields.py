"""The choices of the page “Better together?”, each in plain words: what it means, what may be chosen, what is taken unasked.

Plain words only, so that the form can be shown where the part that computes is not installed. A test holds the values against those of
the synthesis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """One choice. `choices` are values with their words; empty for a number from `low` to `high`. `default` is taken unasked."""

    name: str
    label: str
    about: str
    default: str
    choices: tuple[tuple[str, str], ...] = ()
    low: str = ""
    high: str = ""
    step: str = "any"

    def words_of(self, value: str) -> str:
        """A value as the form says it."""
        return dict(self.choices).get(value, value)


YES_NO = (("yes", "yes"), ("no", "no"))
FIELDS = (
    Field(
        "outcome", "Outcome", "Response is a score at least halved; remission is few symptoms left; change is the fall of the score.",
        "response", (("response", "response"), ("remission", "remission"), ("change", "change of the score")),
    ),
    Field(
        "week", "Week", "Weeks after the start of treatment. Studies measured near it enter, the nearest visit first.", "4",
        low="0", high="520",
    ),
    Field(
        "design", "Studies",
        "Without randomization the groups may have differed from the start. With randomized studies alone less can be estimated.", "all",
        (("all", "all, randomized or not"), ("rct", "randomized only")),
    ),
    Field(
        "measure", "Measure", "How two groups are compared: a ratio of odds or of rates, a difference of rates, or of scores.", "",
        (
            ("", "fitting the outcome"), ("OR", "odds ratio"), ("RR", "risk ratio"), ("RD", "difference in rates"),
            ("MD", "difference in points of the scale"), ("SMD", "difference in standard deviations"),
        ),
    ),
    Field(
        "lumping", "Told apart",
        "Whether treatments of one sort are taken to do the same. The broader, the more is known and the more is assumed.", "broad",
        (
            ("broad", "any ketamine, any TMS"), ("families", "ketamine, esketamine, TMS"),
            ("kinds", "kinds such as infusion, spray, deep TMS, rTMS"), ("parts", "every form as in the tables"),
        ),
    ),
    Field(
        "controls", "Controls", "Whether sham stimulation, saline, midazolam and placebo are taken to do nothing.", "merged",
        (("merged", "all do nothing"), ("apart", "each may do something of its own")),
    ),
    Field(
        "interval", "Interval",
        "How the 95% interval is made. The first counts the doubt about how much studies differ; few studies ask for it.", "bayes",
        (("bayes", "exact Bayes"), ("hartung_knapp", "Hartung and Knapp"), ("normal", "normal")),
    ),
    Field(
        "tau", "Spread between studies", "How it is estimated. With exact Bayes it only describes.", "reml",
        (
            ("reml", "REML"), ("dl", "DerSimonian and Laird"), ("pm", "Paule and Mandel"),
            ("ml", "maximum likelihood"),
        ),
    ),
    Field(
        "weight", "Weight if not randomized", "1 counts such a study in full, 0.25 as a quarter of its information. Above 0.", "1",
        low="0", high="1",
    ),
    Field(
        "bias_sd", "Bias if not randomized",
        "How far such a study may be off, as a standard deviation on the scale of the model; 0 for none.", "0", low="0", high="10",
    ),
    Field("recalled", "Figures from memory", "Whether figures that nobody read again in their source may enter.", "yes", YES_NO),
    Field("derived", "Figures worked back", "Whether counts worked back from a printed percentage may enter.", "yes", YES_NO),
)  # fmt: skip
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}


def said_in(query: Mapping[str, Any]) -> dict[str, str]:
    """What was asked for, by name; the default where nothing was."""
    return {field.name: str(query.get(field.name, "")).strip()[:40] or field.default for field in FIELDS}


def other_than_usual(said: Mapping[str, str]) -> dict[str, str]:
    """The choices that were made otherwise, numbers compared as numbers."""
    return {field.name: said[field.name] for field in FIELDS if not _same(said[field.name], field.default)}


def without_effect(said: Mapping[str, str]) -> dict[str, str]:
    """Choices that change nothing beside the others, each with why: nobody shall think that they did."""
    found: dict[str, str] = {}
    odd = other_than_usual(said)
    if said["design"] == "rct":
        found |= dict.fromkeys(("weight", "bias_sd"), "changes nothing: only randomized studies were asked for.")
    if said["interval"] != "bayes":
        found.setdefault("bias_sd", "changes nothing: only exact Bayes can allow for a bias.")
    if said["interval"] == "bayes":
        found["tau"] = "changes no interval: exact Bayes weighs every spread."
    return {name: why for name, why in found.items() if name in odd}


def _same(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return one.casefold() == other.casefold()
