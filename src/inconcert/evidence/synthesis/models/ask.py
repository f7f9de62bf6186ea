"""One network, asked as a reader asks it: the model wanted, and the standard model beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from inconcert.evidence.synthesis.data.types import Network, NetworkError
from inconcert.evidence.synthesis.models.design import component_design, standard_design
from inconcert.evidence.synthesis.models.fit import LEVEL, Fit, fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod


@dataclass(frozen=True, kw_only=True)
class NetworkResult:
    """The model wanted, and the standard model, in which every treatment stands for itself."""

    model: Fit
    standard: Fit

    @property
    def network(self) -> Network:
        """What both were fitted to."""
        return self.model.network

    @property
    def has_components(self) -> bool:
        """True unless whole treatments only were asked for."""
        return self.model.design.separator is not None


def ask_network(
    network: Network,
    *,
    separator: str | None = "+",
    interactions: Sequence[str] = (),
    inactive: str | None = None,
    tau: TauMethod | float = TauMethod.DL,
    hartung_knapp: bool = False,
    level: float = LEVEL,
) -> NetworkResult:
    """Fit the component model, or the standard one alone where `separator` is None.

    Raises NetworkError for a name that does not occur, or a wish that the standard model cannot hold.
    """
    if separator is None and (interactions or inactive):
        raise NetworkError(
            "interactions and an inactive treatment belong to the component model. Mend: name what joins components."
        )
    fitted = partial(fit, network, tau=tau, hartung_knapp=hartung_knapp, level=level)
    standard = fitted(standard_design(network.treatments))
    if separator is None:
        return NetworkResult(model=standard, standard=standard)
    design = component_design(network.treatments, separator=separator, inactive=inactive, interactions=interactions)
    return NetworkResult(model=fitted(design, rows=standard.rows), standard=standard)
