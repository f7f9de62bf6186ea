"""Does it work: what the studies say of the pair and of each treatment alone, each number traced to its row."""

from inconcert.evidence.synthesis.effects import Counts, Effect, EffectMeasure, compare
from inconcert.evidence.synthesis.types import CheckedClaim, EvidenceAnswer, EvidenceFigure, PairStudySummary
from inconcert.evidence.synthesis.what_is_known import what_is_known

__all__ = [
    "CheckedClaim",
    "Counts",
    "Effect",
    "EvidenceAnswer",
    "EvidenceFigure",
    "EffectMeasure",
    "PairStudySummary",
    "compare",
    "what_is_known",
]
