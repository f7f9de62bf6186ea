"""The engines that answer: DuckDB on one machine, Spark where one machine is outgrown. The questions are the same."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis import _
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from inconcert.judgement import Refusal
from inconcert.population.sift import BadRows, sift
from inconcert.population.tables import Cohort
from inconcert.population.tally import MOST_TRIALS
from inconcert.population.trials import drug_book_table, in_numbers

ENGINES = ("duckdb", "spark")


def connect(engine: str = "duckdb", *, threads: int | None = None, memory_gib: float | None = None) -> BaseBackend:
    """An engine of its own, which reads what it is given and asks nobody on the network.

    Raises:
        Refusal: no such engine, or it cannot be started here.
    """
    if engine == "duckdb":
        settings: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        if threads is not None:
            settings["threads"] = threads
        if memory_gib is not None:
            settings["memory_limit"] = f"{memory_gib:g}GiB"
        return ibis.duckdb.connect(**settings)
    if engine == "spark":
        return _spark(threads, memory_gib)
    raise Refusal(f"There is no engine {engine!r}.", f"Use one of: {', '.join(ENGINES)}.")


def _spark(threads: int | None, memory_gib: float | None) -> BaseBackend:
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra that most do not install
    except ImportError as error:
        mend = "Install inconcert[spark], and Java 17 or later (Debian: default-jre-headless)."
        raise Refusal("The Spark engine is not installed.", mend) from error
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")  # it talks to itself only
    scratch = tempfile.mkdtemp(prefix="inconcert-spark-")
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    builder = (
        SparkSession.builder.master(f"local[{threads or '*'}]").appName("inconcert")
        .config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", scratch).config("spark.local.dir", scratch)
        .config("spark.driver.memory", f"{int(memory_gib or 4)}g").config("spark.sql.codegen.wholeStage", "false")
        .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    )  # fmt: skip
    try:
        session = builder.getOrCreate()
    except Exception as error:  # what a missing Java raises depends on the version
        mend = "Install Java 17 or later (Debian: default-jre-headless) and set JAVA_HOME."
        raise Refusal(f"Spark could not be started: {error}.", mend) from error
    session.sparkContext.setLogLevel("ERROR")
    return ibis.pyspark.connect(session)


def from_memory(parts: dict[str, pa.Table], connection: BaseBackend) -> dict[str, Table]:
    """Tables held in memory, given to the engine and ready to be asked."""
    return ready({name: held(f"held_{name}", table, connection) for name, table in parts.items()}, connection)


def held(name: str, table: pa.Table, connection: BaseBackend) -> Table:
    """A table in memory, given to the engine for as long as it runs."""
    if connection.name == "duckdb":
        return connection.create_table(name, table, overwrite=True)  # in memory, and every cursor sees it
    # Spark would write a table of its own into the present folder; a file that it only reads leaves nothing behind.
    folder = Path(tempfile.mkdtemp(prefix="inconcert-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    pq.write_table(table, folder / f"{name}.parquet")
    return connection.read_parquet(str(folder / f"{name}.parquet"))


def from_files(cohort: Cohort, connection: BaseBackend) -> tuple[dict[str, Table], tuple[BadRows, ...]]:
    """The tables of a cohort on disk, ready to be asked, and what was left out of them.

    Only the columns asked for are read. A cohort that our own writer made is not sifted again.
    """
    tables = {name: connection.read_parquet(path) for name, path in cohort.files.items()}
    bad: tuple[BadRows, ...] = ()
    if not cohort.sifted:
        tables, bad = sift(tables, connection)
    return ready(tables, connection), bad


def _refuse_too_many(trials: Table, connection: BaseBackend) -> None:
    """Raise Refusal for a person with more trials than can be counted, before a count runs over into another one."""
    if connection.to_pyarrow(trials.aggregate(rows=_.count())).to_pylist()[0]["rows"] <= MOST_TRIALS:
        return
    many = trials.group_by("person").aggregate(rows=_.count()).filter(_.rows > MOST_TRIALS).limit(1)
    for row in connection.to_pyarrow(many).to_pylist():
        problem = f"trials: person {row['person']} has {row['rows']:,}; {MOST_TRIALS:,} can be counted."
        raise Refusal(problem, "Nobody tried so many drugs: number each person apart, and write each trial once.")


def ready(tables: dict[str, Table], connection: BaseBackend) -> dict[str, Table]:
    """The tables with what is looked up for every row."""
    if "trials" not in tables:
        return tables
    _refuse_too_many(tables["trials"], connection)
    book = held("drug_book", drug_book_table(), connection)
    return {**tables, "trials": in_numbers(tables["trials"], book)}
