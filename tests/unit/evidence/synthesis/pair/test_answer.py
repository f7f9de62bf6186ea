"""The answer on the pair: its first sentence, where its numbers come from, and what a new trial would change."""

import math
from dataclasses import replace
from datetime import date

import msgspec
import pytest

from inconcert.evidence.synthesis.data.types import Scale
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.pair.answer import combine, every_way
from inconcert.evidence.synthesis.pair.forest import evidence_of, forest, interaction_row
from inconcert.evidence.synthesis.pair.question import ask
from inconcert.evidence.synthesis.pair.together import interaction_answer
from inconcert.evidence.synthesis.pair.types import Controls, Group, Interval, Lumping, Options, Outcome
from inconcert.evidence.synthesis.pair.words import headline
from inconcert.knowledge.studies import StudyTables, study_tables

AS_OF = date(2026, 11, 22)
DEFAULT = Options(as_of=AS_OF)
REMISSION = Options(as_of=AS_OF, outcome=Outcome.REMISSION, lumping=Lumping.FAMILIES)


def test_the_first_sentence_is_what_to_take_away() -> None:
    """No randomized trial, so nobody knows; the word synergy is nowhere."""
    answer = combine(DEFAULT)
    assert answer.headline[0].startswith("Nobody knows whether ketamine or esketamine together with TMS works better")
    assert "synerg" not in " ".join([*answer.headline, *answer.methods, *answer.assumptions]).lower()


def test_the_one_comparison_is_told_with_its_counts() -> None:
    """53 of 66 with both, 130 of 169 with deep TMS alone: odds ratio 1.22 (0.60 to 2.47), not randomized."""
    told = combine(DEFAULT).headline[1]
    assert "53 of 66 (80%) against 130 of 169 (77%)" in told
    assert "odds ratio 1.22 (0.60 to 2.47)" in told
    assert "not randomized" in told


def test_every_number_leads_to_rows_of_the_tables() -> None:
    """Each row with a number names the study rows behind it, and its sources."""
    tables = study_tables()
    known = tables.outcomes.keys() | {row.row_id for row in tables.contrasts}
    for options in (DEFAULT, REMISSION):
        for row in combine(options).forest:
            if row.estimate is not None:
                assert row.row_ids, row.id
                assert row.sources, row.id
                assert set(row.row_ids) <= known


def test_studies_of_the_pair_do_not_speak_for_the_treatments_alone() -> None:
    """With tau known, what adding up would give is the same with and without the study that gave both."""
    options = replace(REMISSION, interval=Interval.NORMAL, tau=0.3)
    with_it = {row.id: row for row in combine(options).forest}
    tables = study_tables()
    asked = ask(options, tables)
    left = tuple(study for study in asked.network.studies if study.study != "SHANOK2024")
    without = evidence_of(replace(asked, network=replace(asked.network, studies=left), pairs=()), options, tables)
    assert without is not None
    alone = {row.id: row for row in forest(without)}
    for name in ("alone/TMS", "alone/ketamine", "alone/esketamine"):
        assert with_it[name].estimate == pytest.approx(
            alone[name].estimate, abs=2e-3
        )  # tau's posterior shifts a little


def test_the_interaction_is_what_was_observed_less_what_adding_gives() -> None:
    """With one study of the pair: log odds ratio observed, less that of the drug alone; variances add."""
    options = replace(REMISSION, interval=Interval.NORMAL)
    rows = {row.id: row for row in combine(options).forest}
    observed = next(row for row in rows.values() if row.group is Group.OBSERVED)
    drug, beyond = rows["alone/ketamine"], rows["interaction/ketamine*TMS"]
    assert observed.estimate is not None
    assert drug.estimate is not None
    assert beyond.estimate == pytest.approx(observed.estimate - drug.estimate, abs=1e-12)
    fitted = combine(options).fit
    assert fitted is not None
    assert fitted.tau2 is not None
    assert observed.se is not None
    assert drug.se is not None
    assert beyond.se == pytest.approx(math.sqrt(observed.se**2 + fitted.tau2 + drug.se**2), abs=1e-12)


def test_what_is_ruled_out_is_the_interval() -> None:
    """Nothing more is excluded than the interval excludes."""
    found = combine(DEFAULT).interaction
    assert (found.ruled_out_below, found.ruled_out_above) == (found.row.lower, found.row.upper)


def test_a_sceptic_moves_toward_the_data_and_never_past_them() -> None:
    """The sceptical posterior lies between none and the estimate, and is narrower than the prior."""
    found = combine(DEFAULT).interaction
    assert found.row.estimate is not None
    assert found.posterior_mean is not None
    assert min(0, found.row.estimate) <= found.posterior_mean <= max(0, found.row.estimate)
    assert found.posterior_sd is not None
    assert found.prior_sd is not None
    assert found.posterior_sd < found.prior_sd
    assert all(0.1 < factor < 10 for factor in found.bayes_factors.values())


