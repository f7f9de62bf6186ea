"""The engines that answer: DuckDB on one machine, Spark where one machine is outgrown. The questions are the same."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from inconcert.judgement import Refusal
from inconcert.population.tables import Cohort
from inconcert.population.trials import with_drug_book

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
    builder = (
        SparkSession.builder.master(f"local[{threads or '*'}]").appName("inconcert")
        .config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
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


def from_memory(parts: dict[str, pa.Table]) -> dict[str, Table]:
    """Tables held in memory, ready to be asked."""
    return ready({name: ibis.memtable(table) for name, table in parts.items()})


def from_files(cohort: Cohort, connection: BaseBackend) -> dict[str, Table]:
    """The tables of a cohort on disk, ready to be asked; only the columns asked for are read."""
    return ready({name: connection.read_parquet(path) for name, path in cohort.files.items()})


def ready(tables: dict[str, Table]) -> dict[str, Table]:
    """The tables with what is looked up for every row."""
    if "trials" in tables:
        tables = {**tables, "trials": with_drug_book(tables["trials"])}
    return tables
