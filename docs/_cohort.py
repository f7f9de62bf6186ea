"""The reference page of a cohort's tables: columns, types and meanings, from the code that reads them."""

from __future__ import annotations

from _pages import cell, table

INTRO = """# Tables of a cohort

Generated from `inconcert.population.tables`. What to do with them stands in
[Ask every policy about a population](../../how-to/ask-a-cohort.md).

Each table is `<name>.parquet`, or a folder `<name>` of such files, beside a `cohort.json` that tells the day:

```json
{"format": 1, "as_of": "2026-11-22", "invented": false, "origin": "where it came from"}
```

An answer is 1 (met), 0 (unknown) or -1 (not met). A column in **bold** must be there; any other may be absent, and then nobody was asked.

"""
SHOWN_ANSWERS = 12  # of the answers' columns; the rest follow from the intake questions in the same way


def cohort_tables_page() -> str:
    """Every table with its columns."""
    from inconcert.population.tables import columns_for

    parts = [INTRO]
    for name, columns in columns_for().items():
        shown = columns if name != "answers" else columns[: SHOWN_ANSWERS + 1]
        rows = ((f"**`{c.name}`**" if c.required else f"`{c.name}`", str(c.type), cell(c.meaning)) for c in shown)
        parts.append(f"## {name}\n\n" + table(("column", "type", "meaning"), rows))
        if name == "answers":
            rest = len(columns) - len(shown)
            parts.append(
                f"\n{rest} more in the same way: one for each question of [the intake form](library-intake.md), "
                "and the day it was answered.\n"
            )
    return "\n".join(parts)
