"""`inconcert network`: pairwise, network and component meta-analysis of a reader's own file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inconcert.cli.console import MISUSE, fail, need, say, say_json
from inconcert.cli.drawn import FunnelOption, NetworkPictureOption, PictureOption, draw, refuse_undrawable

if TYPE_CHECKING:
    from inconcert.evidence.synthesis.data.types import Scale
    from inconcert.evidence.synthesis.models.ask import NetworkResult
    from inconcert.evidence.synthesis.models.fit import Fit
    from inconcert.evidence.synthesis.models.heterogeneity import TauMethod

NO_COMPONENTS = "none"
AlsoOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Ask also: interactions, sets (of interactions), agreement, direct, studies or needed. May be repeated."
    ),
]
BetterOption = Annotated[str | None, typer.Option(help="Rank the treatments: `higher` or `lower` is better.")]
ByOption = Annotated[str | None, typer.Option(metavar="COLUMN", help="Let effects depend on this column of the file.")]
OnOption = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="With --by: the component that depends. May be repeated.")
]


def network(
    data: Annotated[
        Path,
        typer.Argument(
            help="CSV of arms (study, treatment, n, events | mean, sd) or contrasts (treat1, treat2, TE, seTE)."
        ),
    ],
    *,
    measure: Annotated[str | None, typer.Option(help="OR, RR or RD of counts; MD or SMD of means.")] = None,
    components: Annotated[
        str, typer.Option(help="What joins components in a treatment's name; `none` for whole treatments only.")
    ] = "+",
    interaction: Annotated[
        list[str] | None, typer.Option(metavar="A*B", help="An interaction of components. May be repeated.")
    ] = None,
    inactive: Annotated[str | None, typer.Option(help="The treatment without effect, such as placebo.")] = None,
    tau: Annotated[str, typer.Option(help="dl, reml, ml or pm; or tau itself as a number.")] = "dl",
    hartung_knapp: Annotated[bool, typer.Option(help="Random-effects intervals by Hartung and Knapp.")] = False,
    level: Annotated[float, typer.Option(help="Coverage of the intervals.")] = 0.95,
    small_studies: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Ask what may be missing from the studies that compared A with B."),
    ] = None,
    even_if_few: Annotated[
        bool, typer.Option("--even-if-few", help="Test small studies where there are fewer than ten, too.")
    ] = False,
    also: AlsoOption = None,
    better: BetterOption = None,
    by: ByOption = None,
    on: OnOption = None,
    picture: PictureOption = None,
    network_picture: NetworkPictureOption = None,
    funnel: FunnelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON at full precision.")] = False,
) -> None:
    """Fit a network of treatments, or of their components, to a file of studies.

    Example: inconcert network arms.csv --measure OR --inactive placebo --interaction ketamine*tms --json
    """
    refuse_undrawable(picture, network_picture, funnel)
    _refuse_idle(on, by, small_studies, even_if_few=even_if_few)
    try:
        from inconcert.evidence.synthesis.data.file import read_network
        from inconcert.evidence.synthesis.data.types import NetworkError
        from inconcert.evidence.synthesis.models.ask import ask_network
        from inconcert.exchange.evidence.network_json import network_as_plain
        from inconcert.exchange.evidence.network_text import network_as_text
    except ImportError as error:
        need("science", error)
    try:
        scale = None if measure is None else _scale(measure)
        found = read_network(data, scale=scale)
        asked = ask_network(
            found,
            separator=None if components == NO_COMPONENTS else components,
            interactions=tuple(interaction or ()),
            inactive=inactive,
            tau=_tau(tau),
            hartung_knapp=hartung_knapp,
            level=level,
        )
        looked = _looked(asked.standard, small_studies, anyway=even_if_few)
        more = _more(asked, also or [], better, by, on or [])
        draw(asked, picture, network_picture, funnel)
    except NetworkError as error:
        fail(str(error), MISUSE)
    if as_json:
        say_json({**network_as_plain(asked), **({} if looked is None else {"small_studies": looked[0]}), **more[0]})
    else:
        say("\n\n".join([network_as_text(asked), *([] if looked is None else [looked[1]]), *more[1]]))


def _refuse_idle(on: list[str] | None, by: str | None, pair: tuple[str, str] | None, *, even_if_few: bool) -> None:
    """End the command where an option would be passed over in silence, because the one that it belongs to is missing."""
    if on and by is None:
        fail(
            "--on says of which components an effect depends on a column, and no column is named. Mend: add --by.",
            MISUSE,
        )
    if even_if_few and pair is None:
        fail("--even-if-few is about the checks on small studies. Mend: add --small-studies A B.", MISUSE)


def _looked(model: Fit, pair: tuple[str, str] | None, *, anyway: bool) -> tuple[dict[str, Any], str] | None:
    """The checks on the small studies of one comparison, as plain data and as text; loaded only when asked for."""
    if pair is None:
        return None
    from inconcert.evidence.synthesis.trust.look import small_studies_of
    from inconcert.exchange.evidence.small_studies import small_studies_as_plain, small_studies_as_text

    found = small_studies_of(model, *pair, anyway=anyway)
    return small_studies_as_plain(found), small_studies_as_text(found, model.network.scale)


def _more(
    asked: NetworkResult, also: list[str], better: str | None, by: str | None, on: list[str]
) -> tuple[dict[str, Any], list[str]]:
    """Further questions, as plain data and as text; loaded only when asked for."""
    if not (also or better or by):
        return {}, []
    from inconcert.evidence.synthesis.data.types import NetworkError
    from inconcert.evidence.synthesis.models.more import Also, ask_more
    from inconcert.evidence.synthesis.models.ranking import Better
    from inconcert.exchange.evidence.more_json import more_as_plain
    from inconcert.exchange.evidence.more_text import more_as_text

    unknown = [name for name in also if name not in set(Also)]
    if unknown:
        raise NetworkError(f"--also {unknown[0]!r} is not known. Mend: use one of {', '.join(Also)}.")
    if better is not None and better not in set(Better):
        raise NetworkError(f"--better {better!r} is not known. Mend: use one of {', '.join(Better)}.")
    more = ask_more(
        asked, [Also(name) for name in also], better=None if better is None else Better(better), by=by, on=on
    )
    return more_as_plain(more), [more_as_text(more)]


def _scale(text: str) -> Scale:
    from inconcert.evidence.synthesis.data.types import NetworkError, Scale

    try:
        return Scale(text.upper())
    except ValueError:
        raise NetworkError(f"--measure {text!r} is not known. Mend: use one of {', '.join(Scale)}.") from None


def _tau(text: str) -> TauMethod | float:
    """A method's name, or a number."""
    from inconcert.evidence.synthesis.data.types import NetworkError
    from inconcert.evidence.synthesis.models.heterogeneity import TauMethod

    try:
        return TauMethod(text.lower())
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise NetworkError(
            f"--tau {text!r} is neither a method nor a number. Mend: use one of {', '.join(TauMethod)}, or tau such as 0.2."
        ) from None
