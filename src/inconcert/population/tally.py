"""How many trials, how many different drugs and how many classes of a person carry a flag, for very many flags at once.

An engine pays for every aggregate of every person. So the flags of a trial are the bits of one whole number, a word: the flags of a
drug are the bits set in any of its trials, those of a class the bits set in any of its drugs. To count, one bit of every field of the
word is moved to the lowest place of that field, and such numbers are summed: one sum counts as many flags as there are fields.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import Table

from inconcert.population.keep import kept
from inconcert.population.kleene import Flag

_WORD_BITS = 48  # whole numbers up to there are exact as 64-bit floats, which engines sum fastest


@ibis.udf.agg.builtin  # type: ignore[untyped-decorator]  # Ibis publishes no types
def bit_or(numbers: int) -> int:  # type: ignore[empty-body]  # both engines have it built in
    """Every bit that is set in any of them."""


@dataclass(slots=True)
class _Counter:
    """Flags of one sort of thing (`of`), counted in fields of so many bits, which no count may run over."""

    of: str
    field_bits: int
    flags: dict[Hashable, Flag] = field(default_factory=dict)  # in the order of their bits

    @property
    def fields(self) -> int:
        """How many flags one sum counts."""
        return _WORD_BITS // self.field_bits

    def count(self, key: Hashable, flag: Flag) -> Any:
        """How many things carry the flag, from the sums of a person; of a person without a row there are none."""
        self.flags.setdefault(key, flag)
        word, place, bit = self._spot(list(self.flags).index(key))
        return (_[f"{self.of}:{word}:{bit}"].coalesce(0) >> place * self.field_bits) & (2**self.field_bits - 1)

    def words(self) -> dict[str, Any]:
        """The words of a trial."""
        words: dict[str, list[Any]] = {}
        for number, flag in enumerate(self.flags.values()):
            word, place, bit = self._spot(number)
            marked = ibis.ifelse(flag, ibis.literal(1 << place * self.field_bits + bit, "int64"), 0)
            words.setdefault(f"{self.of}:{word}", []).append(marked)
        return {name: reduce(lambda a, b: a | b, bits) for name, bits in words.items()}

    def either(self) -> dict[str, Any]:
        """The words of a thing from those of its parts."""
        return {name: bit_or(_[name]) for name in self.words()}

    def sums(self) -> dict[str, Any]:
        """The counts of a person from the words of that person's things."""
        lowest = sum(1 << place * self.field_bits for place in range(self.fields))
        spots = dict.fromkeys((word, bit) for word, _place, bit in map(self._spot, range(len(self.flags))))
        return {f"{self.of}:{w}:{b}": _summed((_[f"{self.of}:{w}"] >> b) & lowest) for w, b in spots}

    def summed_again(self) -> dict[str, Any]:
        """The sums of a person from sums of parts."""
        return {name: _summed(_[name]) for name in self.sums()}

    def _spot(self, number: int) -> tuple[int, int, int]:
        """Where a flag stands: its word, its field there, and its bit in the field. One bit of every field is filled first."""
        word, within = divmod(number, _WORD_BITS)
        bit, place = divmod(within, self.fields)
        return word, place, bit


def _summed(numbers: Any) -> Any:
    return numbers.cast("float64").sum().cast("int64")


MOST_DRUGS = 2**8 - 1
MOST_TRIALS = 2**16 - 1  # of one person; `engine.ready` refuses more


@dataclass(slots=True)
class Tally:
    """The flags asked for so far. `key` tells a flag from every other; a flag is true or false, never blank."""

    _trials: _Counter = field(default_factory=lambda: _Counter("trial", 16))  # MOST_TRIALS fit
    _drugs: _Counter = field(default_factory=lambda: _Counter("drug", 8))  # the drug book has no more than MOST_DRUGS
    _classes: _Counter = field(default_factory=lambda: _Counter("class", 8))

    def __bool__(self) -> bool:
        return any(counter.flags for counter in (self._trials, self._drugs, self._classes))

    def trials(self, key: Hashable, flag: Flag) -> Any:
        """How many trials carry the flag."""
        return self._trials.count(key, flag)

    def drugs(self, key: Hashable, flag: Flag) -> Any:
        """How many different drugs have a trial that carries it."""
        return self._drugs.count(key, flag)

    def classes(self, key: Hashable, flag: Flag) -> Any:
        """How many different classes have such a trial."""
        return self._classes.count(key, flag)

    def some(self, key: Hashable, flag: Flag) -> Flag:
        """Whether any trial carries it."""
        return self.drugs(key, flag) > 0

    def asked(self) -> list[tuple[str, Any, Flag]]:
        """Every count: of what (`trial`, `drug` or `class`), as it is written, and the flag counted."""
        counters = (self._trials, self._drugs, self._classes)
        return [(c.of, c.count(key, flag), flag) for c in counters for key, flag in c.flags.items()]

    def words(self) -> list[str]:
        """The columns that the counts are packed in."""
        return [name for counter in (self._trials, self._drugs, self._classes) for name in counter.sums()]

    def per_person(self, rows: Table) -> list[Table]:
        """Tables of one row a person who has trials, with every number counted. `rows`: the trials and all that flags look at."""
        trials, drugs, classes = self._trials, self._drugs, self._classes
        words = {**trials.words(), **drugs.words(), **classes.words()}
        marked = kept(rows.select("person", "class_no", "drug_no", **words))
        of_drug = marked.group_by("person", "class_no", "drug_no").aggregate(**drugs.either(), **classes.either())
        of_class = of_drug.group_by("person", "class_no").aggregate(**drugs.sums(), **classes.either())
        of_person = of_class.group_by("person").aggregate(**drugs.summed_again(), **classes.sums())
        return [marked.group_by("person").aggregate(**trials.sums()), of_person]
