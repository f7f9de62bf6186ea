"""Which code is in which value set: carried with the program where its license allows, else given at run time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from inconcert.judgement import Answer
from inconcert.knowledge.outcomes import SYSTEMS, ValueSetEntry, carried_codes, value_set_catalog
from inconcert.record import Coding

Pairs = frozenset[tuple[str, str]]  # address of the code system, and code
_STANDARD = frozenset(SYSTEMS.values())


@dataclass(frozen=True, slots=True)
class GivenSet:
    """One value set as the clinic gave it: whole. `source` is the file it came from."""

    oid: str
    codes: Pairs
    name: str = ""
    version: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether something coded is in any set of a role. `needs` are the sets whose missing codes leave it open.

    `uncoded` is True where it carries no code of a standard system, so that no value set can know it.
    """

    answer: Answer
    needs: frozenset[str] = frozenset()
    uncoded: bool = False


_IN = Membership(Answer.MET)
_OUT = Membership(Answer.NOT_MET)
_UNCODED = Membership(Answer.NOT_MET, uncoded=True)


@dataclass(frozen=True, slots=True)
class _Role:
    known: Pairs
    missing: Mapping[str, frozenset[str]]  # address of a system -> sets that hold codes of it we do not have


@dataclass(frozen=True, slots=True)
class CodeSets:
    """All value sets at hand: those carried, replaced by those given."""

    given: Mapping[str, GivenSet] = field(default_factory=dict)  # by OID
    _roles: dict[tuple[str, ...], _Role] = field(default_factory=dict, repr=False, compare=False)

    def codes(self, sets: tuple[str, ...]) -> Pairs:
        """The codes at hand of some value sets. Raises KeyError."""
        return self._role(sets).known

    def member(self, sets: tuple[str, ...], codings: Iterable[Coding]) -> Membership:
        """Whether any of the codings is in any of the value sets (ids of the catalog). Raises KeyError."""
        role = self._roles.get(sets)
        if role is None:
            role = self._roles[sets] = self._role(sets)
        needs: frozenset[str] = frozenset()
        coded = False
        for coding in codings:
            if (coding.system, coding.code) in role.known:
                return _IN
            coded = coded or coding.system in _STANDARD
            needs |= role.missing.get(coding.system, frozenset())
        if needs:
            return Membership(Answer.UNKNOWN, needs)
        return _OUT if coded else _UNCODED

    def lacking(self, sets: Iterable[str]) -> tuple[ValueSetEntry, ...]:
        """Those of the sets that are not whole here, in order."""
        catalog = entries()
        return tuple(
            catalog[name]
            for name in dict.fromkeys(sets)
            if catalog[name].oid not in self.given and set(catalog[name].holds) - set(catalog[name].carried)
        )

    def _role(self, sets: tuple[str, ...]) -> _Role:
        known: set[tuple[str, str]] = set()
        missing: dict[str, frozenset[str]] = {}
        for name in sets:
            entry = entries()[name]
            given = self.given.get(entry.oid)
            if given is not None:
                known |= given.codes
                continue
            known |= carried_codes().get(name, frozenset())
            for system in set(entry.holds) - set(entry.carried):
                address = SYSTEMS[system]
                missing[address] = missing.get(address, frozenset()) | {name}
        return _Role(frozenset(known), missing)


@cache
def entries() -> dict[str, ValueSetEntry]:
    """The catalog by id."""
    return {entry.id: entry for entry in value_set_catalog().sets}
