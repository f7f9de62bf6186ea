"""Options that several commands have in common: one definition, one meaning."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inconcert.cli.console import MISUSE, fail

if TYPE_CHECKING:
    from inconcert.exchange.clinic import ClinicSettings

ReleaseOption = Annotated[
    list[str] | None,
    typer.Option(
        "--release", help="A kind of protected record that may leave (substance_use, ...); wants --consent; repeat."
    ),
]
ConsentOption = Annotated[
    str, typer.Option("--consent", help="Where the person's signed consent to --release is filed.")
]
ClinicOption = Annotated[
    Path | None,
    typer.Option(
        "--clinic",
        "--settings",
        help="The clinic's settings file: letterhead and payers' codes (inconcert pas settings writes an empty one).",
    ),
]


def settings_of(clinic: Path | None) -> ClinicSettings:
    """The clinic's settings, all blank where no file is named. Ends the command where the file has a mistake."""
    from inconcert.exchange.clinic import read_clinic
    from inconcert.knowledge.strict_yaml import KnowledgeError

    try:
        return read_clinic(clinic)
    except KnowledgeError as error:
        fail(str(error), MISUSE)


def released(release: Collection[str] | None, consent: str) -> frozenset[str]:
    """The kinds that may leave. Ends the command where a kind, or where its consent is filed, is not said."""
    kinds = frozenset(release or ())
    if kinds and not consent.strip():
        fail("--release wants a consent. Mend: say with --consent where the signed consent is filed.", MISUSE)
    if consent and not kinds:
        fail(
            f"--consent {consent!r} says where a consent is filed, not what it lets go. "
            "Mend: name the kind of record with --release, such as --release substance_use.",
            MISUSE,
        )
    return kinds
