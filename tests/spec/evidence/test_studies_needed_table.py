"""What a network can tell of a treatment or an interaction, and which two-arm study would tell what it cannot.

A line is: the studies, each with its arms joined by `/` | what is asked (`A` a component, `A*B` an interaction, `A v B` a comparison) |
known, or the plainest study or studies that would make it known. `O` is the inactive treatment. The rule: what is asked is known if
and only if it is a sum of multiples of the studies' differences (Searle 1971, Linear Models, recalled); worked by hand.
"""

from __future__ import annotations

import pytest

from inconcert.evidence.synthesis.models.design import component_design
from inconcert.evidence.synthesis.models.fit import fit
from inconcert.evidence.synthesis.models.what_would_identify import for_contrast, for_interaction, for_parameter
from support.networks import network, two_arms

TABLE = """
O/K, O/T                    | K        | known
O/K, O/T                    | T v K    | known
O/K, O/T                    | K+T v O  | known
O/K, O/T                    | K*T      | K+T against K
O/K, O/T, K/K+T             | K*T      | known
O/K, T/K+T                  | T        | T against O
O/K, T/K+T                  | K+T v K  | T against O
O/K, T/K+T                  | K*T      | known
O/K+T                       | K        | K against O
O/K+T                       | K+T v O  | known
O/K+T, O/K                  | T        | known
O/K+T, O/K                  | K*T      | T against O
O/K+T                       | K*T      | K against O, T against O
S/T, O/K                    | T        | T against O
S/T, O/K                    | T v S    | known
S/T, O/K                    | T v K    | T against O
S/T, O/K, S/K+T             | K+T v T  | known
S/T, S+K/T+K                | K        | S+K against S
"""


def rows() -> list[list[str]]:
    """The cells of the table."""
    return [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("studies", "asked", "wanted"), rows())
def test_what_is_known_and_what_would_tell(studies: str, asked: str, wanted: str) -> None:
    """The table, line by line."""
    arms = [study.strip().split("/") for study in studies.split(",")]
    data = network(*(two_arms(str(place), first, second, 0.1) for place, (first, second) in enumerate(arms)))
    inactive = "O" if "O" in data.treatments else None
    model = fit(data, component_design({*data.treatments, *("OK" if inactive else "")}, inactive=inactive))
    if " v " in asked:
        found = for_contrast(model, *asked.split(" v "))
    else:
        found = (for_interaction if "*" in asked else for_parameter)(model, asked)
    said = "known" if found.known else ", ".join(sorted(str(study) for study in found.options[0]))
    assert said == wanted
