"""A payer's refusal as a clinic writes it down: a small YAML file, so that nothing of it need stand in a command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from inconcert.exchange.packet.types import Denial
from inconcert.knowledge import loader, strict_yaml
from inconcert.knowledge.loader import Entry
from inconcert.knowledge.strict_yaml import KnowledgeError

MAX_REASON = 2000  # characters: a reason, not the notice itself


class DenialFile(Entry):
    """The file: the criterion refused, the reason in the payer's words, the day and the reference number."""

    criterion: str = ""
    reason: str = ""
    date: str = ""
    reference: str = ""


def read_denial(path: Path | str) -> Denial:
    """Read a refusal. Raises KnowledgeError naming file, line, what is wrong and what would mend it."""
    data = strict_yaml.read(Path(path))
    text = Path(path).read_text(encoding="utf-8")
    told = loader.convert({} if data is None else data, DenialFile, str(path), text=text)
    if len(told.reason) > MAX_REASON:
        line = strict_yaml.line_of(text, "$.reason")
        raise KnowledgeError(str(path), line, f"The reason is longer than {MAX_REASON} characters.", "Give its gist.")
    return Denial(
        criterion=told.criterion, reason=told.reason, on=_day(told.date, str(path), text), reference=told.reference
    )


def _day(written: str, file: str, text: str) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        line = strict_yaml.line_of(text, "$.date")
        raise KnowledgeError(file, line, f"{written!r} is not a day that exists.", "Write it as YYYY-MM-DD.") from error
