"""What the answers stand on: the account of the input, every rule with its sources and records, and the signature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inconcert.exchange.report.page import Block, Para, Section, bullets, table
from inconcert.exchange.report.words import READINGS, Json, day

_MOST_RECORDS = 8


def sections(assessment: Json) -> list[Section]:
    """Account, signature and the appendix of rules."""
    return [
        Section("account", "What became of the record", tuple(_account(assessment.get("account")))),
        Section("signature", "Review", tuple(_signature()), "body"),
        Section("basis", "Basis of every answer", tuple(_rules(assessment)), "appendix"),
    ]


def _account(account: Json | None) -> list[Block]:
    if not account:
        return [Para("This person did not come from a file, so there is no account of one.", "muted")]
    refused = list(account.get("refused") or ())
    kept = account.get("kept_not_used")
    count = len(kept) if isinstance(kept, list) else kept
    blocks: list[Block] = [
        Para(
            f"{account.get('resources', '?')} resources in the file: {account.get('used', '?')} used, {count} kept and not "
            f"used, {len(refused)} refused. Nothing was dropped."
        )
    ]
    for name, caption in (
        ("refused", "Refused, with what would mend it"),
        ("problems", "Read with a problem"),
        ("duplicates", "Duplicates"),
    ):
        rows = [
            (str(e.get("id")), str(e.get("path")), str(e.get("reason")), str(e.get("mend")))
            for e in account.get(name) or ()
        ]
        blocks += table(caption, ("Record", "Where", "Reason", "Mend"), rows, widths=(2, 2, 3, 3), brief=(0, 2, 3))
    entries = account.get("kept") or (kept if isinstance(kept, list) else ())
    by_reason: dict[str, int] = {}
    for entry in entries:
        by_reason[str(entry.get("reason"))] = by_reason.get(str(entry.get("reason")), 0) + 1
    return blocks + bullets("Kept and not used", [f"{n} because: {reason}" for reason, n in by_reason.items()])


def _signature() -> list[Block]:
    return [
        Para("Reviewed by (name, profession): ______________________________________________"),
        Para("Decision and reason: ________________________________________________________"),
        Para("Date and signature: _________________________________________________________"),
    ]


def _rules(assessment: Json) -> list[Block]:
    """One row a rule: version, sources by number, records used and rejected; then every source once with its number."""
    numbers: dict[str, int] = {}
    found: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    texts: dict[tuple[str, str], str] = {}
    for basis in bases(assessment.get("answers")):
        key = (str(basis["rule_id"]), str(basis.get("rule_version", "")))
        texts[key] = texts.get(key) or str(basis.get("rule_text") or "")
        entry = found.setdefault(key, {"sources": {}, "used": {}, "rejected": {}})
        for source in basis.get("sources") or ():
            number = numbers.setdefault(_source(source), len(numbers) + 1)
            entry["sources"][f"{number}{_MARKS.get(str(source.get('status', 'read')), '')}"] = None
        for use in basis.get("used") or ():
            entry["used"][f"{use.get('record_id')}{_on(use)}"] = None
        for use in basis.get("rejected") or ():
            entry["rejected"][f"{use.get('record_id')}{_on(use)} ({use.get('why')})"] = None
    rows = [
        (
            f"{rule} v{version}" + (f": {texts[rule, version]}" if texts[rule, version] else ""),
            ", ".join(entry["sources"]) or "none named",
            _few(list(entry["used"])) or "none",
            _few(list(entry["rejected"])) or "none",
        )
        for (rule, version), entry in sorted(found.items())
    ]
    blocks = table(
        f"Every rule asked, as of {day(str(assessment.get('as_of') or ''))} (R: a recalled source; D: our own default)",
        ("Rule and version", "Sources", "Records used", "Records rejected and why"),
        rows,
        widths=(3, 0.9, 3, 2.2),
    )
    listed = [(str(number), source) for source, number in numbers.items()]
    return blocks + table("Sources, and how each is known", ("No.", "Source"), listed, widths=(0.5, 9))


_MARKS = {"recalled": "R", "design": "D"}


def _source(source: Json) -> str:
    where = f", {source['where']}" if source.get("where") else ""
    status = str(source.get("status", "read"))
    return f"{source.get('ref')}{where} [{READINGS.get(status, status)}]"


def _on(use: Json) -> str:
    return f" {day(use['on'])}" if use.get("on") else ""


def _few(records: list[str]) -> str:
    more = f"; and {len(records) - _MOST_RECORDS} more (in the JSON)" if len(records) > _MOST_RECORDS else ""
    return "; ".join(records[:_MOST_RECORDS]) + more


def bases(value: Any) -> Iterator[dict[str, Any]]:
    """Every basis inside an assessment, wherever it stands."""
    if isinstance(value, dict):
        if "rule_id" in value and "as_of" in value:
            yield value
        for inner in value.values():
            yield from bases(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from bases(inner)
