"""The Columbia screener: answers 1 2 3 4 5 6 6b (y, n, - blank) and the level.

Sources: clinical brief section 8 (lines marked *); owners' triage guideline for the highest level (docsbay 914678, read);
moderate and low recalled; skip logic cdn.loinc.org/93245-9/panel (read).
"""

from __future__ import annotations

from datetime import date

import pytest

from inconcert.scales import score

# 1 2 3 4 5 6 6b | level    | why
TABLE = """
n n - - - n -   | none     | the form skips 3 to 5 and 6b
y y n n n n -   | low      | * thoughts only
y n - - - n -   | low      | wish to be dead only
y y y n n n -   | moderate | a method
n n - - - y n   | moderate | * behaviour, not in the last 3 months
n n - - - y -   | ?        | behaviour, and nobody asked when
n n - - - y y   | high     | behaviour in the last 3 months
y y n y n n -   | high     | some intent
y y n n y n -   | high     | plan and intent
y y - - - n -   | ?        | 3 to 5 were to be asked and were not
y y - y - n -   | high     | intent settles it whatever the blanks are
y y y - n n -   | ?        | intent was not asked
n - - - - n -   | ?        | question 2 was not asked, so 3 to 5 are open
- n - - - n -   | ?        | wish to be dead was not asked
- y n n n n -   | low      | question 1 cannot change it
n n - - - - -   | ?        | behaviour was not asked
- - - - - y y   | high     | recent behaviour settles it
- - - - - - -   | ?        | an empty form
"""


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_level(line: str) -> None:
    """Each form has the level of its line; a question mark is unknown, with at least one question to ask."""
    answers, level, _ = (cell.strip() for cell in line.split("|"))
    given = [{"y": 1.0, "n": 0.0, "-": None}[word] for word in answers.split()]
    result = score("cssrs-screener", given, as_of=date(2026, 11, 22))
    assert (result.band or "?") == level
    assert bool(result.needs) is (level == "?")
    assert result.total is None


def test_the_one_question_that_would_settle_it_is_the_only_one_asked() -> None:
    """With behaviour ever yes and its date blank, only the date is asked, although question 1 is blank as well."""
    result = score("cssrs-screener", [None, 0, None, None, None, 1, None], as_of=date(2026, 11, 22))
    assert [need.id for need in result.needs] == ["scales.cssrs-screener.6b"]


def test_a_yes_where_the_form_would_have_skipped_is_kept_and_pointed_out() -> None:
    """Thoughts no, but a plan yes: the plan counts, is flagged red, and a note says that the form contradicts itself."""
    result = score("cssrs-screener", [0, 0, 0, 0, 1, 0, None], as_of=date(2026, 11, 22))
    assert result.band == "high"
    assert result.flags[0].level == "red"
    assert "check the form" in result.notes[0]
