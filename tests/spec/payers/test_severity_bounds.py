"""Severity gates, strict and non-strict exactly as each policy writes them.

Sources: the policy files named in the headings; shared brief on policies, section 1 ("a PHQ-9 of 20 passes four of the
five PHQ-9 gates and fails BCBSM 2016").
"""

from __future__ import annotations

import pytest

from inconcert.judgement import Answer, Reading
from support.factories import phq9, scale_form
from support.payer_cases import ask, clear_person, criterion, make_case, rows, two_failures

PHQ9 = """
PHQ-9 | bcbsm-new-directions-tms-2016 | florida-blue-tms | hcsc-spravato
14    | no                            | no               | no
15    | no                            | no               | met
16    | no                            | no               | met
19    | no                            | no               | met
20    | no                            | met              | met
21    | met                           | met              | met
"""

PERSISTING = """
two PHQ-9 scores | centene-tms-2018 | centene-ambetter-tms
14 then 14       | no               | no
15 then 15       | no               | met
15 then 16       | no               | met
16 then 15       | no               | met
16 then 16       | met              | met
19 then 20       | met              | met
21 then 14       | no               | no
"""

OTHER_SCALES = """
scale  | score | policy                        | answer
madrs  | 34    | florida-blue-tms              | no
madrs  | 35    | florida-blue-tms              | met
madrs  | 27    | hcsc-spravato                 | no
madrs  | 28    | hcsc-spravato                 | met
hamd17 | 16    | bcbsma-esketamine-iv-ketamine | no
hamd17 | 17    | bcbsma-esketamine-iv-ketamine | met
hamd17 | 20    | bcbsm-new-directions-tms-2016 | no
hamd17 | 21    | bcbsm-new-directions-tms-2016 | met
bdi    | 29    | bcbsm-new-directions-tms-2016 | no
bdi    | 30    | bcbsm-new-directions-tms-2016 | met
bdi    | 29    | florida-blue-tms              | no
bdi    | 30    | florida-blue-tms              | met
zung   | 70    | bcbsm-new-directions-tms-2016 | no
zung   | 71    | bcbsm-new-directions-tms-2016 | met
ids_c  | 36    | florida-blue-tms              | no
ids_c  | 37    | florida-blue-tms              | met
madrs  | 19    | connectcare-tms               | no
madrs  | 20    | connectcare-tms               | met
"""
WORDS = {"met": Answer.MET, "no": Answer.NOT_MET, "unknown": Answer.UNKNOWN}


def severity(policy_id: str, *scores: object, scale: str = "") -> Answer:
    """The severity criterion's answer for a person who has only these scores, or its part for one scale."""
    case = make_case(clear_person(*scores, *two_failures()))
    found = criterion(ask(policy_id, case, as_written=True), "severity_score")
    if scale and found.parts:
        return next(p.answer for p in found.parts if p.id.endswith(f".{scale}"))
    return found.answer


@pytest.mark.parametrize(("score", "policy", "expected"), [
    (float(line[0]), policy, line[i])
    for heading, *lines in [rows(PHQ9)] for line in lines for i, policy in enumerate(heading) if i
])  # fmt: skip
def test_phq9_gates_are_strict_or_not_as_written(score: float, policy: str, expected: str) -> None:
    """A PHQ-9 on the bound passes where the policy writes at least, and fails where it writes above."""
    assert severity(policy, phq9("2026-11-16", score), scale="PHQ-9") is WORDS[expected]


@pytest.mark.parametrize(("pair", "policy", "expected"), [
    (line[0], policy, line[i])
    for heading, *lines in [rows(PERSISTING)] for line in lines for i, policy in enumerate(heading) if i
])  # fmt: skip
def test_a_persisting_score_needs_every_score_inside_the_bound(pair: str, policy: str, expected: str) -> None:
    """One score below the cut breaks persistence, whichever of the two it is."""
    first, second = (float(x) for x in pair.split(" then "))
    assert severity(policy, phq9("2026-10-10", first), phq9("2026-11-16", second)) is WORDS[expected]


