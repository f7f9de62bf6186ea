"""Columns of a table for a run of people, as an engine reads them, made into arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.datatypes as dt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from inconcert.population.arrays.program import Input
from inconcert.population.arrays.values import Array, Column, NotKnownHere, Values, Words


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in the order of their people: whose each is, by place among the people asked about, and their columns."""

    owners: Array
    columns: Mapping[str, Column]

    def part(self, first: int, last: int) -> Rows:
        """The rows of some of the people, counted anew from the first of them."""
        begin, end = np.searchsorted(self.owners, (first, last))
        return Rows(self.owners[begin:end] - first, {name: part(c, begin, end) for name, c in self.columns.items()})


def part(column: Column, begin: int, end: int) -> Column:
    """Some rows of a column."""
    if isinstance(column, Words):
        return column._replace(numbers=column.numbers[begin:end])
    return Values(column.values[begin:end], None if column.known is None else column.known[begin:end])


def cursor_of(connection: Any) -> Any:
    """A cursor that reads beside others what the connection reads. Views of files are its own, so they are made again."""
    views = connection.raw_sql("SELECT sql FROM duckdb_views() WHERE temporary AND NOT internal").fetchall()
    cursor = connection.con.cursor()
    for (view,) in views:
        cursor.execute(view)
    return cursor


@dataclass(slots=True)
class Source:
    """Some columns of a table, as text that the engine reads again for every run of people."""

    sql: str
    columns: tuple[str, ...]
    words: dict[str, list[str]]  # of a text that is read by number: its words

    @classmethod
    def of(cls, connection: BaseBackend, table: Table, inputs: Mapping[str, Input]) -> Source:
        """Only the columns named are read, and whose they are. `inputs`: by the name that each shall have."""
        texts = {i.column for i in inputs.values() if isinstance(table.schema()[i.column], dt.String)}
        columns = dict.fromkeys(("person", *(i.column for i in inputs.values())))
        words = {
            name: ["", *sorted(i.words)]  # first any word that is compared with nothing
            for name, i in inputs.items()
            if i.column in texts and i.words is not None and "" not in i.words
        }
        asked = [f"{_read_as(one, words.get(name))} AS {_name(name)}" for name, one in inputs.items()]
        inside = connection.compile(table.select(*columns))
        text = f"SELECT {', '.join(['person', *asked])} FROM ({inside}) AS asked"  # noqa: S608 - our own names only
        return cls(text, tuple(columns), words)

    def arrow(self, cursor: Any, between: tuple[int, int] | None) -> pa.Table:
        """The rows of the people between two numbers, or of all."""
        whose = f" WHERE person BETWEEN {int(between[0])} AND {int(between[1])}" if between else ""
        return cursor.execute(self.sql + whose).to_arrow_table()


def _read_as(one: Input, words: list[str] | None) -> str:
    """How a column is read: as it is, with a number for a blank, or the number of a word for the word."""
    column = _name(one.column)
    if words is not None:
        # An engine looks a word up once for every run of rows that shares a dictionary; arrays would do so for every row.
        listed = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
        other = f"CASE WHEN {column} IS NULL THEN NULL ELSE 1 END"
        return f"CAST(coalesce(list_position([{listed}], {column}), {other}) - 1 AS SMALLINT)"
    return column if one.blank is None else f"coalesce({column}, {one.blank})"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def in_order(table: pa.Table) -> tuple[Array, pa.Table]:
    """The rows by person, and whose they are. Rows of nobody are left out."""
    person = table["person"].combine_chunks()
    if person.null_count:
        table = table.filter(pc.is_valid(table["person"]))
        person = table["person"].combine_chunks()
    numbers = person.to_numpy(zero_copy_only=False).astype("int64", copy=False)
    if np.all(numbers[1:] >= numbers[:-1]):
        return numbers, table
    order = np.argsort(numbers, kind="stable")
    return numbers[order], table.take(pa.array(order))


def rows_of(
    table: pa.Table, people: Array, words: Mapping[str, list[str]] | None = None, *, apart: Iterable[str] = ()
) -> tuple[Rows, pa.Table]:
    """The rows of these people (numbers in order), and the Arrow rows they were made of.

    `words`: of columns that hold numbers of words. Of the columns `apart` no arrays are made.
    """
    numbers, table = in_order(table)
    owners = np.searchsorted(people, numbers)
    there = owners < len(people)
    there[there] = people[owners[there]] == numbers[there]
    if not there.all():
        owners, table = owners[there], table.filter(pa.array(there))
    skipped, words = {"person", *apart}, words or {}
    columns = {n: column_of(table[n], words.get(n)) for n in table.column_names if n not in skipped}
    return Rows(owners, columns), table


def one_each(rows: Rows, people: int) -> dict[str, Column]:
    """The columns of a table with at most one row a person, for every person.

    Raises:
        NotKnownHere: somebody has two rows.
    """
    if len(rows.owners) == people and (not people or np.array_equal(rows.owners, np.arange(people))):
        return dict(rows.columns)
    if (rows.owners[1:] == rows.owners[:-1]).any():
        raise NotKnownHere("two rows of one person")
    return {name: _spread(column, rows.owners, people) for name, column in rows.columns.items()}


def _spread(column: Column, owners: Array, people: int) -> Column:
    if isinstance(column, Words):
        numbers = np.full(people, -1, column.numbers.dtype)
        numbers[owners] = column.numbers
        return Words(numbers, column.words, True)
    values, known = np.zeros(people, column.values.dtype), np.zeros(people, bool)
    values[owners], known[owners] = column.values, True if column.known is None else column.known
    return Values(values, known)


def column_of(chunks: pa.ChunkedArray, words: list[str] | None = None) -> Column:
    """One column as arrays; `words`: of one that holds numbers of words.

    Raises:
        NotKnownHere: its type has none here, or a number is none (NaN), which engines sort in their own way.
    """
    array: Any = chunks.combine_chunks()
    kind = array.type
    if words is not None:
        return Words(_plain(array.fill_null(-1)), words, bool(array.null_count))
    if pa.types.is_dictionary(kind):
        array, kind = array.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        coded = array.dictionary_encode()
        numbers = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return Words(numbers, coded.dictionary.to_pylist(), bool(array.null_count))
    if pa.types.is_date32(kind):
        array = array.view(pa.int32())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        raise NotKnownHere(f"columns of {kind}")
    known = array.is_valid().to_numpy(zero_copy_only=False) if array.null_count else None
    if pa.types.is_boolean(kind):
        return Values(array.fill_null(False).to_numpy(zero_copy_only=False), known)
    values = _plain(array)
    if pa.types.is_floating(kind) and len(values) and np.isnan(values.min()):
        if known is None or np.isnan(values[known]).any():
            raise NotKnownHere("NaN")
        values = np.where(known, values, 0)
    return Values(values, known)


def _plain(array: Any) -> Array:
    """The numbers of an array as they lie in memory; those of blanks are of no meaning."""
    kind = array.type.to_pandas_dtype()
    buffer = array.buffers()[1]
    if buffer is None:
        return np.zeros(len(array), kind)
    return np.frombuffer(buffer, kind, len(array), array.offset * np.dtype(kind).itemsize)
