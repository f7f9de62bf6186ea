"""The proof: over 1,000 drawn networks nothing that the data cannot give is ever a number, and nothing that they can is missing.

The oracle below shares no line with the code under test: it reads the names itself, writes the design with fractions, asks
whether a contrast leaves a remainder against the reduced rows, and takes values from a least squares of whitened rows.
"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from inconcert.evidence.synthesis.data.types import Network
from inconcert.evidence.synthesis.models.ask import NetworkResult
from inconcert.evidence.synthesis.models.design import standard_design
from inconcert.evidence.synthesis.models.fit import Effects, Fit, NotEstimableError, fit
from inconcert.evidence.synthesis.models.heterogeneity import TauMethod
from inconcert.evidence.synthesis.models.interactions import look_at_each
from inconcert.exchange.evidence.network_json import network_as_plain
from support.networks import SHAPES, drawn_design, drawn_network

NETWORKS = 1_000
Exact = list[Fraction]


class Oracle:
    """What can be estimated, and what it is, worked out again from the names and the raw covariances."""

    def __init__(self, network: Network, columns: tuple[str, ...], inactive: str | None) -> None:
        self.columns, self.inactive = columns, inactive
        self.known: dict[tuple[int, ...], bool] = {}
        self.basis: list[tuple[int, Exact]] = []
        held = {name: self.row(name) for name in network.treatments}
        self.differences = [
            [b - a for a, b in zip(held[study.treatments[0]], held[name], strict=True)]
            for study in network.studies
            for name in study.treatments[1:]
        ]
        for row in {tuple(row): row for row in self.differences}.values():
            self.take(row)
        self.studies = network.studies

    def row(self, name: str) -> list[int]:
        """What a treatment holds: a column counts if all of its parts are in the name."""
        parts = set(name.split("+")) - {self.inactive}
        return [int(set(column.split("*")) <= parts) for column in self.columns]

    def remainder(self, row: list[int]) -> Exact:
        """What the reduced rows leave of this one."""
        left = [Fraction(value) for value in row]
        for pivot, base in self.basis:
            if left[pivot]:
                factor = left[pivot]
                left = [a - factor * b if b else a for a, b in zip(left, base, strict=True)]
        return left

    def take(self, row: list[int]) -> None:
        """One row more, reduced, with a leading one."""
        left = self.remainder(row)
        pivot = next((place for place, value in enumerate(left) if value), None)
        if pivot is not None:
            self.basis.append((pivot, [value / left[pivot] for value in left]))

    def can(self, row: list[int]) -> bool:
        """Whether the rank of [X; row] is that of X."""
        key = tuple(row)
        if key not in self.known:
            self.known[key] = not any(self.remainder(row))
        return self.known[key]

    def solve(self, tau2: float) -> tuple[np.ndarray, np.ndarray]:
        """Parameters of least length and their covariance, from whitened rows."""
        x, y, first = [], [], 0
        for study in self.studies:
            size = len(study.treatments) - 1
            spread = study.covariance / study.weight + tau2 * (np.eye(size) + 1) / 2
            white = np.linalg.inv(np.linalg.cholesky(spread))
            x.append(white @ np.array(self.differences[first : first + size], dtype=float))
            y.append(white @ study.effects)
            first += size
        whole = np.vstack(x)
        return np.linalg.lstsq(whole, np.concatenate(y), rcond=1e-10)[0], np.linalg.pinv(whole.T @ whole, rcond=1e-10)


def check_effects(effects: Effects, oracle: Oracle, tau2: float) -> tuple[int, int]:
    """Every parameter, combination and contrast of one fitted model, by every way to ask; counts of can and cannot."""
    design = effects.design
    beta, covariance = oracle.solve(tau2)
    one = np.eye(len(design.columns), dtype=int).tolist()
    asked = [
        *((effects.parameters[name], row) for name, row in zip(design.columns, one, strict=True)),
        *((effects.combinations[name], oracle.row(name)) for name in design.treatments),
    ]
    possible, values, errors = effects.league()
    cells = effects.league_estimates()
    for (i, first), (j, second) in product(enumerate(design.treatments), repeat=2):
        row = [a - b for a, b in zip(oracle.row(first), oracle.row(second), strict=True)]
        asked.append((cells[i][j], row))
        assert (
            bool(possible[i, j]) == (cells[i][j] is not None) == np.isfinite(values[i, j]) == np.isfinite(errors[i, j])
        )
        if not possible[i, j]:
            with pytest.raises(NotEstimableError):
                effects.compare(first, second)
    can = [oracle.can(row) for _, row in asked]
    assert can == [found is not None for found, _ in asked], f"{design.treatments} {design.columns}"
    rows = np.array([row for found, row in asked if found is not None])
    found = np.array([[found.estimate, found.se] for found, _ in asked if found is not None])
    errors = np.sqrt(np.maximum(np.einsum("qp,pr,qr->q", rows, covariance, rows), 0.0))
    np.testing.assert_allclose(found, np.column_stack([rows @ beta, errors]), rtol=1e-7, atol=1e-7)
    return can.count(False), can.count(True)


def check_written(model: Fit, oracle: Oracle) -> None:
    """What is written to JSON holds a number exactly where the oracle allows one, and names the rest."""
    result = NetworkResult(model=model, standard=fit(model.network, standard_design(model.network.treatments)))
    text = json.dumps(network_as_plain(result), allow_nan=False)  # NaN would be a number that is none
    plain, design = json.loads(text), model.design
    one = np.eye(len(design.columns), dtype=int).tolist()
    cannot = [name for name, row in zip(design.columns, one, strict=True) if not oracle.can(row)]
    assert sorted(plain["unidentifiable"]) == sorted(cannot)
    for kind in ("common", "random"):
        block = plain[kind]
        assert {*block["components"], *block["interactions"]} == set(design.columns) - set(cannot)
        assert set(block["combinations"]) == {name for name in design.treatments if oracle.can(oracle.row(name))}
        for first, second in product(design.treatments, repeat=2):
            row = [a - b for a, b in zip(oracle.row(first), oracle.row(second), strict=True)]
            if first != second:
                assert (second in block["treatments"].get(first, {})) == oracle.can(row)
    links = linked(model.network)
    for kind in ("common", "random"):
        for first, others in plain["standard"][kind]["treatments"].items():
            assert {first, *others} == links[first]


def linked(network: Network) -> dict[str, set[str]]:
    """For each treatment the others that studies lead to, one after another."""
    found = {name: {name} for name in network.treatments}
    for study in network.studies:
        together = set().union(*(found[name] for name in study.treatments))
        for name in together:
            found[name] = together
    return found


def check_looks(model: Fit, oracle: Oracle) -> None:
    """Each further interaction is identifiable exactly where its own parameter is in the row space of the wider design."""
    design = model.design
    for look in look_at_each(model.network, design).looks:
        wider = Oracle(model.network, (*oracle.columns, look.label), oracle.inactive)
        assert look.identifiable == wider.can([0] * len(oracle.columns) + [1])
        assert (look.common is None) == (look.random is None) == (not look.identifiable)


def is_deficient(oracle: Oracle) -> bool:
    """Whether some column of the design cannot be estimated."""
    return len(oracle.basis) < len(oracle.columns)


@pytest.mark.slow
def test_a_thousand_networks() -> None:
    """Each component, interaction, combination and contrast is a number if and only if the oracle says it can be, and the right one."""
    rng = np.random.default_rng(20261122)
    deficient, can, cannot = 0, 0, 0
    for turn in range(NETWORKS):
        network = drawn_network(rng, SHAPES[turn % len(SHAPES)])
        design = drawn_design(rng, network)
        oracle = Oracle(network, design.columns, design.inactive)
        model = fit(network, design, tau=0.4 if turn % 3 == 0 else TauMethod.DL)
        deficient += is_deficient(oracle)
        for effects, tau2 in ((model.common, 0.0), (model.random, model.tau2 or 0.0)):
            counted = check_effects(effects, oracle, tau2)
        cannot, can = cannot + counted[0], can + counted[1]
        check_written(model, oracle)
        check_looks(model, oracle)
    assert deficient >= NETWORKS / 2
    assert cannot > 10_000
    assert can > 10_000
