"""Rating scales: items, total, band, and what a change means. The cut that was used always stands beside the answer."""

from inconcert.scales.change import change
from inconcert.scales.describe import describe
from inconcert.scales.errors import ScaleInputError, UnknownScaleError
from inconcert.scales.find import find_scale
from inconcert.scales.history import depression_series, latest, series, unusable_forms
from inconcert.scales.scoring import score, score_form
from inconcert.scales.screens import screen
from inconcert.scales.types import DatedScore, SafetyFlag, ScaleChange, ScaleScore

__all__ = [
    "DatedScore",
    "SafetyFlag",
    "ScaleChange",
    "ScaleInputError",
    "ScaleScore",
    "UnknownScaleError",
    "change",
    "depression_series",
    "describe",
    "find_scale",
    "latest",
    "score",
    "score_form",
    "screen",
    "series",
    "unusable_forms",
]
