"""Which ways of asking can give what both do beyond their sum, on our tables as they stand.

Sources: the study tables (`knowledge/files/studies`). One study compared both with one of them (Shanok 2024, not randomized, response and
remission at day 63, ketamine infusions with deep TMS). Ketamine against a control has counts of remission near week 4
(Ionescu 2019, Loo 2023), none of response; esketamine has both (TRANSFORM trials). So:
"""

from datetime import date

import pytest

from inconcert.evidence.synthesis.pair.answer import combine
from inconcert.evidence.synthesis.pair.wishes import read_options

AS_OF = date(2026, 11, 22)
TABLE = """
outcome    design  lumping   controls  | interaction  because
response   all     broad     merged    | number       esketamine trials stand for both drugs
response   all     families  merged    | none         no trial of ketamine against a control counted response
response   all     kinds     merged    | none         nor of ketamine infusions
response   all     broad     apart     | none         no control is taken to do nothing
response   rct     broad     merged    | none         no randomized study gave both
remission  all     broad     merged    | number       all trials together
remission  all     families  merged    | number       Ionescu and Loo give ketamine alone
remission  all     families  apart     | none         no control is taken to do nothing
remission  rct     families  merged    | none         no randomized study gave both
change     all     broad     merged    | none         the one study printed no change of scores
"""
ROWS = [
    [cell.strip() for cell in line.split("|")[0].split()] + line.split("|")[1].split(maxsplit=1)
    for line in TABLE.strip().splitlines()[1:]
]


@pytest.mark.parametrize(("outcome", "design", "lumping", "controls", "given", "because"), ROWS)
def test_where_the_interaction_has_a_number(
    outcome: str, design: str, lumping: str, controls: str, given: str, because: str
) -> None:
    """A number where the table says so; elsewhere none, with the reason and a study that would make it known."""
    wishes = {"outcome": outcome, "design": design, "lumping": lumping, "controls": controls}
    answer = combine(read_options(wishes, AS_OF))
    found = answer.interaction
    assert (found.row.estimate is not None) == (given == "number"), because
    if given == "none":
        assert found.missing is not None
        assert found.missing.why
        assert found.missing.would_identify
        assert found.posterior_mean is None
        assert found.ruled_out_above is None
        assert not any(character.isdigit() for character in found.row.text)
        assert "cannot be estimated" in " ".join(answer.headline)
