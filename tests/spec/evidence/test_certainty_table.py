"""Certainty by stated rules: one line changes one thing about a sound body of evidence, and says what follows.

The sound body: two randomized trials of treatment-resistant depression, low risk of bias, everybody blinded, 400 people each, half of the
weight each; log odds ratio 0.5 to 0.9, a new study 0.45 to 0.95, smallest important 0.4, 770 people wanted, I2 0.1, no sign of small-study
effects, no network. Sources: GRADE guidelines 4, 5, 6 and 8 (Guyatt 2011, J Clin Epidemiol 64:407, 1277, 1283, 1303), CINeMA (Nikolakopoulou 2020,
PLoS Med 17:e1003082), Cochrane Handbook chapter 10; the rules file says which of them were read. Where GRADE gives no number the threshold is ours.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.trust.certainty import grade
from inconcert.evidence.synthesis.trust.measures import CertaintyFacts, StudyFacts

AS_OF = date(2026, 11, 22)

# what is different                                        | level     | what takes levels away               | could not be judged
TABLE = """
nothing                                                    | high      | -                                    | -
one.risk=some_concerns                                     | moderate  | grade.bias.concerns 1                | -
one.risk=high                                              | low       | grade.bias.high 2                    | -
one.risk=high one.weight=0.3                               | moderate  | grade.bias.some_high 1               | -
one.risk=high one.weight=0.2                               | high      | -                                    | -
one.risk=None                                              | high      | -                                    | risk_of_bias 2
one.risk=None one.weight=0.2                               | high      | -                                    | -
one.blinded=rater                                          | moderate  | grade.bias.unblinded 1               | -
one.blinded=rater one.risk=some_concerns                   | moderate  | grade.bias.concerns 1                | -
two.blinded=none two.risk=None                             | moderate  | grade.bias.unblinded 1               | risk_of_bias 1
one.randomized=no                                          | low       | -                                    | -
one.randomized=no one.weight=0.04                          | high      | -                                    | -
both.randomized=no both.risk=high                          | low       | -                                    | -
both.randomized=no both.risk=critical                      | very_low  | grade.bias.critical 1                | -
both.randomized=no both.risk=high both.blinded=none        | very_low  | grade.bias.unblinded 1               | -
one.randomized=None                                        | -         | -                                    | -
prediction=0.3,1.1                                         | moderate  | grade.inconsistency.one_zone 1       | -
prediction=-0.2,1.6                                        | moderate  | grade.inconsistency.one_zone 1       | -
prediction=-0.6,1.9                                        | low       | grade.inconsistency.two_zones 2      | -
i2=0.75                                                    | moderate  | grade.inconsistency.i2 1             | -
i2=0.74                                                    | high      | -                                    | -
prediction=None                                            | high      | -                                    | inconsistency 2
prediction=None i2=0.9                                     | moderate  | grade.inconsistency.i2 1             | inconsistency 1
one.trd=no                                                 | moderate  | grade.indirect.population 1          | -
one.trd=None                                               | high      | -                                    | indirectness 1
one.bipolar=yes                                            | moderate  | grade.indirect.bipolar 1             | -
one.trd=no one.bipolar=yes one.as_asked=no                 | low       | grade.indirect.population 1, grade.indirect.bipolar 1 | -
one.as_asked=no                                            | moderate  | grade.indirect.treatment 1           | -
lower=0.1                                                  | high      | -                                    | -
lower=-0.1 prediction=-0.15,0.95                           | moderate  | grade.imprecision.null 1             | -
lower=-0.1 upper=0.3 prediction=-0.15,0.35                 | high      | -                                    | -
lower=-0.5 prediction=-0.55,0.95                           | low       | grade.imprecision.both_ways 2        | -
both.people=384                                            | moderate  | grade.imprecision.size 1             | -
both.people=385                                            | high      | -                                    | -
one.people=None                                            | high      | -                                    | imprecision 1
one.people=None two.people=770                             | high      | -                                    | -
people_wanted=None                                         | high      | -                                    | imprecision 1
smallest_important=None                                    | high      | -                                    | inconsistency 2, imprecision 2
asymmetry_p=0.09                                           | moderate  | grade.publication.asymmetry 1        | -
asymmetry_p=0.1                                            | high      | -                                    | -
asymmetry_p=0.01 asymmetry_toward_effect=no                | high      | -                                    | -
asymmetry_p=None                                           | high      | -                                    | publication_bias 1
both.people=90 both.industry=yes people_wanted=180         | moderate  | grade.publication.small_industry 1   | -
both.people=90 both.industry=None people_wanted=180        | high      | -                                    | publication_bias 1
both.industry=None                                         | high      | -                                    | -
selection_p=0.01 selection_interval=-0.1,0.8               | moderate  | grade.publication.selection 1        | -
selection_p=0.01 selection_interval=0.1,0.8                | high      | -                                    | -
selection_p=0.5 selection_interval=-0.1,0.8                | high      | -                                    | -
network=yes                                                | high      | -                                    | -
network=yes incoherence_p=0.05                             | moderate  | grade.incoherence.likely 1           | -
network=yes incoherence_p=0.005                            | low       | grade.incoherence.clear 2            | -
network=yes incoherence_p=None                             | high      | -                                    | incoherence 2
network=no incoherence_p=0.005                             | high      | -                                    | -
network=yes gaps=control:0.5                               | moderate  | grade.intransitivity.gap 1           | -
network=yes gaps=control:0.2,age:None                      | high      | -                                    | intransitivity 1
network=yes gaps=control:0.6,age:None                      | moderate  | grade.intransitivity.gap 1           | -
network=yes single_study_edge_share=0.5                    | moderate  | grade.one_edge.single_study 1        | -
network=yes single_study_edge_share=None                   | high      | -                                    | one_edge 1
both.risk=high lower=-0.5 prediction=-0.55,0.95            | very_low  | grade.bias.high 2, grade.imprecision.both_ways 2 | -
"""


def sound() -> CertaintyFacts:
    """The sound body of evidence."""
    one = StudyFacts(
        study="one",
        weight=0.5,
        randomized=True,
        risk="low",
        blinded="participants",
        trd=True,
        bipolar=False,
        as_asked=True,
        industry=False,
        people=400,
        row_ids=("one/row",),
    )
    return CertaintyFacts(
        question="treatment against sham",
        scale=Scale.OR,
        lower=0.5,
        upper=0.9,
        studies=(one, replace(one, study="two", row_ids=("two/row",))),
        network=False,
        prediction=(0.45, 0.95),
        i2=0.1,
        smallest_important=0.4,
        people_wanted=770,
        asymmetry_p=0.5,
        asymmetry_toward_effect=True,
        selection_p=0.5,
        selection_interval=(0.3, 0.9),
        incoherence_p=0.5,
        modifier_gaps={"control": 0.1},
        single_study_edge_share=0.2,
    )


def word(text: str) -> Any:
    """A value as the table writes it."""
    known = {"None": None, "yes": True, "no": False}
    if text in known:
        return known[text]
    if ":" in text:
        return {name: word(value) for name, value in (pair.split(":") for pair in text.split(","))}
    if "," in text:
        return tuple(float(part) for part in text.split(","))
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return text


def changed(line: str) -> CertaintyFacts:
    """The sound body with what the line says."""
    facts = sound()
    for part in () if line == "nothing" else line.split():
        name, _, text = part.partition("=")
        if "." not in name:
            facts = replace(facts, **{"modifier_gaps" if name == "gaps" else name: word(text)})
            continue
        who, _, what = name.partition(".")
        # The other study keeps the rest of the weight, so that `weight=0.3` reads as a share.
        studies = [replace(s, **{what: word(text)}) if who in (s.study, "both") else s for s in facts.studies]
        if what == "weight":
            studies = [s if s.study == who else replace(s, weight=1 - word(text)) for s in studies]
        facts = replace(facts, studies=tuple(studies))
    return facts


def listed(cell: str) -> list[str]:
    """The entries of a cell."""
    return [] if cell == "-" else [entry.strip() for entry in cell.split(",")]


@pytest.mark.parametrize("line", TABLE.strip().splitlines(), ids=lambda line: line.split("|")[0].strip())
def test_what_one_change_does(line: str) -> None:
    """Each change leads to the level, the downgrades by rule, and the domains that could not be judged, of its line."""
    change, level, taken, left = (cell.strip() for cell in line.split("|"))
    found = grade(changed(change), AS_OF)
    assert (found.level or "-") == level
    assert [f"{d.rule_id} {d.levels}" for d in found.downgrades] == listed(taken)
    if level != "-":
        assert [f"{u.domain} {u.could_take}" for u in found.undecided] == listed(left)
        assert found.at_most == (left != "-")
