"""What a change means. One line: scale, baseline, later, cut (blank: the file's default), and the three answers.

Sources: response as half, PHQ-9 below 5, MADRS 12 or less (PMC10439056 table 3, read); MADRS below 10 (Hawley 2002, read);
HAM-D 7, 6, 5 (PMC7032752 table 2, read); QIDS 5 (ids-qids.org, read); smallest important changes recalled.
"""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.judgement import Answer
from inconcert.scales import change

# scale    | from | to | cut        | response | remission | important | percent
TABLE = """
phq9      | 20   | 10 |            | met      | not_met   | met       | 50
phq9      | 20   | 11 |            | not_met  | not_met   | met       | 45
phq9      | 19   | 10 |            | not_met  | not_met   | met       | 47.37
phq9      | 19   | 9  |            | met      | not_met   | met       | 52.63
phq9      | 18   | 4  |            | met      | met       | met       | 77.78
phq9      | 18   | 5  |            | met      | not_met   | met       | 72.22
phq9      | 9    | 4  |            | met      | met       | met       | 55.56
phq9      | 9    | 5  |            | not_met  | not_met   | not_met   | 44.44
phq9      | 6    | 4  |            | not_met  | met       | not_met   | 33.33
phq9      | 10   | 14 |            | not_met  | not_met   | not_met   | -40
phq9      | 0    | 0  |            | unknown  | met       | not_met   |
madrs     | 36   | 12 |            | met      | not_met   | met       | 66.67
madrs     | 36   | 12 | at_most_12 | met      | met       | met       | 66.67
madrs     | 36   | 10 |            | met      | met       | met       | 72.22
madrs     | 36   | 10 | below_10   | met      | not_met   | met       | 72.22
madrs     | 36   | 9  | below_10   | met      | met       | met       | 75
madrs     | 30   | 25 |            | not_met  | not_met   | unknown   | 16.67
madrs     | 30   | 29 |            | not_met  | not_met   | not_met   | 3.33
hamd17    | 24   | 7  |            | met      | met       | met       | 70.83
hamd17    | 24   | 7  | at_most_6  | met      | not_met   | met       | 70.83
hamd17    | 24   | 5  | at_most_5  | met      | met       | met       | 79.17
qids-sr16 | 17   | 5  |            | met      | met       | unknown   | 70.59
qids-sr16 | 17   | 6  |            | met      | not_met   | unknown   | 64.71
gad7      | 15   | 11 |            | unknown  | unknown   | met       | 26.67
cgi-s     | 5    | 2  |            | unknown  | met       | met       |
cgi-i     | 4    | 2  |            | met      | unknown   | unknown   |
cgi-i     | 4    | 3  |            | not_met  | unknown   | unknown   |
"""


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_change(line: str) -> None:
    """Each change has the answers of its line."""
    scale, first, second, cut, response, remission, important, percent = (cell.strip() for cell in line.split("|"))
    result = change(scale, float(first), float(second), as_of=date(2026, 11, 22), remission_cut=cut)
    assert result.response is Answer(response)
    assert result.remission is Answer(remission)
    assert result.important_change is Answer(important)
    assert result.change_percent == (pytest.approx(float(percent), abs=0.005) if percent else None)
    assert result.change_points == float(second) - float(first)