def test_what_is_published_later_is_not_used() -> None:
    """On the last day of 2023 the comparison of 2024 was not there."""
    answer = combine(replace(DEFAULT, as_of=date(2023, 12, 31)))
    assert "SHANOK2024" not in {study.study for study in answer.network.studies}
    assert answer.interaction.row.estimate is None


def test_shares_of_the_studies_add_up_to_one() -> None:
    """Each row passes wholly through the studies, and leaving out the only study of the pair leaves no interaction."""
    answer = combine(DEFAULT)
    for row in answer.forest:
        if row.parts and row.estimate is not None:
            assert sum(reach.share[row.id] for reach in answer.reach) == pytest.approx(1)
    assert next(r for r in answer.reach if r.study == "SHANOK2024").without is None


def test_the_default_stands_in_the_multiverse_with_its_own_number() -> None:
    """One way is the default, and gives what the answer gives; each way without a number says why."""
    ways, answer = every_way(DEFAULT), combine(DEFAULT)
    (default,) = [way for way in ways if way.is_default]
    assert default.estimate == pytest.approx(answer.interaction.row.estimate)
    assert all(way.why_none for way in ways if way.estimate is None)
    assert len({tuple(way.choices.items()) for way in ways}) == len(ways)


def _with_trial(both: int, alone: int) -> StudyTables:
    """Our tables with an invented randomized trial: 300 people with both, 300 with iTBS alone."""
    tables = study_tables()
    study = msgspec.structs.replace(
        tables.studies["SHANOK2024"],
        study_id="INVENTED2025",
        year=2025,
        design="rct",
        first_author="Invented",
        notes="",
    )
    arms, outcomes = dict(tables.arms), dict(tables.outcomes)
    for arm_id, parts, events in (("comb", "itbs+ketamine_iv", both), ("tms", "itbs", alone)):
        arms["INVENTED2025", arm_id] = msgspec.structs.replace(
            tables.arms["SHANOK2024", "comb"],
            study_id="INVENTED2025",
            arm_id=arm_id,
            components=parts,
            n_randomised=300,
        )
        row = msgspec.structs.replace(
            tables.outcomes["SHANOK2024/comb/PHQ9/63/response"],
            study_id="INVENTED2025", arm_id=arm_id, n=300, events=events, value=events / 300, timepoint_days=28,
        )  # fmt: skip
        outcomes[row.row_id] = row
    return msgspec.structs.replace(
        tables, studies={**tables.studies, "INVENTED2025": study}, arms=arms, outcomes=outcomes
    )


@pytest.mark.parametrize(
    ("both", "alone", "starts"),
    [
        (
            150,
            150,
            "1 randomized comparison of ketamine or esketamine together with TMS with one of them alone found no",
        ),
        (
            210,
            120,
            "A randomized comparison of ketamine or esketamine together with TMS with one of them alone found a diff",
        ),
    ],
)
def test_a_randomized_trial_changes_the_first_sentence(both: int, alone: int, starts: str) -> None:
    """The sentence follows the evidence: no longer nobody knows."""
    tables = _with_trial(both, alone)
    asked = ask(DEFAULT, tables)
    evidence = evidence_of(asked, DEFAULT, tables)
    assert evidence is not None
    rows, found = forest(evidence), interaction_answer(evidence, DEFAULT)
    assert headline(DEFAULT, evidence, rows, found)[0].startswith(starts)
    assert interaction_row(evidence, asked.pairs[0]).studies >= 2


@pytest.mark.parametrize("first", ["comb", "tms"])
def test_the_order_of_arms_in_a_file_does_not_matter(first: str) -> None:
    """Both against one is told the same way round whichever arm stands first."""
    tables = _with_trial(210, 120)
    arms = {key: arm for key, arm in tables.arms.items() if key[0] != "INVENTED2025" or key[1] == first} | tables.arms
    outcomes = {
        k: r for k, r in tables.outcomes.items() if r.study_id != "INVENTED2025" or r.arm_id == first
    } | tables.outcomes
    turned = msgspec.structs.replace(tables, arms=arms, outcomes=outcomes)
    evidence = evidence_of(ask(DEFAULT, turned), DEFAULT, turned)
    assert evidence is not None
    (found,) = [r for r in forest(evidence) if r.group is Group.OBSERVED and "Invented" in r.label]
    assert found.estimate == pytest.approx(math.log((210 / 90) / (120 / 180)))


def test_weighing_down_leaves_the_estimate_and_widens_the_interval() -> None:
    """A weight of a quarter on studies that were not randomized doubles their standard errors."""
    options = replace(REMISSION, interval=Interval.NORMAL)
    full = combine(options).interaction.row
    quarter = combine(replace(options, nonrandomized_weight=0.25)).interaction.row
    assert quarter.se is not None
    assert full.se is not None
    assert quarter.se > full.se


