"""Will it be paid for: a coverage policy, a person and a proposal give a determination, its gaps and the shortest way to yes.

Policies are files (`knowledge/files/policies`); nothing here knows a payer by name.
"""

from inconcert.payers.describe import check_file, describe
from inconcert.payers.determination import STAGES, determine, determine_all, shortest_way
from inconcert.payers.hinges import hinges
from inconcert.payers.matching import policies_for
from inconcert.payers.plan import determine_plan
from inconcert.payers.steps import papers
from inconcert.payers.types import (
    Case,
    CombinationClause,
    Determination,
    Hinge,
    Paper,
    PlanDetermination,
    PossibleDrug,
    Route,
    Step,
)

__all__ = [
    "STAGES",
    "Case",
    "CombinationClause",
    "Determination",
    "Hinge",
    "Paper",
    "PlanDetermination",
    "PossibleDrug",
    "Route",
    "Step",
    "check_file",
    "describe",
    "determine",
    "determine_all",
    "determine_plan",
    "hinges",
    "papers",
    "policies_for",
    "shortest_way",
]
