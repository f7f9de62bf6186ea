"""What is asked of our study tables: which outcome, when, from which studies, and every choice on the way.

The defaults stand in `knowledge/files/studies/network.yaml`; none of them is evidence. Each choice that was made is said in
the network's notes, so that two answers that differ can be told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from inconcert.evidence.synthesis.data.types import NetworkError, Scale
from inconcert.knowledge.studies import NetworkDefaults, StudyTables, study_tables

Outcome = Literal["response", "remission", "change"]
Approximate = Literal["never", "read_n", "any"]
NOTHING_ADDED = "nothing_added"
CONTROL = "control"
COUNT_SCALES = (Scale.OR, Scale.RR, Scale.RD)


@dataclass(frozen=True, kw_only=True)
class OwnChoice:
    """One way to read the tables. None means the default of network.yaml.

    `week` after the start of treatment (None takes any day, the one nearest to week 4 first); `days_before` and `days_after` are the
    window around it. `scale` None is OR for counts; for changes MD where all studies share a scale, else SMD.
    `approximate`: counts worked back from a percentage never, only where n was read and a whole number gives it (`read_n`), or
    always to the nearest whole number, also over the arm's analyzed people (`any`). `crossover_correlation` of the two periods,
    or `exclude`. `merge` maps components to a name they share, which assumes that they do the same; `merge_controls` merges
    every control into one. `shown` maps names, merged or not, to what a reader is to see for them. `leave_out` are study ids.
    """

    outcome: Outcome = "response"
    week: float | None = 4
    design: Literal["rct", "all"] = "rct"
    scale: Scale | None = None
    days_before: float | None = None
    days_after: float | None = None
    measure: str | None = None
    any_visit: bool = False
    use_recalled: bool = True
    use_derived: bool = True
    approximate: Approximate | None = None
    crossover_correlation: float | Literal["exclude"] | None = None
    merge_controls: bool = False
    merge: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        counts = self.outcome != "change"
        if self.outcome not in ("response", "remission", "change"):
            raise NetworkError(f"there is no outcome {self.outcome!r}. Mend: response, remission or change.")
        if self.scale is not None and (self.scale in COUNT_SCALES) != counts:
            fits = "OR, RR or RD" if counts else "MD or SMD"
            raise NetworkError(f"{self.outcome} cannot be compared as {self.scale}. Mend: {fits}.")
        if self.week is not None and self.week < 0:
            raise NetworkError(f"week {self.week:g} is before treatment. Mend: a week from 0 up.")
        rho = self.crossover_correlation
        if isinstance(rho, (int, float)) and not -1 < rho < 1:
            raise NetworkError(f"a correlation of {rho:g} between the periods cannot be. Mend: above -1 and below 1.")

    @property
    def is_count(self) -> bool:
        """True where people are counted, False where scores are compared."""
        return self.outcome != "change"


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A choice with every default filled in, and the components that go by another name."""

    choice: OwnChoice
    tables: StudyTables
    kinds: tuple[str, ...]
    window: tuple[float, float] | None
    target_day: float
    approximate: Approximate
    correlation: float | None
    names: Mapping[str, str]

    @property
    def defaults(self) -> NetworkDefaults:
        """The defaults of the tables."""
        return self.tables.network

    def called(self, name: str) -> str:
        """A component or a merged name as a reader is to see it."""
        return self.choice.shown.get(name, name)

    @property
    def said(self) -> tuple[str, ...]:
        """Every choice in words, in a fixed order."""
        c, found = self.choice, []
        found.append(f"outcome: {c.outcome}, rows of kind {' or '.join(self.kinds)}")
        found.append(
            "any day after the start, the nearest to week 4 first"
            if self.window is None
            else f"measured on day {self.window[0]:g} to {self.window[1]:g} after the start, the nearest to day {self.target_day:g} first"
        )
        found.append("randomized studies only" if c.design == "rct" else "randomized and not randomized comparisons")
        if c.is_count:
            found.append({
                "never": "a percentage without its count is left out",
                "read_n": "a count is worked back from a percentage only where n was read and a whole number gives it",
                "any": "a count is worked back from any percentage to the nearest whole number",
            }[self.approximate])  # fmt: skip
        found.append(
            "crossover trials are left out"
            if self.correlation is None
            else f"the periods of a crossover are taken as correlated by {self.correlation:g}"
        )
        if not c.use_recalled:
            found.append("figures from memory are left out")
        if not c.use_derived:
            found.append("figures worked back from others are left out")
        groups: dict[str, list[str]] = {}
        for part, name in self.names.items():
            groups.setdefault(name, []).append(part)
        found += [
            f"assumed to do the same and called {name}: {', '.join(sorted(map(self.called, parts)))}"
            for name, parts in groups.items()
            if len(parts) > 1 or name in self.tables.components
        ]
        return tuple(found)


def settle(choice: OwnChoice, tables: StudyTables | None = None) -> Settled:
    """Fill in the defaults. Raises NetworkError for a component, measure or study that the tables do not hold."""
    tables = tables or study_tables()
    defaults = tables.network
    names = dict(choice.merge)
    if choice.merge_controls:
        controls = [part.component for part in tables.components.values() if part.family == "control"]
        names.update(dict.fromkeys([*controls, NOTHING_ADDED], CONTROL))
    for part in names:
        if part not in tables.components and part != NOTHING_ADDED:
            raise NetworkError(f"there is no component {part!r} to merge. Mend: one of components.csv.")
    if choice.measure is not None and choice.measure not in tables.measures:
        raise NetworkError(f"there is no scale {choice.measure!r}. Mend: one of {', '.join(tables.measures)}.")
    for study in choice.leave_out:
        if study not in tables.studies:
            raise NetworkError(f"there is no study {study!r} to leave out. Mend: a study_id of studies.csv.")
    before = defaults.days_before if choice.days_before is None else choice.days_before
    after = defaults.days_after if choice.days_after is None else choice.days_after
    target = 28.0 if choice.week is None else 7.0 * choice.week
    wish = defaults.crossover_correlation if choice.crossover_correlation is None else choice.crossover_correlation
    kinds = defaults.kinds[choice.outcome]
    return Settled(
        choice=choice,
        tables=tables,
        kinds=kinds + defaults.any_visit_kinds[choice.outcome] if choice.any_visit else kinds,
        window=None if choice.week is None else (max(0.0, target - before), target + after),
        target_day=target,
        approximate=choice.approximate or defaults.approximate,
        correlation=None if wish == "exclude" else wish,
        names=names,
    )
