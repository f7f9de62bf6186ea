"""Which study enters which network with which number. One line: question, study, what against what, effect, standard error.

Worked apart from the code: log odds ratios and Woolf's standard errors from the counts of the abstracts; differences in points from means
and SDs (doses pooled by sums of squares); printed differences with the width of their interval over 3.92. Sources stand with the
rows of the study tables.
"""

from __future__ import annotations

import math

import pytest

from inconcert.evidence.synthesis.data.own_choice import OwnChoice
from inconcert.evidence.synthesis.data.own_rows import own_network
from inconcert.evidence.synthesis.data.types import Scale

# outcome, week, designs | study | treatment - reference | effect | SE
ENTERS = """
response 4 all  | SHANOK2024      | dtms_h1+dtms_h7+ketamine_iv - dtms_h1+dtms_h7 |  0.201 | 0.359
remission 4 all | SHANOK2024      | dtms_h1+dtms_h7+ketamine_iv - dtms_h1+dtms_h7 |  0.115 | 0.295
response 4 rct  | TRANSFORM1      | esketamine_in - placebo_in                    |  0.596 | 0.241
response 4 rct  | TRANSFORM2      | esketamine_in - placebo_in                    |  0.567 | 0.274
response 4 rct  | TRANSFORM3      | esketamine_in - placebo_in                    |  0.876 | 0.474
response 4 rct  | OREARDON2007    | rtms_10hz - sham_tms                          |  0.583 | 0.337
response 6 rct  | THREED2018      | itbs - rtms_10hz                              |  0.073 | 0.204
response 4 rct  | DALHUISEN2024   | ad_switch - rtms_10hz                         | -1.253 | 0.533
response 4 all  | FILIPCIC2017    | rtms_10hz - nothing_added                     |  0.771 | 0.430
response 0 rct  | MURROUGH2013    | ketamine_iv - midazolam                       |  1.512 | 0.539
remission 4 rct | GEORGE2010      | rtms_10hz - sham_tms                          |  1.119 | 0.548
remission 4 rct | YESAVAGE2018    | rtms_10hz - sham_tms                          |  0.143 | 0.320
remission 4 rct | LOO2023_KADS    | ketamine_sc - midazolam                       |  2.481 | 1.070
remission 4 rct | IONESCU2019     | ketamine_iv - saline                          |  0.780 | 1.294
points 4 rct    | SINGH2016       | ketamine_iv - saline                          | -13.66 | 2.213
points 4 rct    | TRANSFORM1      | esketamine_in - placebo_in                    | -4.106 | 1.742
points 4 rct    | TRANSFORM2      | esketamine_in - placebo_in                    | -4.400 | 1.852
points 4 rct    | TRANSFORM3      | esketamine_in - placebo_in                    | -3.700 | 1.971
points 4 rct    | LOO2023_KADS    | ketamine_sc - midazolam                       | -6.100 | 2.398
points 4 rct    | COLEJ2022_DCS   | d_cycloserine+itbs - itbs+placebo_oral        | -6.150 | 1.901
points 4 rct    | KET01_2026      | ketamine_oral - placebo_oral                  | -1.820 | 2.240
"""

# outcome, week, designs | row | why it does not enter
STAYS_OUT = """
response 4 rct  | SHANOK2024/comb/PHQ9/63/response          | not randomized (retrospective)
response 4 all  | ROTH2023/s10/any/30/response              | the number of people was not seen
response 4 all  | BEST2019/ctk/CGIS/730/response            | counted from end of treatment
remission 4 all | ELKRIEF2022/comb/clinical/-/remission     | a case report compares no groups
response 2 rct  | PHILLIPS2019/ket6/MADRS/14/response       | open-label infusions after the crossover
response 4 rct  | MURROUGH2013/ket/MADRS/1/response         | day 1 is outside day 14 to 63
remission 1 rct | GLUE2024/enrich/MADRS/8/remission         | open-label run-in
response 4 rct  | COLEJ2022_DCS/dcs/MADRS/28/response       | no whole number of 25 people gives it
response 4 rct  | ESCAPETRD2023/esk/PHQ9/56/response        | a part of the group, whose size was not seen
remission 4 rct | FILIPCIC2019/drug/HAMD17/28/remission     | the number of people was not seen
response 4 all  | MODIRROUSTA2018/twice/HAMD17/21/response  | fewer than two treatments
response 4 rct  | ANAND2023_ELEKTD/ket/QIDS/21/response     | another day, scale or kind of the study was taken: MADRS
change 4 rct    | TAKAHASHI2021/pbo/MADRS/28/change         | the number of people behind the mean was not seen
change 4 rct    | DALHUISEN2024/rtms/HAMD17/56/change       | a mean without a spread
change 4 rct    | LEVKOVITZ2015/dtms-sham/HAMD21/35/SMD     | in doubt
change 4 rct    | PRICE2022/ket_asat-sal_asat/MADRS/30/beta_std | printed only as beta_std
change 4 rct    | IONESCU2019/ket-sal/SSI/21/p_only         | SSI measures no depression
change 4 rct    | TRANSFORM2/esk-pbo/MADRS/28/MD            | the arms' own figures were taken
"""


def choice(words: str) -> OwnChoice:
    """The question of a line."""
    outcome, week, design = words.split()
    points = outcome == "points"
    return OwnChoice(
        outcome="change" if points else outcome,  # type: ignore[arg-type]  # words of the table
        week=float(week),
        design=design,  # type: ignore[arg-type]  # words of the table
        scale=Scale.MD if points else None,
    )


@pytest.mark.parametrize("line", ENTERS.strip().splitlines())
def test_a_study_enters(line: str) -> None:
    """The study of the line enters with its treatments, effect and standard error."""
    question, name, treatments, effect, error = (cell.strip() for cell in line.split("|"))
    network = own_network(choice(question))
    found = next(study for study in network.studies if study.study == name)
    treated, reference = treatments.split(" - ")
    assert found.treatments == (reference, treated)
    assert found.effects[0] == pytest.approx(float(effect), abs=6e-4)
    assert math.sqrt(found.covariance[0, 0]) == pytest.approx(float(error), abs=6e-4)


@pytest.mark.parametrize("line", STAYS_OUT.strip().splitlines())
def test_a_row_stays_out(line: str) -> None:
    """The row of the line is named among the excluded, with its reason."""
    question, row, reason = (cell.strip() for cell in line.split("|"))
    network = own_network(choice(question))
    assert not any(row in study.row_ids for study in network.studies)
    (why,) = [entry.why for entry in network.excluded if row in entry.row_ids]
    assert reason in why
