"""Pictures of a reader's network as files: what may be asked for, refused before the work or drawn after it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inconcert.cli.console import MISUSE, fail, need, warn
from inconcert.cli.new_files import refuse_unwritable

if TYPE_CHECKING:
    from inconcert.evidence.synthesis.models.ask import NetworkResult

KINDS = (".svg", ".png")
_LEAST, _EACH = 420, 26  # pixels of the circle: at least, and for each treatment on it
PictureOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Draw the forest plot to a file, .svg or .png.")
]
NetworkPictureOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Draw which treatments were compared, .svg or .png.")
]
FunnelOption = Annotated[
    tuple[str, str, Path] | None,
    typer.Option(metavar="A B FILE", help="Draw the contour-enhanced funnel of the studies of A against B."),
]


def refuse_undrawable(picture: Path | None, network_picture: Path | None, funnel: tuple[str, str, Path] | None) -> None:
    """End the command where a picture could not be written: no picture's name, a file that is there, a part not installed."""
    wanted = [
        ("--picture", picture),
        ("--network-picture", network_picture),
        ("--funnel", funnel[2] if funnel else None),
    ]
    for option, path in wanted:
        if path is not None and path.suffix.lower() not in KINDS:
            fail(f"{option}: {path} is no name of a picture. Mend: end it with .svg or .png.", MISUSE)
    refuse_unwritable(wanted)
    if any(path is not None for _, path in wanted):
        try:
            importlib.import_module("vl_convert")
        except ImportError as error:
            need("report", error)


def draw(
    asked: NetworkResult, picture: Path | None, network_picture: Path | None, funnel: tuple[str, str, Path] | None
) -> None:
    """Write the pictures that are wanted. Raises NetworkError where no study made the comparison of the funnel."""
    if picture is None and network_picture is None and funnel is None:
        return
    from inconcert.exchange.evidence.network_pictures import funnel_of, funnel_spec, network_forest_spec
    from inconcert.exchange.evidence.pictures import network_spec
    from inconcert.exchange.report.pictures import to_png, to_svg

    specs: list[tuple[Path, dict[str, Any]]] = []
    if picture is not None:
        specs.append((picture, network_forest_spec(asked)))
    if network_picture is not None:
        specs.append((network_picture, network_spec(asked, max(_LEAST, _EACH * len(asked.network.treatments)))))
    if funnel is not None:
        first, second, path = funnel
        question = f"{first} against {second}"
        specs.append((path, funnel_spec(funnel_of(asked.standard, first, second), asked.network, question)))
    for path, spec in specs:
        path.write_bytes(to_png(spec) if path.suffix.lower() == ".png" else to_svg(spec).encode())
        warn(f"Wrote {path}.")
