"""What both do beyond their sum: the interaction, what it rules out, how far the data moved a sceptic, or why it cannot be known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.models.bayes import fit_exact
from inconcert.evidence.synthesis.models.design import SEPARATOR, component_design, parts_of
from inconcert.evidence.synthesis.models.what_would_identify import NewStudy, for_parameter
from inconcert.evidence.synthesis.pair.forest import CANNOT, Evidence, interaction_row
from inconcert.evidence.synthesis.pair.question import Asked, believe, prior_of, stated_bias, told_together
from inconcert.evidence.synthesis.pair.types import ForestRow, Group, InteractionAnswer, Missing, Options
from inconcert.judgement import NumberKind

PRIOR_SDS = (0.25, 0.5, 1.0, 2.0)  # of the interaction, in logarithms or standard deviations
NO_STUDY = "no study is left under these choices"
NO_PAIR = "no study that is left gave both to one group and only one of them to another"


def interaction_answer(evidence: Evidence | None, options: Options) -> InteractionAnswer:
    """The interaction of the first pair that some study gave together."""
    if evidence is None or not evidence.asked.pairs:
        why = NO_STUDY if evidence is None else NO_PAIR
        missing = Missing(what="what both do beyond their sum", why=why, would_identify=_first_study(evidence))
        return InteractionAnswer(row=_no_row(), missing=missing)
    row = interaction_row(evidence, evidence.asked.pairs[0])
    if row.estimate is None:
        why, told = _why(evidence), would_identify(evidence, [evidence.asked.interactions[0]])
        return InteractionAnswer(row=row, missing=Missing(what=row.label, why=why, would_identify=told))
    return _with_prior(evidence, options, row)


def missing_rows(evidence: Evidence, rows: tuple[ForestRow, ...]) -> Iterator[Missing]:
    """Every row without a number, and which study would give one."""
    for row in rows:
        if row.estimate is not None or row.group is Group.INTERACTION:
            continue
        lacking = [name for name in row.parts if evidence.fit.random.parameters.get(name) is None]
        yield Missing(
            what=row.label,
            why="no chain of comparisons leads from one to the other",
            would_identify=would_identify(evidence, lacking),
        )


def would_identify(evidence: Evidence, columns: Sequence[str]) -> tuple[str, ...]:
    """For each column that the data cannot give, the study that would make it known; one that somebody might do first."""
    asked, said = evidence.asked, []
    for column in columns:
        if asked.inactive is not None and column in evidence.design.components:  # always enough
            said.append(f"{column}: a randomized study of {column} against {asked.inactive}")
            continue
        found = for_parameter(evidence.fit, column)
        likely = [some for some in found.options if all(_likely(asked, study) for study in some)]
        about = told_together(asked, column.replace("*", SEPARATOR))
        if found.options:
            studies = " and ".join(
                f"a randomized study of {told_together(asked, study.first)} against {told_together(asked, study.second)}"
                for study in (likely or found.options)[0]
            )
            said.append(
                f"{about}: {studies}"
                if likely
                else f"{about}: only studies that hardly anybody would do, such as {studies}"
            )
        else:
            said.append(f"{about}: neither one nor two studies of two groups would make it known")
    return tuple(said)


def _likely(asked: Asked, study: NewStudy) -> bool:
    """Whether somebody might do it: its arms can be given, and differ in more than the kind of control."""
    active = {*asked.drugs, *asked.coils}
    first, second = (set(parts_of(name, SEPARATOR)) for name in (study.first, study.second))
    return _can_be_given(asked, first) and _can_be_given(asked, second) and first & active != second & active


def _can_be_given(asked: Asked, parts: set[str]) -> bool:
    """At most one drug and one form of TMS; beside one of them, a sham of the other. Two ketamines at once are algebra, no trial."""
    drugs, coils = parts & set(asked.drugs), parts & set(asked.coils)
    controls = parts - drugs - coils - ({asked.inactive} if drugs or coils else set())
    if not controls <= set(asked.controls) or max(len(drugs), len(coils), len(controls)) > 1:
        return False
    if not controls or not (drugs or coils):
        return True
    (control,) = controls
    return control in (asked.shams if drugs else asked.placebos) and not (drugs and coils)


def _with_prior(evidence: Evidence, options: Options, row: ForestRow) -> InteractionAnswer:
    """Look again with a prior that doubts large interactions, and ask how much more probable the data are with one."""
    label, scale = evidence.asked.interactions[0], evidence.fit.network.scale
    sd = options.interaction_prior_sd * _unit(scale)
    sceptic = believe(evidence.asked, options, evidence.fit, interaction_sd=sd)
    belief = sceptic.parameters[label]
    gain_is_up = scale not in (Scale.MD, Scale.SMD)  # a fall of the score is the gain there
    contrast = evidence.row_of({label: 1})
    return InteractionAnswer(
        row=row,
        missing=None,
        ruled_out_below=row.lower,
        ruled_out_above=row.upper,
        prior_sd=sd,
        posterior_mean=belief.mean if belief else None,
        posterior_sd=belief.sd if belief else None,
        posterior_interval=(belief.lower, belief.upper) if belief else None,
        probability_of_gain=sceptic.probability_above(contrast) if gain_is_up else sceptic.probability_below(contrast),
        bayes_factors=_bayes_factors(evidence, options),
        movement=1 - belief.sd / sd if belief else None,
    )


def _bayes_factors(evidence: Evidence, options: Options) -> dict[float, float]:
    """For each prior SD: how many times more probable the data are with the interaction than without."""
    network, design = evidence.fit.network, evidence.fit.design
    rest = [term.label for term in design.interactions[1:]]
    without = component_design(network.treatments, inactive=design.inactive, interactions=rest)
    plain = prior_of(network.scale)
    bias = stated_bias(options)
    base = fit_exact(network, without, prior=plain, nonrandomized=bias).log_marginal_likelihood
    label = design.interactions[0].label
    found = {}
    for size in PRIOR_SDS:
        prior = replace(plain, of={label: (0.0, size * _unit(network.scale))})
        with_it = fit_exact(network, design, prior=prior, nonrandomized=bias)
        found[size] = math.exp(with_it.log_marginal_likelihood - base)
    return found


def _unit(scale: Scale) -> float:
    """What one prior unit is on a scale: one logarithm or standard deviation, ten points of rate or score."""
    return {Scale.RD: 0.1, Scale.MD: 10.0}.get(scale, 1.0)


def _why(evidence: Evidence) -> str:
    drug, coil = evidence.asked.pairs[0]
    lacking = [name for name in (drug, coil) if evidence.fit.random.parameters.get(name) is None]
    if evidence.asked.inactive is None:
        return "where every control keeps an effect of its own, nothing links what each does alone to what both do"
    if lacking:
        return f"no study that is left gives what {' or '.join(lacking)} does alone against a control"
    return "no chain of comparisons links both to each alone"


def _first_study(evidence: Evidence | None) -> tuple[str, ...]:
    drug = evidence.asked.drugs[0] if evidence and evidence.asked.drugs else "ketamine"
    coil = evidence.asked.coils[0] if evidence and evidence.asked.coils else "TMS"
    return (
        (
            f"a randomized trial with four arms: {drug} with {coil}, {drug} with sham stimulation, {coil} with an inert"
            " infusion or spray, and neither"
        ),
    )


def _no_row() -> ForestRow:
    return ForestRow(
        id="interaction/none", group=Group.INTERACTION, label="both together: beyond the sum of both", estimate=None, se=None,
        lower=None, upper=None, text=CANNOT, kind=NumberKind.MODELLED, studies=0, people=None,
    )  # fmt: skip
