"""What the policies say of TMS together with ketamine or esketamine; silence is not consent.

Source: shared brief on policies, section 3, and the policy files named.
"""

from __future__ import annotations

import pytest

from inconcert.judgement import Answer, Refusal
from inconcert.knowledge.policies import policies
from inconcert.payers import CombinationClause, determine_plan
from support.payer_cases import approvable, ask, criterion, rows

CLAUSES = {
    "prohibits": {"centene-ambetter-tms"},
    "excludes_as_experimental": {"aetna-tms"},
    "requires_documentation": {"centene-nevada-tms"},
    "duplicate_therapy_reported": {"aetna-spravato"},
    "allows": {"wa-lni-tms"},
    "silent": {
        "nice-ipg542-rtms",
        "nice-ta854-esketamine",
        "smc-2258-esketamine",
        "ontario-health-rtms",
        "ohio-medicaid-spravato",
    },
    "not_applicable": {"bcbsms-spravato", "cda-amc-esketamine", "medica-ketamine-2014"},
}
PAIRS = """
TMS policy           | drug policy                   | drug        | pair    | because
aetna-tms            | aetna-spravato                | esketamine  | unknown | experimental
aetna-tms            | bcbsma-esketamine-iv-ketamine | iv_ketamine | no      | experimental
centene-ambetter-tms | cigna-spravato                | esketamine  | no      | bars it
centene-ambetter-tms | bcbsma-esketamine-iv-ketamine | iv_ketamine | no      | bars it
centene-nevada-tms   | cigna-spravato                | esketamine  | unknown | documented
optum-uhc-tms        | uhc-spravato                  | esketamine  | unknown | did not see
ontario-health-rtms  | ohio-medicaid-spravato        | esketamine  | unknown | silence is not consent
wa-lni-tms           | cigna-spravato                | esketamine  | unknown | not named
optum-uhc-tms        | bcbsms-spravato               | esketamine  | no      | refuses the treatment
"""
WORDS = {"met": Answer.MET, "no": Answer.NOT_MET, "unknown": Answer.UNKNOWN}


def test_every_policy_has_the_clause_that_was_seen() -> None:
    """Nine explicit words, five silences, three refusals; of every other policy the clause was not seen."""
    for name, policy in policies().items():
        expected = next((clause for clause, ids in CLAUSES.items() if name in ids), "not_seen")
        assert policy.file.combination.clause == expected, name


@pytest.mark.parametrize(("tms", "drug_policy", "drug", "pair", "because"), [tuple(r) for r in rows(PAIRS)[1:]])
def test_a_pair_is_read_from_both_policies(tms: str, drug_policy: str, drug: str, pair: str, because: str) -> None:
    """The pair is barred where one policy bars it, and unknown where either is silent or unseen; never simply allowed."""
    plan = determine_plan(approvable(), ("rtms", drug), {"rtms": tms, drug: drug_policy})
    assert plan.pair_allowed is WORDS[pair]
    assert because in plan.pair_text
    assert len(plan.parts) == 2


def test_each_part_is_answered_alone_and_the_pair_beside_it() -> None:
    """Centene: TMS alone met, esketamine met, the pair barred; and TMS in the pair would not be met."""
    plan = determine_plan(
        approvable(), ("rtms", "esketamine"), {"rtms": "centene-ambetter-tms", "esketamine": "cigna-spravato"}
    )
    assert [p.answer for p in plan.parts] == [Answer.MET, Answer.MET]
    assert [p.answer for p in plan.together] == [Answer.NOT_MET, Answer.MET]
    assert plan.summary.startswith("rTMS met under Centene / Ambetter; esketamine met under Cigna / Evernorth.")
    assert "Given together, rTMS would be not met." in plan.summary


def test_the_plan_itself_is_a_concurrent_therapy() -> None:
    """A plan with IV ketamine fails Aetna's `no adjunct ketamine`; one with esketamine leaves it unknown; alone it holds."""
    case = approvable()
    alone, esk, iv = (
        criterion(ask("aetna-tms", case, together_with=t), "17").answer for t in ((), ("esketamine",), ("iv_ketamine",))
    )
    assert (alone, esk, iv) == (Answer.MET, Answer.UNKNOWN, Answer.NOT_MET)


def test_documentation_takes_the_place_of_the_ban() -> None:
    """Centene Nevada: the pair passes where the other treatment is documented, and not where it is not."""
    for said, expected in (("yes", Answer.MET), ("no", Answer.NOT_MET), ("unknown", Answer.UNKNOWN)):
        case = approvable(**{"payers.documented.concurrent_ketamine_or_esketamine": said})
        assert ask("centene-nevada-tms", case, together_with=("esketamine",)).answer is expected


def test_a_part_without_a_policy_is_named() -> None:
    """Nobody is silently left out: the part without a policy is said, and the pair stays unknown."""
    plan = determine_plan(approvable(), ("rtms", "esketamine"), {"rtms": "optum-uhc-tms"})
    assert len(plan.parts) == 1
    assert plan.pair_allowed is Answer.UNKNOWN
    assert "esketamine has no policy named" in plan.summary


def test_one_treatment_is_no_pair() -> None:
    """A plan of one part asks no question of a pair."""
    plan = determine_plan(approvable(), ("rtms",), {"rtms": "aetna-tms"})
    assert plan.pair_allowed is Answer.MET
    assert "alone" in plan.pair_text


def test_a_policy_is_not_asked_about_what_it_does_not_speak_of() -> None:
    """Asking a TMS policy about esketamine is refused with the services it speaks of."""
    with pytest.raises(Refusal, match="rtms"):
        determine_plan(approvable(), ("esketamine",), {"esketamine": "aetna-tms"})


def test_clauses_are_all_told_in_words() -> None:
    """Every clause has its sentence, and the sentence of the silent says that silence is not consent."""
    for name in policies():
        found = ask(name, approvable())
        assert found.combination_text
        if found.combination is CombinationClause.SILENT:
            assert "silence is not consent" in found.combination_text