@pytest.mark.parametrize(("scale", "score", "policy", "expected"), [tuple(r) for r in rows(OTHER_SCALES)[1:]])
def test_other_scales_have_their_own_bounds(scale: str, score: str, policy: str, expected: str) -> None:
    """Each scale is held against its own bound, never against another's."""
    names = {"madrs": "MADRS", "hamd17": "HAM-D", "bdi": "BDI", "zung": "Zung", "ids_c": "IDS-C"}
    assert severity(policy, scale_form(scale, "2026-11-16", float(score)), scale=names[scale]) is WORDS[expected]


def test_one_score_alone_does_not_persist() -> None:
    """A single high score leaves persistence unknown; a single low one disproves it."""
    assert severity("centene-ambetter-tms", phq9("2026-11-16", 24)) is Answer.UNKNOWN
    assert severity("centene-ambetter-tms", phq9("2026-11-16", 9)) is Answer.NOT_MET


def test_two_copies_of_one_day_do_not_persist() -> None:
    """Two scores of one day are one occasion."""
    assert severity("centene-ambetter-tms", phq9("2026-11-16", 24), phq9("2026-11-16", 23)) is Answer.UNKNOWN


def test_an_old_score_does_not_show_present_severity() -> None:
    """A score of last year is rejected with its age, and a current one is asked for."""
    case = make_case(clear_person(phq9("2025-11-16", 24), *two_failures()))
    found = criterion(ask("florida-blue-tms", case), "severity_score")
    assert found.answer is Answer.UNKNOWN
    assert any("older than 90 days" in use.why for use in found.basis.rejected)


def test_the_latest_score_decides() -> None:
    """A person who was severe in September and is mild now does not pass."""
    scores = phq9("2026-09-16", 24), phq9("2026-11-16", 9)
    assert severity("florida-blue-tms", *scores, scale="PHQ-9") is Answer.NOT_MET


def test_a_form_with_blanks_that_settle_nothing_is_passed_over() -> None:
    """The last complete form decides, and the incomplete one stands in the basis as rejected."""
    items = {str(n): 2.0 for n in range(1, 9)} | {"9": None}
    blank = scale_form("phq9", "2026-11-20", items=items)  # 16 to 19
    case = make_case(clear_person(phq9("2026-11-16", 22), blank, *two_failures()))
    found = criterion(ask("bcbsm-new-directions-tms-2016", case, as_written=True), "severity_score")
    assert found.parts[0].answer is Answer.NOT_MET, "16 to 19 lies wholly below the bound, so this form does settle it"
    high = scale_form("phq9", "2026-11-20", items={str(n): 3.0 for n in range(1, 7)} | {"7": 1.0, "8": None, "9": None})
    case = make_case(clear_person(phq9("2026-11-16", 22), high, *two_failures()))
    found = criterion(ask("bcbsm-new-directions-tms-2016", case, as_written=True), "severity_score")
    assert found.answer is Answer.MET, "19 to 25 settles nothing; the complete form of four days before does"
    assert any("blanks" in use.why for use in found.basis.rejected)


def test_a_scale_nobody_took_is_not_outside_its_bound() -> None:
    """A low PHQ-9 alone fails where it is the only scale asked, and leaves it open where another scale would do."""
    assert severity("centene-ambetter-tms", phq9("2026-11-16", 9)) is Answer.NOT_MET
    assert severity("hcsc-spravato", phq9("2026-11-16", 9)) is Answer.UNKNOWN
    every = (phq9("2026-11-16", 9), scale_form("madrs", "2026-11-16", 10), scale_form("hamd17", "2026-11-16", 8),
             scale_form("qids-sr16", "2026-11-16", 6))  # fmt: skip
    assert severity("hcsc-spravato", *every) is Answer.NOT_MET


def test_any_listed_scale_is_enough() -> None:
    """A MADRS inside its bound carries a PHQ-9 that is outside its own."""
    assert severity("hcsc-spravato", phq9("2026-11-16", 10), scale_form("madrs", "2026-11-16", 30)) is Answer.MET


def test_a_band_that_the_policy_only_names_says_which_number_was_read() -> None:
    """ConnectCare asks for moderate or worse and leaves the number to the scale: ours is said, with its mark and source."""
    case = make_case(clear_person(scale_form("madrs", "2026-11-16", 22), *two_failures()))
    found = criterion(ask("connectcare-tms", case), "severity_score")
    assert "MADRS moderate or worse begins at 20, recalled" in found.text
    (part,) = found.parts
    assert Reading.RECALLED in {source.status for source in part.basis.sources}
