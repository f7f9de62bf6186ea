"""An invented cohort as Arrow tables: the columns of `synthetic.cohort` in the types of `tables`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pyarrow as pa

from inconcert.population.tables import columns_for, schema
from inconcert.synthetic.cohort import Column, tables, to_day

PART = 50_000  # people made at a time: about 1 GiB at the widest
ORIGIN = "invented by inconcert cohort make; nobody in it has ever lived"


def invented_parts(
    people: int,
    seed: int,
    as_of: date,
    *,
    first: int = 0,
    part: int = PART,
    made: Callable[[int], None] = lambda _: None,
) -> Iterator[dict[str, pa.Table]]:
    """The tables of people `first`, `first` + 1 ..., a part at a time. `made` is told how many are done."""
    for start in range(first, first + people, part):
        end = min(start + part, first + people)
        yield invented(range(start, end), seed, as_of)
        made(end - first)


def invented(people: range, seed: int, as_of: date) -> dict[str, pa.Table]:
    """The tables of these people."""
    made = tables(seed, to_day(as_of), people)
    return {name: _table(name, columns) for name, columns in made.items()}


def _table(name: str, columns: dict[str, Column]) -> pa.Table:
    wanted = [f for f in schema(columns_for()[name]) if f.name in columns]
    fields, arrays = [], []
    for field in wanted:
        array = _array(columns[field.name], field.type)
        arrays.append(array)
        fields.append(pa.field(field.name, array.type, nullable=field.nullable))
    return pa.table(arrays, schema=pa.schema(fields))


def _array(column: Column, kind: pa.DataType) -> pa.Array:
    if column.words is not None:
        numbers = pa.array(column.values, type=pa.int32(), mask=column.missing)
        return pa.DictionaryArray.from_arrays(numbers, pa.array(column.words, type=pa.string()))
    if column.days:
        return pa.array(column.values.astype("datetime64[D]"), type=kind, mask=column.missing)
    return pa.array(column.values, mask=column.missing).cast(kind)
