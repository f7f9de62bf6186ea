"""A payer's authorization over time: what may happen next, by when, and how much of it is used.

Everything is a fold over events that are only ever added to (`fold`), by one table of moves (`moves`). Deadlines come
from files (`clocks`), never from code; units used come from the chart (`units`). No clock is read here: the day and the
instant asked about are always handed in.
"""

from inconcert.payers.authorization.clocks import Deadline, deadlines, decided_in_time
from inconcert.payers.authorization.desk import DeskLimits, Lane, lane_of
from inconcert.payers.authorization.events import AuthorizationEvent, AuthorizationStatus
from inconcert.payers.authorization.fold import can_add, check_can_add, fold, next_moves
from inconcert.payers.authorization.moves import MOVES, AuthorizationMove, AuthorizationState
from inconcert.payers.authorization.units import TreatmentRecord, UnitUse, treatment_record, unit_use

__all__ = [
    "MOVES",
    "AuthorizationEvent",
    "AuthorizationMove",
    "AuthorizationState",
    "AuthorizationStatus",
    "Deadline",
    "DeskLimits",
    "Lane",
    "TreatmentRecord",
    "UnitUse",
    "can_add",
    "check_can_add",
    "deadlines",
    "decided_in_time",
    "fold",
    "lane_of",
    "next_moves",
    "treatment_record",
    "unit_use",
]
