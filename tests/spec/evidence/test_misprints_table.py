"""The misprints we know of, and what became of each. One line: row, rule that sees it (or `by eye`), what became of it, why in a word.

`corrected` rows hold the mended cell (corrections.yaml); `kept` rows enter pooled numbers with their doubt beside them, `points` rows only
in points of their scale, `out` rows not at all (doubts.yaml). Each was judged by looking at it; sources stand with the rows.
"""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.judgement import Reading
from inconcert.knowledge.studies import study_tables
from inconcert.knowledge.study_checks import check_tables

TABLE = """
LEVKOVITZ2015/dtms-sham/HAMD21/35/SMD        | se_against_p           | out       | p of the points beside an effect size
LEVKOVITZ2015/dtms-sham/HAMD21/35/MD         | by eye                 | corrected | the points with their p
LEVKOVITZ2015/sham/HAMD21/35/response        | no_whole_number        | kept      | 22 of 103, and 103 is nobody's number
TRANSFORM1/esk56/MADRS/28/response           | no_whole_number        | corrected | 60 of the 111 observed
TRANSFORM3/pbo/MADRS/28/remission            | no_whole_number        | corrected | 4 of the 60 observed
TRANSFORM2/esk                               | n_over_randomised      | corrected | 115 took the spray, 114 were randomized
NCT04352621/comb                             | nobody                 | corrected | zero for a blank
SINGH2016/ket2                               | by eye                 | corrected | arm sizes are recalled
DALHUISEN2024/rtms/HAMD17/56/response        | marks                  | corrected | n is recalled
COLE2022_SNT/snt/MADRS/33/remission_any      | by eye                 | corrected | at any visit, not on day 33
ABBAR2022/sal/SSI/3/suicidality              | by eye                 | kept      | denominators swapped in print
ANAND2023_ELEKTD/ket-ect/QIDS/21/RD          | p_against_interval     | kept      | p of non-inferiority
ANAND2023_ELEKTD/ect/MADRS/21/response       | count_against_print    | kept      | 41.1 for 41.18
GEORGE2010/tms-sham/HAMD24/21/OR             | contrast_against_arms  | kept      | 4.2 printed, 3.1 by the counts
FILIPCIC2019/h1-f8/HAMD17/28/OR              | contrast_against_arms  | kept      | 1.74 printed, 2.0 by the rates
LI2014_TBS/ctbs/HAMD17/14/response           | no_whole_number        | kept      | a quarter of 15
COLEJ2022_DCS/dcs/MADRS/28/response          | no_whole_number        | kept      | a model's rate
FAVA2018/ket01-mid/HAMD6/1/SMD               | se_against_p           | out       | p adjusted for doses
DALY2018/esk84-pbo/MADRS/8/MD                | by eye                 | points    | two periods in one
MORRISS2024_BRIGHTMIND/cgitbs-rtms/HAMD17/182/MD | by eye             | points    | three visits in one
BEST2019/ctk/CGIS/730/response               | by eye                 | out       | a sentence, not a rate
BEST2019/ctk/CGIS/70/change                  | by eye                 | kept      | an interval of 99 percent
ESCAPETRD2023/esk/PHQ9/56/response           | by eye                 | out       | of a part of the group
DIAZGRANADOS2010                             | same_identifier        | kept      | one registration, other people
DUALSITE2024/dual/HAMD24/5/response          | by eye                 | kept      | 75 took part, 68 are counted
FILIPCIC2020_ADTMS/d10/HAMD17/10/change      | by eye                 | kept      | 13 in 11 to 17
SUSTAIN1/esk_rem-pbo_rem/MADRS/-/HR          | by eye                 | kept      | p of a weighted test
meta/an2021_24h                              | by eye                 | out       | three times the trials' own figures
"""


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_a_misprint_is_answered(line: str) -> None:
    """The row of the line is corrected, or carries a doubt with the use and rule of the line."""
    row, rule, became, _ = (cell.strip() for cell in line.split("|"))
    tables = study_tables()
    if became == "corrected":
        assert any(row in correction.rows for correction in tables.corrections)
        return
    doubts = tables.doubts_of(row)
    assert {"kept": "keep", "points": "points_only", "out": "leave_out"}[became] in {doubt.use for doubt in doubts}
    assert rule == "by eye" or rule in {doubt.rule for doubt in doubts}


def test_the_marks_of_memory_stand() -> None:
    """What was marked read and is from memory is marked so now."""
    tables = study_tables()
    assert tables.arms["SINGH2016", "ket2"].status is Reading.RECALLED
    assert tables.outcomes["DALHUISEN2024/rtms/HAMD17/56/response"].n_status is Reading.RECALLED


def test_nothing_else_is_found() -> None:
    """Beyond what is answered the rules find nothing in our tables."""
    assert {finding.level.value for finding in check_tables(study_tables(), as_of=date(2026, 11, 22))} == {"doubt"}
