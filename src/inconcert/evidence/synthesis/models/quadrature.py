"""Integrals over one positive number, with an error that is measured.

Gauss-Legendre pieces, each twice as long as the one before: the functions of tau met here have their nearest singular
points beside the axis at the standard errors of the rows, so that a piece as long as its distance from zero is smooth
inside. Every piece that holds something is cut in two, and the halves are compared with the whole until they agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inconcert.evidence.synthesis.data.types import Array

NODES = 15
TOLERANCE = 1e-13  # of the whole integral, for one piece
_NOTHING = 1e-17
_ROUNDS = 40
_HALVINGS = 55
_ROUNDING = 1e-15  # of the logarithms themselves
_MOST = 1e90  # no tail is followed farther than this

Flags = NDArray[np.bool_]
LogDensity = Callable[[Array], Array]  # k points in, (k, columns) logarithms out


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """An integrated function: n pieces of `NODES` points, for each of several columns.

    `low` and `high` (n); `nodes` and `weights` (n, NODES), weights of the rule and not of the function; `log_values`
    (n, NODES, columns); `log_total` (columns), the logarithm of each integral; `error` (columns), relative to the integral.
    """

    low: Array
    high: Array
    nodes: Array
    weights: Array
    log_values: Array
    log_total: Array
    error: Array

    def shares(self, column: int = 0) -> Array:
        """What each node holds of the integral (n, NODES); together 1."""
        share = self.weights * np.exp(self.log_values[:, :, column] - self.log_total[column])
        return np.asarray(share / share.sum(), dtype=float)

    def quantiles(self, probabilities: Array, column: int = 0) -> Array:
        """Where the integral from the left reaches each share: exact to the degree of the rule inside a piece."""
        share = self.shares(column)
        mass = share.sum(axis=1)
        order = np.argsort(self.low)
        reached = np.cumsum(mass[order])
        at = np.minimum(np.searchsorted(reached, probabilities), len(order) - 1)
        piece = order[at]
        half = (self.high[piece] - self.low[piece]) / 2
        inside = probabilities - (reached[at] - mass[piece])
        slopes = share[piece] / rule()[1]  # the function times half, at the nodes
        return np.asarray(self.low[piece] + half * (1 + _where(_antiderivatives(slopes), inside)), dtype=float)


class Integral(NamedTuple):
    """`fine` is the answer; `coarse` has the pieces before they were last cut in two, so that any moment can be asked twice."""

    fine: Pieces
    coarse: Pieces


@cache
def rule() -> tuple[Array, Array]:
    """Points and weights of Gauss and Legendre on [-1, 1]."""
    points, weights = np.polynomial.legendre.leggauss(NODES)
    return points, weights


def integrate(log_density: LogDensity, *, low: float, high: float, limit: float, moment: int = 2) -> Integral:
    """The integral of exp(log_density) from 0 to `limit`, which may be infinite.

    The first piece is [0, low], the others double, to `high` and beyond for as long as they hold anything, of the integral or of
    its `moment`. Nothing of the function may be narrower than `low` near zero.
    """
    edges = [0.0, min(low, limit)]
    while edges[-1] < min(high, limit):
        edges.append(min(2 * edges[-1], limit))
    pieces = _evaluate(log_density, np.array(edges[:-1]), np.array(edges[1:]))
    while pieces.high[-1] < min(limit, _MOST) and _holds(pieces, pieces, moment)[-1]:
        longer = np.minimum(pieces.high[-1] * 2.0 ** np.arange(5), limit)
        longer = longer[np.concatenate(([True], np.diff(longer) > 0))]
        pieces = _joined(pieces, _evaluate(log_density, longer[:-1], longer[1:]))
    holds = _holds(pieces, pieces, moment)
    fine, coarse, whole = _taken(pieces, ~holds), _taken(pieces, ~holds), _taken(pieces, holds)
    error = np.zeros(pieces.log_values.shape[2])
    for _ in range(_ROUNDS):
        count = len(whole.low)
        if not count:
            break
        middle = (whole.low + whole.high) / 2
        halves = _evaluate(log_density, np.r_[whole.low, middle], np.r_[middle, whole.high])
        everything = _joined(fine, halves)
        peak = np.maximum(everything.log_values.max(axis=(0, 1)), whole.log_values.max(axis=(0, 1)))
        total = _mass(everything, peak).sum(axis=0)
        parts = _mass(halves, peak)
        differ = np.abs(_mass(whole, peak) - parts[:count] - parts[count:])
        differ = np.divide(differ, total, out=np.full_like(differ, np.inf), where=total > 0)
        agree = np.all(differ < TOLERANCE + _ROUNDING * np.abs(peak), axis=1)
        error += differ[agree].sum(axis=0)
        settled = np.r_[agree, agree]
        empty = ~settled & ~_holds(halves, everything, moment)
        fine = _joined(fine, _taken(halves, settled | empty))
        coarse = _joined(_joined(coarse, _taken(whole, agree)), _taken(halves, empty))
        whole = _taken(halves, ~settled & ~empty)
    everything = _joined(fine, whole)
    peak, total = _scale(everything)
    error += _mass(whole, peak).sum(axis=0) / total  # what never settled, if anything
    return Integral(fine=_pieces(everything, error), coarse=_pieces(_joined(coarse, whole), error))


def _pieces(state: _State, error: Array) -> Pieces:
    peak, total = _scale(state)
    return Pieces(
        low=state.low,
        high=state.high,
        nodes=state.nodes,
        weights=state.weights,
        log_values=state.log_values,
        log_total=peak + np.log(total),
        error=error,
    )


@dataclass(frozen=True, slots=True)
class _State:
    low: Array
    high: Array
    nodes: Array
    weights: Array
    log_values: Array


def _evaluate(log_density: LogDensity, low: Array, high: Array) -> _State:
    points, weights = rule()
    half = (high - low)[:, None] / 2
    nodes = low[:, None] + half * (1 + points)
    values = log_density(nodes.ravel())
    return _State(low, high, nodes, half * weights, values.reshape(len(low), NODES, -1))


def _joined(one: _State, two: _State) -> _State:
    return _State(
        np.r_[one.low, two.low],
        np.r_[one.high, two.high],
        np.r_[one.nodes, two.nodes],
        np.r_[one.weights, two.weights],
        np.concatenate((one.log_values, two.log_values)),
    )


def _taken(state: _State, which: Flags) -> _State:
    return _State(
        state.low[which], state.high[which], state.nodes[which], state.weights[which], state.log_values[which]
    )


def _mass(state: _State, peak: Array, power: int = 0) -> Array:
    """The integral of each piece (n, columns), or of its moment, over exp(peak)."""
    weights = state.weights * state.nodes**power if power else state.weights
    return np.asarray(np.einsum("ng,ngc->nc", weights, np.exp(state.log_values - peak)), dtype=float)


def _scale(state: _State) -> tuple[Array, Array]:
    peak = state.log_values.max(axis=(0, 1))
    return peak, _mass(state, peak).sum(axis=0)


def _holds(state: _State, everything: _State, moment: int) -> Flags:
    """Which pieces hold a share of the integral of any column that can be seen."""
    peak = everything.log_values.max(axis=(0, 1))
    holds = _mass(state, peak) > _NOTHING * _mass(everything, peak).sum(axis=0)
    if moment:
        higher = _mass(state, peak, moment)
        holds |= higher > _NOTHING * _mass(everything, peak, moment).sum(axis=0)
    return np.asarray(holds.any(axis=1), dtype=bool)


@cache
def _to_legendre() -> Array:
    points, weights = rule()
    table = np.polynomial.legendre.legvander(points, NODES - 1)
    return np.asarray((table * weights[:, None]).T * (np.arange(NODES) + 0.5)[:, None], dtype=float)


def _antiderivatives(values: Array) -> Array:
    """Legendre coefficients (n, NODES + 1) of the integrals from -1 of the polynomials through `values` (n, NODES) at the nodes."""
    return np.asarray(np.polynomial.legendre.legint(values @ _to_legendre().T, lbnd=-1, axis=1), dtype=float)


def _where(rising: Array, wanted: Array) -> Array:
    """Where each of n rising polynomials on [-1, 1] reaches what is wanted: bisection to the last bit."""
    low, high = np.full(len(wanted), -1.0), np.ones(len(wanted))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        short = np.sum(np.polynomial.legendre.legvander(middle, NODES) * rising, axis=1) < wanted
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return (low + high) / 2
