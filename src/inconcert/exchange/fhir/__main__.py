"""`python -m inconcert.exchange.fhir PATH`: read a chart and print what became of every resource."""

from __future__ import annotations

import sys
from collections import Counter

from inconcert.exchange.fhir import AccountEntry, ChartReading, UnreadableChart, read_chart


def printed(reading: ChartReading) -> str:
    """The account in plain text, with equal reasons counted together."""
    account = reading.account
    used, kept, refused = account.used, account.kept_not_used, account.refused_count
    lines = [
        f"people {len(reading.people)}",
        f"resources {account.resources} = used {used} + kept, not used {kept} + refused {refused}",
    ]
    for name, count in account.by_type.items():
        lines.append(f"  {name:<28}{count.resources:>6}{count.used:>6}{count.kept_not_used:>6}{count.refused:>6}")
    for title, entries in (
        ("refused", account.refused),
        ("problems", account.problems),
        ("duplicates", account.duplicates),
        ("kept", account.kept),
    ):
        lines.extend([f"{title} {len(entries)}", *_grouped(entries)])
    return "\n".join(lines)


def _grouped(entries: tuple[AccountEntry, ...]) -> list[str]:
    counts = Counter((entry.id.partition("/")[0], entry.reason) for entry in entries)
    first = {(entry.id.partition("/")[0], entry.reason): entry for entry in reversed(entries)}
    return [f"  {n:>5} × {first[key].id} {first[key].path}: {key[1]}" for key, n in counts.most_common(12)]


def main() -> int:
    """Print the account of the path given. Returns the exit code: 1 where nothing could be used."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m inconcert.exchange.fhir PATH\n")
        return 2
    try:
        reading = read_chart(sys.argv[1])
    except UnreadableChart as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(printed(reading) + "\n")
    return 0 if reading.account.used else 1


if __name__ == "__main__":
    sys.exit(main())