def test_the_model_of_the_answer_is_the_network_engine() -> None:
    """The numbers are those that the reader's engine gives for the same studies and design."""
    answer = combine(replace(REMISSION, interval=Interval.NORMAL))
    assert answer.fit is not None
    again = fit(answer.network, answer.fit.design, tau=REMISSION.tau).random.parameters
    assert again["ketamine*TMS"] is not None
    assert answer.interaction.row.estimate == again["ketamine*TMS"].estimate


def test_a_stated_bias_speaks_in_the_bayes_factors_too() -> None:
    """What may be off by a bias says less: every factor moves toward one."""
    plain = combine(DEFAULT).interaction.bayes_factors
    doubted = combine(replace(DEFAULT, bias_sd=1.0)).interaction.bayes_factors
    assert doubted.keys() == plain.keys()
    assert doubted[0.5] != plain[0.5]
    assert abs(math.log(doubted[0.5])) < abs(math.log(plain[0.5]))


def test_an_answer_without_studies_says_what_to_ask_instead() -> None:
    """Before anything was published nothing is compared, and nothing is said to be what it cannot be."""
    answer = combine(replace(DEFAULT, as_of=date(1970, 1, 1)))
    assert answer.fit is None
    assert "Ask for another week or outcome" in answer.headline[1]
    assert len(answer.headline) == 2


@pytest.mark.parametrize("lumping", Lumping)
@pytest.mark.parametrize("controls", Controls)
def test_treatments_are_called_by_names_and_never_by_ids(lumping: Lumping, controls: Controls) -> None:
    """No name of a treatment, row or study wanted holds an underscore or is an id."""
    answer = combine(replace(DEFAULT, lumping=lumping, controls=controls))
    said = [*answer.network.treatments, *(row.label for row in answer.forest if row.group is not Group.OBSERVED)]
    said += [told for gap in answer.missing for told in gap.would_identify]
    said += answer.interaction.missing.would_identify if answer.interaction.missing else ()
    assert not [text for text in said if "_" in text or "*" in text]
    assert not {part for name in answer.network.treatments for part in name.split("+")} & {"ect", "itbs", "ctbs"}


@pytest.mark.parametrize("outcome", [Outcome.RESPONSE, Outcome.REMISSION])
@pytest.mark.parametrize("lumping", Lumping)
@pytest.mark.parametrize("controls", Controls)
def test_a_study_wanted_is_one_that_somebody_might_do(outcome: Outcome, lumping: Lumping, controls: Controls) -> None:
    """Never two drugs of one kind at once, nor a control beside nothing; what only such a study would tell says so."""
    asked = ask(replace(DEFAULT, outcome=outcome, lumping=lumping, controls=controls), study_tables())
    answer = combine(replace(DEFAULT, outcome=outcome, lumping=lumping, controls=controls))
    told = [text for gap in answer.missing for text in gap.would_identify]
    told += answer.interaction.missing.would_identify if answer.interaction.missing else ()
    for text in told:
        if "a randomized study of " in text and "hardly anybody" not in text:
            arms = text.split("a randomized study of ", 1)[1].split(" against ")
            held = [set(arm.split(" with ")) for arm in arms]
            assert all(len(parts & set(asked.drugs)) < 2 and len(parts & set(asked.coils)) < 2 for parts in held), text
            assert not any("nothing added" in parts and len(parts) > 1 for parts in held), text


def test_what_cannot_be_given_is_said_in_a_sentence() -> None:
    """`is what ketamine does alone, which these studies cannot give`: no colon before a gap, no note between."""
    said = combine(replace(DEFAULT, lumping=Lumping.PARTS, controls=Controls.APART)).headline
    assert any(sentence.endswith("does alone, which these studies cannot give.") for sentence in said)
    assert not any("not seen" in sentence for sentence in combine(replace(REMISSION, lumping=Lumping.PARTS)).headline)


def test_what_is_ruled_out_of_a_difference_of_rates_is_in_points() -> None:
    """The row says points, so the sentence does; a bias says what it is in."""
    answer = combine(replace(DEFAULT, scale=Scale.RD, bias_sd=0.1))
    (said,) = [sentence for sentence in answer.headline if sentence.startswith("Beyond the sum")]
    assert said.count("points") >= 5
    assert any("0.1 is ten points" in sentence for sentence in answer.assumptions)


@pytest.mark.parametrize("interval", [Interval.NORMAL, Interval.HARTUNG_KNAPP])
def test_an_interval_without_end_rules_out_hardly_anything(interval: Interval) -> None:
    """A weight of next to nothing leaves an interval that no ratio can hold; the sentence says so."""
    answer = combine(replace(DEFAULT, interval=interval, nonrandomized_weight=1e-12))
    assert any("Hardly anything is ruled out." in sentence for sentence in answer.headline)
    assert "over 1000" in answer.interaction.row.text
