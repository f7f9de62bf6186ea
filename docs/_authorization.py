"""The reference page of the payers' clocks: states and moves from the code, limits from the knowledge files."""

from __future__ import annotations

from _library import source_list
from _pages import cell, table

INTRO = """# Authorizations: states, moves and time limits

Generated from the table of moves in `inconcert.payers.authorization.moves` and from `knowledge/files/payers/authorization`.
What it is for, and how it counts, stands in [Payers' clocks](../../explanation/payers-clocks.md). *Recalled* means from memory: check
it before relying on it. None of this is legal advice.

```{image} ../../_static/authorization-states.svg
:alt: The states of an authorization and what leads from one to the next, as the table below lists them.
:width: 100%
```

"""


def authorization_page() -> str:
    """States, moves, kinds of plan, time limits, what counts as a unit, and the desk's own warnings."""
    from inconcert.payers.authorization.files import clock_rules, desk_settings, payer_kinds, unit_countings
    from inconcert.payers.authorization.moves import STATE_WORDS

    kinds = payer_kinds()
    parts = [
        INTRO,
        "## States\n\n" + table(("state", "meaning"), ((s.value, words) for s, words in STATE_WORDS.items())),
        "## Moves\n\n" + _moves(),
        "## Kinds of plan\n\n"
        + table(
            ("id", "kind", "how to tell", "status"),
            ((f"`{k.id}`", cell(k.name), cell(k.how_to_tell), k.status.value) for k in kinds.values()),
        ),
        "## Time limits\n",
    ]
    for rule in clock_rules():
        held = " ".join(
            p for p in (f"from {rule.since}" if rule.since else "", f"until {rule.until}" if rule.until else "") if p
        )
        limits = "; ".join(
            f"{limit.words} ({name})"
            for name, limit in (("standard", rule.standard), ("urgent", rule.expedited))
            if limit
        )
        parts.append(
            f"### {rule.id}\n\n{rule.text}\n\n*{rule.clock.replace('_', ' ')}*, {limits}{', ' + held if held else ''}, for "
            f"{', '.join(kinds[k].name for k in rule.payer_kinds)}. Status: {rule.status.value}.\n\n{source_list(rule.as_sources)}"
        )
    counted = (
        (f"`{c.id}`", ", ".join(c.services), ", ".join(c.units), cell(c.text), c.status.value) for c in unit_countings()
    )
    parts.append("## What counts as a unit\n\n" + table(("id", "treatments", "units", "how", "status"), counted))
    warned = (
        (f"`{s.id}`", cell(s.name), f"{s.default} {s.unit}", f"{s.least} to {s.most}", cell(s.text))
        for s in desk_settings().values()
    )
    parts.append("## The desk's warnings\n\n" + table(("id", "warning", "our default", "range", "about"), warned))
    return "\n".join(parts)


def _moves() -> str:
    from inconcert.payers.authorization.facts import FACTS
    from inconcert.payers.authorization.moves import MOVES

    def said(names: tuple[str, ...]) -> str:
        return ", ".join(FACTS[name].label for name in names)

    rows = (
        (
            f"`{m.id}`", cell(m.done), ", ".join(s.value for s in m.before) or "nothing",
            m.after.value if m.after else "(stays)", m.by.value, cell(said(m.needs)), cell(said(m.may)),
        )
        for m in MOVES
    )  # fmt: skip
    return table(("id", "move", "from", "to", "by", "needs", "may carry"), rows)
