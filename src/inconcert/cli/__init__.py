"""The same questions in a terminal.

Data goes to standard output, progress and warnings to standard error. Exit codes: 0 answered, 1 nothing could be
used or a check failed, 2 the command was not understood. Rooms are imported inside the commands, so that a cold start
stays under a second.
"""

from __future__ import annotations

import typer

from inconcert.cli import (
    assess,
    cohort,
    combine,
    cover,
    dtr,
    evidence,
    library,
    make,
    measures,
    network,
    packet,
    pas,
    policies,
    score,
)

app = typer.Typer(
    name="inconcert",
    help="Ketamine and TMS together, for depression that resists treatment: who, paid for, how given, does it work.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback that shows local variables would print patients' values.
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)
app.command("assess")(assess.assess)
app.command("score", context_settings={"ignore_unknown_options": True})(score.score)
app.add_typer(policies.policies, name="policies")
app.add_typer(library.protocols, name="protocols")
app.add_typer(library.scales, name="scales")
app.command("combine")(combine.combine)
app.command("cover")(cover.cover)
app.add_typer(cohort.cohort, name="cohort")
app.add_typer(evidence.evidence, name="evidence")
app.command("measures")(measures.measures)
app.command("network")(network.network)
app.command("packet")(packet.packet)
app.add_typer(pas.pas, name="pas")
app.command("dtr")(dtr.dtr)
app.command("demo")(make.demo)
app.command("synthetic")(make.synthetic)
app.command("schema")(make.schema)
app.command("version")(make.version)


def main() -> None:
    """Run the command line. A knowledge file that cannot be used ends it in one line, not in a traceback."""
    try:
        app()
    except Exception as error:
        # only now: YAML would cost every cold start a tenth of a second
        from inconcert.knowledge.strict_yaml import KnowledgeError

        if not isinstance(error, KnowledgeError):
            raise
        raise SystemExit(f"inconcert: {error}") from None
