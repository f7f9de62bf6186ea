"""`inconcert demo | synthetic | schema | version`."""

from __future__ import annotations

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
    try:
        from inconcert.web.demo import run_demo
    except ImportError as error:
        need("all", error)
    run_demo(host=host, port=port, data_dir=data_dir, fresh=fresh)


def synthetic(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write the invented people into, as FHIR.")],
) -> None:
    """Write the demonstration clinic's invented people as FHIR: one bundle a person, and one bulk folder."""
    from inconcert.synthetic import write_clinic

    written = write_clinic(folder)
    say(f"{len(written)} invented people written to {folder}")


def schema() -> None:
    """Write the JSON Schema of `inconcert assess --json`."""
    from inconcert.assessment import json_schema

    say_json(json_schema())


def version() -> None:
    """Say which version this is."""
    from inconcert import __version__

    say(f"inconcert {__version__}")
