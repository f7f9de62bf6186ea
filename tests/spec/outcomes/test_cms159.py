"""CMS159, depression remission at twelve months, as a table.

Source: the measure's published logic (CMS159FHIRDepressionRemissionatTwelveMonths 0.3.000, read 2026-11-22); each row
marked * was also computed with the reference program fqm-execution 1.8.6 on the day of writing, with thousands of drawn
people like them. Measurement period 2026, so visits count that ended from 2024-11-01 to 2025-10-31. Unless a row says
otherwise: born 1980, depression since 2025-01-01, a visit on 2025-03-10, PHQ-9 of 14 on that day and of 3 on 2026-03-10.
"""

from __future__ import annotations

import pytest

from support import measures as m
from support.payer_cases import rows

# `scores` replaces the PHQ-9s. The last three columns are as the measure computes.
TABLE = """
what                                        | born       | visit      | scores                                    | also                      | initial | excluded | numerator
the plain case *                            |            |            |                                           |                           | in      | out      | in
no later score *                            |            |            | 2025-03-10=14                             |                           | in      | out      | out
index of exactly 9 *                        |            |            | 2025-03-10=9 2026-03-10=3                 |                           | out     | out      | out
index of 10 *                               |            |            | 2025-03-10=10 2026-03-10=3                |                           | in      | out      | in
a year later exactly 5 *                    |            |            | 2025-03-10=14 2026-03-10=5                |                           | in      | out      | out
a year later 4 *                            |            |            | 2025-03-10=14 2026-03-10=4                |                           | in      | out      | in
sixty days early *                          |            |            | 2025-03-10=14 2026-01-09=3                |                           | in      | out      | in
sixty-one days early *                      |            |            | 2025-03-10=14 2026-01-08=3                |                           | in      | out      | out
sixty days late *                           |            |            | 2025-03-10=14 2026-05-09=3                |                           | in      | out      | in
sixty-one days late *                       |            |            | 2025-03-10=14 2026-05-10=3                |                           | in      | out      | out
the last score in the window decides *      |            |            | 2025-03-10=14 2026-02-10=3 2026-04-10=12  |                           | in      | out      | out
a relapse before the last score *           |            |            | 2025-03-10=14 2026-02-10=12 2026-04-10=3  |                           | in      | out      | in
seven days before the visit *               |            |            | 2025-03-03=14 2026-03-10=3                |                           | in      | out      | in
eight days before the visit *               |            |            | 2025-03-02=14 2026-03-10=3                |                           | out     | out      | out
the day after the visit *                   |            |            | 2025-03-11=14 2026-03-10=3                |                           | out     | out      | out
the first high score counts *               |            | 2025-03-10 | 2025-03-05=20 2025-03-10=14 2026-05-06=3  |                           | in      | out      | out
first day of the identification period *    |            | 2024-11-01 | 2024-11-01=14 2025-11-01=3                | onset 2024-01-01          | in      | out      | in
the day before it *                         |            | 2024-10-31 | 2024-10-31=14 2025-11-01=3                | onset 2024-01-01          | out     | out      | out
last day of the identification period *     |            | 2025-10-31 | 2025-10-31=14 2026-10-31=3                |                           | in      | out      | in
the day after it *                          |            | 2025-11-01 | 2025-11-01=14 2026-11-01=3                |                           | out     | out      | out
twelve years and a day old *                | 2013-03-09 |            |                                           |                           | in      | out      | in
twelve that very day *                      | 2013-03-10 |            |                                           |                           | out     | out      | out
a day short of twelve *                     | 2013-03-11 |            |                                           |                           | out     | out      | out
born on 29 February *                       | 2012-02-29 |            |                                           |                           | in      | out      | in
bipolar disorder a year later *             |            |            |                                           | bipolar 2026-05-09        | in      | in       | out
bipolar disorder after the window *         |            |            |                                           | bipolar 2026-05-10        | in      | out      | in
bipolar disorder, not confirmed *           |            |            |                                           | bipolar unconfirmed       | in      | out      | in
hospice ordered *                           |            |            |                                           | hospice 2026-01-04        | in      | in       | out
hospice ordered not to be given *           |            |            |                                           | hospice not to be done    | in      | out      | in
hospice ordered before the period *         |            |            |                                           | hospice 2024-10-31        | in      | out      | in
palliative care *                           |            |            |                                           | palliative 2026-01-04     | in      | in       | out
palliative care of unknown status *         |            |            |                                           | palliative unknown        | in      | out      | in
died on the last day of the window *        |            |            |                                           | died 2026-05-09           | in      | in       | out
died the day after *                        |            |            |                                           | died 2026-05-10           | in      | out      | in
depression began after the visit *          |            |            |                                           | onset 2025-03-11          | out     | out      | out
depression resolved before the visit *      |            |            |                                           | abated 2025-03-09         | out     | out      | out
"""
HEADINGS, *LINES = rows(TABLE)


def _someone(born: str, seen: str, scores: str, also: str) -> m.Person:
    onset = also.removeprefix("onset ") if also.startswith("onset") else "2025-01-01"
    abated = {"abatement": m.day(also.removeprefix("abated "))} if also.startswith("abated") else {}
    facts: list[object] = [m.visit(seen or "2025-03-10"), m.condition(onset, **abated)]
    for text in (scores or "2025-03-10=14 2026-03-10=3").split():
        taken, _, total = text.partition("=")
        facts.append(m.phq9(taken, float(total)))
    kind, _, when = also.partition(" ")
    if kind == "bipolar":
        status = {"verification_status": "unconfirmed"} if when == "unconfirmed" else {}
        facts.append(m.condition("2025-06-01" if status else when, of="bipolar-disorder", **status))
    if kind == "hospice":
        refused = when == "not to be done"
        facts.append(m.service("2026-01-04" if refused else when, do_not_perform=refused))
    if kind == "palliative":
        facts.append(m.done("2026-01-04", **({"status": "unknown"} if when == "unknown" else {})))
    more = {"deceased": m.day(when)} if kind == "died" else {}
    return m.person(*facts, born=born or "1980-06-15", **more)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_the_measure_computes_what_the_table_says(line: list[str]) -> None:
    """Each row gives the populations of its last three columns, as the measure computes."""
    _, born, seen, scores, also, *expected = line
    found = m.result("CMS159", _someone(born, seen, scores, also))
    kinds = ("initial-population", "denominator-exclusion", "numerator")
    assert [m.words(found, kind)[0] for kind in kinds] == expected


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_a_record_vouched_for_says_the_same_unless_it_leaves_something_blank(line: list[str]) -> None:
    """Where somebody vouches for the record, our reading gives the same, but for the birthday and an unknown status."""
    name, born, seen, scores, also, *_ = line
    found = m.result("CMS159", _someone(born, seen, scores, also), whole=True)
    for kind in ("initial-population", "denominator-exclusion", "numerator"):
        computed, shown = m.words(found, kind)
        if name.startswith("twelve that very day"):
            assert shown == ("out" if kind == "denominator-exclusion" else "in")  # of age on the birthday
        else:
            assert shown == computed, kind


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_a_record_nobody_vouches_for_never_shows_that_something_was_not_done(line: list[str]) -> None:
    """Without that, nobody is known to be in the numerator, and nobody is out of it but by an exclusion or by age."""
    _, born, seen, scores, also, *expected = line
    found = m.result("CMS159", _someone(born, seen, scores, also))
    assert m.words(found, "numerator")[1] != "in"
    if m.words(found, "numerator")[1] == "out":
        assert m.words(found, "denominator-exclusion")[1] == "in" or expected[0] == "out"
