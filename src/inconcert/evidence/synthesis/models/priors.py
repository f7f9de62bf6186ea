"""What is believed before the data: about tau, and about each column of a design. Every prior can say itself in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from inconcert.evidence.synthesis.data.types import Array, NetworkError
from inconcert.evidence.synthesis.models.design import Design

PRIOR_SD = 10.0
TAU_SCALE = 0.5


class TauPrior(Protocol):
    """A proper prior of tau. `tail` is the power at which its density falls, infinite for one that falls faster than any."""

    @property
    def tail(self) -> float:
        """The density falls as tau to the power of minus this."""

    @property
    def span(self) -> tuple[float, float]:
        """Where quadrature begins to look: a first piece and a place beyond the bulk."""

    @property
    def limit(self) -> float:
        """Nothing lies beyond."""

    def log_density(self, tau: Array) -> Array:
        """Logarithm of the density at tau above 0."""

    def in_words(self) -> str:
        """The prior, in a form that goes into a report."""


def _positive(value: float, what: str) -> None:
    if not (math.isfinite(value) and value > 0):
        raise NetworkError(f"a prior of tau with {what} {value} has no meaning. Mend: give a number above 0.")


@dataclass(frozen=True, slots=True)
class HalfNormal:
    """|N(0, scale^2)|."""

    scale: float = TAU_SCALE
    tail = math.inf
    limit = math.inf

    def __post_init__(self) -> None:
        _positive(self.scale, "scale")

    @property
    def span(self) -> tuple[float, float]:
        """As in `TauPrior`."""
        return self.scale, 8 * self.scale

    def log_density(self, tau: Array) -> Array:
        """As in `TauPrior`."""
        return np.asarray(0.5 * math.log(2 / math.pi) - math.log(self.scale) - (tau / self.scale) ** 2 / 2)

    def in_words(self) -> str:
        """As in `TauPrior`."""
        return f"half-normal with scale {self.scale:g}"


@dataclass(frozen=True, slots=True)
class HalfCauchy:
    """|Cauchy(0, scale)|."""

    scale: float
    tail = 2.0
    limit = math.inf

    def __post_init__(self) -> None:
        _positive(self.scale, "scale")

    @property
    def span(self) -> tuple[float, float]:
        """As in `TauPrior`."""
        return self.scale, 64 * self.scale

    def log_density(self, tau: Array) -> Array:
        """As in `TauPrior`."""
        return np.asarray(math.log(2 / math.pi / self.scale) - np.log1p((tau / self.scale) ** 2))

    def in_words(self) -> str:
        """As in `TauPrior`."""
        return f"half-Cauchy with scale {self.scale:g}"


@dataclass(frozen=True, slots=True)
class Uniform:
    """The same density from 0 to `upper`."""

    upper: float
    tail = math.inf

    def __post_init__(self) -> None:
        _positive(self.upper, "upper end")

    @property
    def limit(self) -> float:
        """As in `TauPrior`."""
        return self.upper

    @property
    def span(self) -> tuple[float, float]:
        """As in `TauPrior`."""
        return self.upper, self.upper

    def log_density(self, tau: Array) -> Array:
        """As in `TauPrior`."""
        return np.where(tau <= self.upper, -math.log(self.upper), -math.inf)

    def in_words(self) -> str:
        """As in `TauPrior`."""
        return f"uniform from 0 to {self.upper:g}"


@dataclass(frozen=True, slots=True)
class LogNormal:
    """log(tau^2) ~ N(mean, sd^2), the form in which priors from many meta-analyses are published (Turner et al. 2012, recalled)."""

    mean: float
    sd: float
    tail = math.inf
    limit = math.inf

    def __post_init__(self) -> None:
        _positive(self.sd, "SD of log tau2")
        if not math.isfinite(self.mean):
            raise NetworkError(f"a prior of tau with mean {self.mean} of log tau2 has no meaning. Mend: give a number.")

    @property
    def span(self) -> tuple[float, float]:
        """As in `TauPrior`."""
        return math.exp((self.mean - 9 * self.sd) / 2), math.exp((self.mean + 6 * self.sd) / 2)

    def log_density(self, tau: Array) -> Array:
        """As in `TauPrior`."""
        z = (2 * np.log(tau) - self.mean) / self.sd
        return np.asarray(math.log(2 / self.sd) - 0.5 * math.log(2 * math.pi) - np.log(tau) - z**2 / 2)

    def in_words(self) -> str:
        """As in `TauPrior`."""
        return f"log-normal: log tau2 with mean {self.mean:g} and SD {self.sd:g}"


@dataclass(frozen=True, slots=True)
class InverseGamma:
    """1 / tau^2 ~ Gamma(shape, rate). Small values of both do not mean knowing nothing: they pull tau to zero (Gelman 2006, recalled)."""

    shape: float
    rate: float
    limit = math.inf

    def __post_init__(self) -> None:
        _positive(self.shape, "shape")
        _positive(self.rate, "rate")

    @property
    def tail(self) -> float:
        """As in `TauPrior`."""
        return 2 * self.shape + 1

    @property
    def span(self) -> tuple[float, float]:
        """As in `TauPrior`."""
        middle = math.sqrt(self.rate / (self.shape + 1))
        return middle / 32, middle * 64

    def log_density(self, tau: Array) -> Array:
        """As in `TauPrior`."""
        constant = self.shape * math.log(self.rate) - math.lgamma(self.shape) + math.log(2)
        with np.errstate(divide="ignore", over="ignore"):
            return np.asarray(constant - (2 * self.shape + 1) * np.log(tau) - self.rate / tau**2)

    def in_words(self) -> str:
        """As in `TauPrior`."""
        return f"inverse-gamma for tau2 with shape {self.shape:g} and rate {self.rate:g}"


@dataclass(frozen=True, slots=True)
class Known:
    """tau is preset and not estimated; 0 is the common-effect model."""

    tau: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.tau) and self.tau >= 0):
            raise NetworkError(f"a preset tau of {self.tau} has no meaning. Mend: give 0 or more.")

    def in_words(self) -> str:
        """As in `TauPrior`."""
        return f"preset at {self.tau:g}"


@dataclass(frozen=True, kw_only=True)
class Prior:
    """Columns independent normal, tau as stated.

    `sd` and `mean` hold for every column that nothing else names; `interaction_sd` for interactions; `of` gives single columns a
    (mean, SD) of their own by name.
    """

    sd: float = PRIOR_SD
    mean: float = 0.0
    interaction_sd: float | None = None
    of: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    tau: TauPrior | Known = HalfNormal()

    def columns(self, design: Design) -> tuple[Array, Array]:
        """Prior mean and SD of each column. Raises NetworkError for an unknown column or an SD that is not above 0."""
        unknown = sorted(set(self.of) - set(design.columns))
        if unknown:
            raise NetworkError(
                f"a prior names the column {unknown[0]!r}, which this model does not have. Mend: use one of"
                f" {', '.join(design.columns)}."
            )
        interactions = {term.label for term in design.interactions}
        rest = self.sd if self.interaction_sd is None else self.interaction_sd
        pairs = [self.of.get(n, (self.mean, rest if n in interactions else self.sd)) for n in design.columns]
        for name, (mean, sd) in zip(design.columns, pairs, strict=True):
            if not (math.isfinite(mean) and math.isfinite(sd) and sd > 0):
                raise NetworkError(
                    f"the prior of {name!r} has mean {mean} and SD {sd}. Mend: give a number and an SD above 0."
                )
        values = np.array(pairs, dtype=float).reshape(len(pairs), 2)
        return values[:, 0], values[:, 1]

    def in_words(self, design: Design) -> str:
        """The priors of a model, generated from the options used."""
        means, sds = self.columns(design)
        groups: dict[tuple[float, float], list[str]] = {}
        for name, mean, sd in zip(design.columns, means.tolist(), sds.tolist(), strict=True):
            groups.setdefault((mean, sd), []).append(name)
        said = [
            f"{_listed(names, len(design.columns))}: independent normal with mean {mean:g} and SD {sd:g}"
            for (mean, sd), names in groups.items()
        ]
        return f"Priors: {'; '.join(said)}; tau (the SD of true effects between studies): {self.tau.in_words()}."


def _listed(names: list[str], of: int) -> str:
    return "every effect" if len(names) == of else ", ".join(names)
