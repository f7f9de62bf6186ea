"""Comparisons worked from printed counts. One line: study, what was counted, groups, then RR, OR and difference in points.

Sources: the evidence brief and clinical brief, section 1 (Shanok RR, OR, risk difference; marked *); other lines computed with
a pocket calculator from the counts of the tables (Murrough 2013, Popova 2019, Reif 2023, Anand 2023: abstracts, read).
"""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.evidence.synthesis.effects import Counts, EffectMeasure, compare
from inconcert.evidence.synthesis.trial_size import people_per_arm
from inconcert.evidence.synthesis.what_is_known import what_is_known

# rows                                                                  | both/treated | other   | RR               | OR               | points
TABLE = """
* SHANOK2024/comb/PHQ9/63/response SHANOK2024/dtms/PHQ9/63/response     | 53/66   | 130/169 | 1.04 0.90 1.21   | 1.22 0.60 2.47   | 3.4 -8.1 14.9
* SHANOK2024/comb/PHQ9/63/remission SHANOK2024/dtms/PHQ9/63/remission   | 28/66   | 67/169  | 1.07 0.76 1.50   | 1.12 0.63 2.00   | 2.8 -11.2 16.8
MURROUGH2013/ket/MADRS/1/response MURROUGH2013/mid/MADRS/1/response     | 30/47   | 7/25    | 2.28 1.17 4.43   | 4.54 1.58 13.05  | 35.8 13.5 58.2
TRANSFORM2/esk/MADRS/28/response TRANSFORM2/pbo/MADRS/28/response       | 71/112  | 54/109  | 1.28 1.01 1.62   | 1.76 1.03 3.02   | 13.9 0.9 26.8
ESCAPETRD2023/esk/MADRS/56/remission ESCAPETRD2023/que/MADRS/56/remission | 91/336 | 60/340 | 1.53 1.15 2.05   | 1.73 1.20 2.51   | 9.4 3.2 15.7
ANAND2023_ELEKTD/ket/QIDS/21/response ANAND2023_ELEKTD/ect/QIDS/21/response | 108/195 | 70/170 | 1.35 1.08 1.68 | 1.77 1.17 2.69 | 14.2 4.0 24.4
"""


def triple(text: str) -> list[float]:
    """Estimate, low and high."""
    return [float(word) for word in text.split()]


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_comparison(line: str) -> None:
    """Each comparison has the ratio, odds ratio and difference of its line, and stands so in the answer."""
    rows, first, second, ratio, odds, points = (cell.strip() for cell in line.split("|"))
    one, two = (Counts(events=int(a), n=int(b)) for a, b in (g.split("/") for g in (first, second)))
    for measure, expected, scale, slack in (
        (EffectMeasure.RISK_RATIO, ratio, 1, 0.0051),
        (EffectMeasure.ODDS_RATIO, odds, 1, 0.0051),
        (EffectMeasure.RISK_DIFFERENCE, points, 100, 0.051),
    ):
        effect = compare(one, two, measure)
        found = [scale * value for value in (effect.estimate, effect.low, effect.high)]
        assert found == pytest.approx(triple(expected), abs=slack), measure
    names = tuple(rows.replace("*", "").split())
    known = [f for f in what_is_known(date(2026, 11, 22)).figures if f.row_ids == names and "risk ratio" in f.text]
    assert known[0].estimate == pytest.approx(triple(ratio)[0], abs=0.0051)


@pytest.mark.parametrize(("alone", "pair", "people"), [(0.5, 0.6, 385), (0.5, 0.65, 167)])
def test_trial_size(alone: float, pair: float, people: int) -> None:
    """The sizes the evidence brief gives: about 385 in each arm for ten points over half, about 167 for fifteen."""
    assert people_per_arm(alone, pair) == people
