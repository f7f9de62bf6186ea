"""Does the pair do better than either alone? What is known today, each number traced to a row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from inconcert.evidence.synthesis.alone import SERVICES, figures_alone
from inconcert.evidence.synthesis.effects import EffectMeasure
from inconcert.evidence.synthesis.rows import COUNTED, CountedPair, counted_pairs, effect_figure, rate_figure
from inconcert.evidence.synthesis.trial_size import FORMULA, odds_ratio, people_per_arm, smallest_gain
from inconcert.evidence.synthesis.types import CheckedClaim, EvidenceAnswer, EvidenceFigure, PairStudySummary
from inconcert.judgement import Answer, Basis, Judgement, NumberKind, Question, Reading, Source
from inconcert.knowledge.loader import as_sources
from inconcert.knowledge.studies import StudyArm, StudyTables, study_tables

DRUGS = {"ketamine", "esketamine"}
RANDOMIZED = {"rct", "crossover"}
TRIAL = Question(
    "evidence.trial_of_the_pair",
    "Has a randomized trial of the two together against one alone been published since?",
    "evidence.pair_better",
)
# The rates are our choice and the formula is arithmetic, so nothing here was read anywhere.
SIZE_SOURCE = Source(
    "normal approximation for two proportions", "knowledge/files/studies/trial_sizes.yaml", Reading.DESIGN
)


@lru_cache(maxsize=128)
def what_is_known(as_of: date, *, services: tuple[str, ...] = (), bipolar: Answer = Answer.UNKNOWN) -> EvidenceAnswer:
    """What the studies published up to the year of `as_of` say.

    `services` are the payers' words whose evidence alone is wanted (all where empty; an unknown word raises ValueError
    with the known ones). `bipolar` is whether this person's depression is bipolar, which most studies did not take.
    """
    wrong = [service for service in services if service not in SERVICES]
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: no such service. Mend: use any of {', '.join(SERVICES)}.")
    tables = study_tables()
    pairs = tuple(comparisons(tables, as_of))
    studies = tuple(_studies(tables, as_of))
    wanted = tuple(dict.fromkeys(services)) or SERVICES
    headline = _headline(studies, pairs)
    sources = tuple(dict.fromkeys(source for study in studies for source in study.sources))
    basis = Basis(
        rule_id="evidence.pair_better",
        rule_text="randomized trials of the pair first, then controlled comparisons; single-arm reports bear nothing here",
        as_of=as_of,
        sources=sources,
    )
    return EvidenceAnswer(
        as_of=as_of,
        headline=headline,
        caveat=_caveat(tables, pairs, studies, bipolar),
        better=Judgement(id="evidence.pair_better", answer=Answer.UNKNOWN, text=headline, basis=basis, question=TRIAL),
        figures=(
            *_pair_figures(pairs),
            *(figure for service in wanted for figure in figures_alone(tables, service, as_of)),
            *_size_figures(tables),
        ),
        studies=studies,
        claims=tuple(_claims(tables)),
        basis=basis,
    )


def is_pair(tables: StudyTables, arm: StudyArm) -> bool:
    """True if the arm holds both ketamine or esketamine and a form of TMS."""
    families = tables.families(arm)
    return bool(families & DRUGS) and "tms" in families


def comparisons(tables: StudyTables, as_of: date) -> Iterator[CountedPair]:
    """The pair against the same treatment without one half, in groups of people (never within one person)."""
    for study in tables.studies.values():
        if study.year > as_of.year or study.design in ("case_report", "case_series"):
            continue
        arms = tables.arms_of(study.study_id)
        for both in arms:
            for one in arms:
                if is_pair(tables, both) and one.parts < both.parts and not is_pair(tables, one):
                    yield from counted_pairs(tables, study, both, one)


def _studies(tables: StudyTables, as_of: date) -> Iterator[PairStudySummary]:
    for told in tables.pair_studies:
        study = tables.studies[told.study_id]
        if study.year > as_of.year:
            continue
        rows = tuple(r.row_id for r in tables.outcomes.values() if r.study_id == study.study_id)
        yield PairStudySummary(
            study_id=study.study_id,
            who=f"{study.first_author} {study.year}",
            design=study.design,
            randomized=study.design in RANDOMIZED,
            role=told.role,
            n=study.n_total,
            given=told.given,
            found=told.found,
            can_bear=told.can_bear,
            weight=told.weight,
            row_ids=rows,
            sources=(study.source,),
        )


def _headline(studies: tuple[PairStudySummary, ...], pairs: tuple[CountedPair, ...]) -> str:
    trials = sum(study.randomized for study in studies)
    said = ["Nobody knows whether the two together do better than either alone."]
    said.append(
        f"Randomized trials of the pair found: {trials}." if trials else "No randomized trial of the pair was found."
    )
    compared = {pair.study.study_id: pair for pair in reversed(pairs)}  # the first outcome of each study stays
    if not compared:
        return " ".join([*said, "No comparison with one treatment alone was found either."])
    return " ".join([*said, *(_compared(pair) for pair in compared.values())])


def _compared(pair: CountedPair) -> str:
    both, alone = pair.counts
    effect = pair.effect(EffectMeasure.ODDS_RATIO)
    how = "" if pair.study.design in RANDOMIZED else " that was not randomized"
    found = "found no difference" if effect.low <= 1 <= effect.high else "found a difference"
    other = "TMS alone" if "tms" in study_tables().families(pair.second_arm) else "the drug alone"
    unsure = " It can exclude neither a useful gain nor a harm." if effect.low <= 1 <= effect.high else ""
    return (
        f"One comparison{how} ({both.n + alone.n} people, {pair.study.first_author} {pair.study.year}) {found}:"
        f" {COUNTED[pair.first.kind]} in {100 * both.proportion:.0f}% with both and {100 * alone.proportion:.0f}% with"
        f" {other}, {effect.text}.{unsure}"
    )


def _caveat(
    tables: StudyTables, pairs: tuple[CountedPair, ...], studies: tuple[PairStudySummary, ...], bipolar: Answer
) -> str:
    """What bipolar depression takes away from the comparisons; empty where the depression is not bipolar."""
    unipolar = sorted({f"{p.study.first_author} {p.study.year}" for p in pairs if p.study.bipolar == "no"})
    if bipolar is Answer.NOT_MET or not unipolar:
        return ""
    told = ", ".join(
        s.who for s in studies if s.role in ("single_arm", "case") and tables.studies[s.study_id].bipolar != "no"
    )
    start = "This depression is bipolar, and" if bipolar is Answer.MET else "Should this depression be bipolar:"
    rest = f" Uncontrolled reports did ({told})." if told else ""
    return f"{start} the comparison ({', '.join(unipolar)}) took nobody with bipolar depression.{rest}"


def _pair_figures(pairs: tuple[CountedPair, ...]) -> Iterator[EvidenceFigure]:
    for pair in pairs:
        warning = f"{pair.study.design}: not randomized" if pair.study.design not in RANDOMIZED else ""
        yield rate_figure(pair, pair.first, pair.first_arm, "pair", main=True)
        yield rate_figure(pair, pair.second, pair.second_arm, "pair", main=True)
        for measure in EffectMeasure:
            yield effect_figure(pair, measure, "pair", warning, main=True)
        yield from _smallest(pair)


def _smallest(pair: CountedPair) -> Iterator[EvidenceFigure]:
    both, alone = pair.counts
    rate = smallest_gain(alone.proportion, both.n, alone.n)
    if rate is None:
        return
    ratio = odds_ratio(rate, alone.proportion)
    yield EvidenceFigure(
        name=f"Smallest gain that groups of this size could show: {pair.name}",
        subject="pair",
        text=f"from {100 * alone.proportion:.1f}% to {100 * rate:.1f}% (odds ratio {ratio:.1f})",
        estimate=rate - alone.proportion,
        low=None,
        high=None,
        unit="proportion",
        kind=NumberKind.MODELLED,
        row_ids=(pair.first.row_id, pair.second.row_id),
        sources=pair.sources,
        note=f"computed here, {SIZE_SOURCE.ref}: 80% power, 5% two-sided, had the groups been randomized",
    )


def _size_figures(tables: StudyTables) -> Iterator[EvidenceFigure]:
    for place, target in enumerate(tables.targets):
        n = people_per_arm(target.alone, target.pair, alpha_two_sided=target.alpha_two_sided, power=target.power)
        yield EvidenceFigure(
            name=f"People in each of two arms to show {target.why}",
            subject="pair",
            text=f"{n} in each arm ({100 * target.alone:g}% against {100 * target.pair:g}%)",
            estimate=n,
            low=None,
            high=None,
            unit="people per arm",
            kind=NumberKind.MODELLED,
            row_ids=(f"target/{target.id}",),
            sources=(SIZE_SOURCE,),
            note=(
                f"{FORMULA}; alpha {target.alpha_two_sided:g} two-sided, power {target.power:g}, before dropout."
                " To show more than the sum of the two takes four groups and roughly four times as many people."
            ),
            main=place == 0,
        )


def _claims(tables: StudyTables) -> Iterator[CheckedClaim]:
    for claim in tables.claims:
        studies = [tables.studies[row.split("/")[0]] for row in claim.rows if row.split("/")[0] in tables.studies]
        own = as_sources(claim.sources, claim.status)
        yield CheckedClaim(
            id=claim.id,
            claim=claim.claim,
            rests_on=claim.rests_on,
            verdict=claim.verdict,
            why=claim.why,
            row_ids=claim.rows,
            status=claim.status,
            sources=tuple(dict.fromkeys((*own, *(study.source for study in studies)))),
        )
