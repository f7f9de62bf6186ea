"""`inconcert demo | synthetic | schema | version`."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from inconcert.cli.console import need, say, say_json


def demo(
    host: Annotated[
        str, typer.Option(help="Address to listen on; the demonstration stays on this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="First port to try.")] = 8000,
    data_dir: Annotated[Path, typer.Option(help="Where the demonstration keeps its database.")] = Path(
        ".inconcert-demo"
    ),
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Throw the demonstration's database away and seed it anew.")
    ] = False,
) -> None:
    """Start the seeded demonstration clinic (about 30 invented people) and print its address and accounts."""
    if importlib.util.find_spec("django") is None:
        need("all", ImportError(name="django"))
    # The two doors do not import each other: the site is started as the program it is, in this one's place.
    # -P: a folder of the user's that happens to be called yaml must not be taken for the library.
    site = [sys.executable, "-P", "-m", "inconcert.web.demo"]
    options = ["--host", host, "--port", str(port), "--data-dir", str(data_dir)]
    sys.stdout.flush()
    os.execv(sys.executable, [*site, *options, *(["--fresh"] if fresh else [])])  # noqa: S606 - no shell, our own module


def synthetic(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write the invented people into, as FHIR.")],
) -> None:
    """Write the demonstration clinic's invented people as FHIR: one bundle a person, and one bulk folder."""
    from inconcert.synthetic import write_clinic

    written = write_clinic(folder)
    people = sum(path.suffix == ".json" for path in written)  # the rest is the same people as a bulk folder
    say(f"{people} invented people written to {folder}")


def schema() -> None:
    """Write the JSON Schema of `inconcert assess --json`."""
    from inconcert.assessment import json_schema

    say_json(json_schema())


def version() -> None:
    """Say which version this is."""
    from inconcert import __version__

    say(f"inconcert {__version__}")
