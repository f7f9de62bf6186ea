"""Forms and what they come to. One line is one form: answers in the scale's order, `-` for a blank.

Sources: the clinical brief, section 8 (the QIDS vector and the two Columbia vectors); bands as in the scale files
(PHQ-9 loinc.org/LL382-3; QIDS ids-qids.org; MADRS, HAM-D rdocumentation.org/packages/cliot; YMRS Young 1978, recalled).
"""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.scales import score

# scale          | answers                                | total | from-to | band              | flags      | needs
TABLE = """
phq9           | 0 0 0 0 0 0 0 0 0                       | 0     | 0-0     | minimal           |            |
phq9           | 1 1 1 1 0 0 0 0 0                       | 4     | 4-4     | minimal           |            |
phq9           | 1 1 1 1 1 0 0 0 0                       | 5     | 5-5     | mild              |            |
phq9           | 2 2 2 2 1 0 0 0 0                       | 9     | 9-9     | mild              |            |
phq9           | 2 2 2 2 2 0 0 0 0                       | 10    | 10-10   | moderate          |            |
phq9           | 3 3 3 3 2 0 0 0 0                       | 14    | 14-14   | moderate          |            |
phq9           | 3 3 3 3 3 0 0 0 0                       | 15    | 15-15   | moderately_severe |            |
phq9           | 3 3 3 3 3 3 1 0 0                       | 19    | 19-19   | moderately_severe |            |
phq9           | 3 3 3 3 3 3 2 0 0                       | 20    | 20-20   | severe            |            |
phq9           | 3 3 3 3 3 3 3 3 3                       | 27    | 27-27   | severe            | 9:amber    |
phq9           | 0 0 0 0 0 0 0 0 1                       | 1     | 1-1     | minimal           | 9:yellow   |
phq9           | 1 1 1 1 1 1 1 1 -                       | ?     | 8-11    | ?                 |            | 9
phq9           | - 1 1 1 1 1 1 1 2                       | ?     | 9-12    | ?                 | 9:amber    | 1
phq9           | - - - - - - - - -                       | ?     | 0-27    | ?                 |            | 1 2 3 4 5 6 7 8 9
gad7           | 2 2 2 2 2 0 0                           | 10    | 10-10   | moderate          |            |
gad7           | 3 3 3 3 3 - 0                           | ?     | 15-18   | severe            |            | 6
qids-sr16      | 1 2 0 3 2 1 0 0 2 1 1 0 2 2 1 0         | 14    | 14-14   | moderate          |            |
qids-sr16      | 3 3 3 3 0 0 0 0 0 0 0 0 0 0 0 0         | 3     | 3-3     | none              |            |
qids-sr16      | 3 - - - 0 0 - 0 - 0 0 0 0 0 0 0         | 3     | 3-3     | none              |            |
qids-sr16      | 2 - 0 0 0 0 - 0 - 0 0 0 0 0 0 0         | ?     | 2-3     | none              |            | 2
qids-sr16      | 3 3 3 3 3 3 - 3 - 3 3 3 3 3 3 3         | 27    | 27-27   | very_severe       | 12:red     |
qids-sr16      | 1 1 1 1 1 1 - - 1 1 1 - 1 1 1 1         | ?     | 8-11    | ?                 |            | 12
madrs          | 3 3 3 3 3 3 3 3 3 0                     | 27    | 27-27   | moderate          |            |
madrs          | 4 4 4 4 4 4 4 4 3 0                     | 35    | 35-35   | severe            |            |
madrs          | 0 0 0 0 0 0 0 0 0 6                     | 6     | 6-6     | normal            | 10:red     |
hamd17         | 4 4 4 2 2 2 4 4 4 4 4 2 2 2 4 2 2       | 52    | 52-52   | very_severe       | 3:red      |
hamd17         | 2 1 1 1 1 0 2 1 - 1 1 1 1 0 0 0 0       | ?     | 13-17   | ?                 | 3:yellow   | 9
ymrs           | 4 4 4 4 8 8 4 8 8 4 4                   | 60    | 60-60   | manic             | total:amber|
ymrs           | 1 1 1 1 2 2 1 2 1 0 0                   | 12    | 12-12   | none              |            |
ymrs           | 1 1 1 1 2 2 1 2 2 0 0                   | 13    | 13-13   | hypomanic         | total:amber|
asrm           | 2 2 1 0 0                               | 5     | 5-5     | ?                 |            |
asrm           | 2 2 2 - 0                               | ?     | 6-10    | ?                 | total:amber| 4
cgi-s          | 5                                       | 5     | 5-5     | ?                 |            |
cgi-i          | -                                       | ?     | 1-7     | ?                 |            | 1
moaas          | 3                                       | 3     | 3-3     | ?                 | total:amber|
cadss6         | 1 1 1 1 1 1                             | 6     | 6-6     | ?                 |            |
whodas12       | 1 1 1 1 1 1 1 1 1 1 1 1                 | 12    | 12-12   | ?                 |            |
sds            | 7 8 -                                   | ?     | 15-25   | ?                 |            | 3
"""


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_form(line: str) -> None:
    """Each form has the total, bounds, band, flags and open questions of its line."""
    scale, answers, total, bounds, band, flags, needs = (cell.strip() for cell in line.split("|"))
    given = [None if word == "-" else float(word) for word in answers.split()]
    result = score(scale, given, as_of=date(2026, 11, 22))
    assert result.total == (None if total == "?" else float(total))
    assert f"{result.total_low:g}-{result.total_high:g}" == bounds
    assert (result.band or "?") == band
    assert " ".join(f"{flag.item}:{flag.level}" for flag in result.flags) == flags
    assert " ".join(need.id.rsplit(".", 1)[1] for need in result.needs) == needs
