"""What all commands share: where words go, how a failure ends, how JSON is written."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any, NoReturn

import msgspec
import typer

NOTHING_USABLE = 1
MISUSE = 2


def say(text: str) -> None:
    """Write data to standard output. A reader that closed the pipe early (`| head`) is not an error."""
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None


def warn(text: str) -> None:
    """Write a remark to standard error."""
    sys.stderr.write(text.rstrip("\n") + "\n")


def fail(text: str, code: int = NOTHING_USABLE) -> NoReturn:
    """End the command with a message on standard error."""
    warn(f"inconcert: {text}")
    raise typer.Exit(code)


def say_json(value: Any) -> None:
    """Write a value as indented JSON."""
    say(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def parse_day(text: str | None, option: str = "--as-of") -> date:
    """The day a question is asked for; today where none was given. Ends the command if it is not a date."""
    if text is None:
        return date.today()  # noqa: DTZ011 - a person's own calendar day, as they would write it
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text!r} is not a day that exists. Mend: write it as YYYY-MM-DD.", MISUSE)


def need(extra: str, error: ImportError) -> NoReturn:
    """End the command because an optional part is not installed."""
    fail(f"this needs a part that is not installed ({error.name}). Mend: pip install 'inconcert[{extra}]'", MISUSE)
