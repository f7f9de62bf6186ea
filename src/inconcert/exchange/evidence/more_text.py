"""The answers to further questions of a network as lines for a terminal. Ratios are shown as ratios."""

from __future__ import annotations

import math
from collections.abc import Sequence

from inconcert.evidence.synthesis.data.types import Network
from inconcert.evidence.synthesis.models.fit import Estimate
from inconcert.evidence.synthesis.models.incoherence import Decomposition
from inconcert.evidence.synthesis.models.interaction_search import RankedSets
from inconcert.evidence.synthesis.models.interactions import Looks
from inconcert.evidence.synthesis.models.more import More, OfStudies
from inconcert.evidence.synthesis.models.node_split import Split
from inconcert.evidence.synthesis.models.pairwise import Pairwise
from inconcert.evidence.synthesis.models.ranking import Ranking
from inconcert.evidence.synthesis.models.regression import Regression
from inconcert.evidence.synthesis.models.what_would_identify import Identified
from inconcert.exchange.evidence.network_text import p_text, q_text, shown

_SETS_SHOWN = 10


def more_as_text(more: More) -> str:
    """What was asked, one block for each question."""
    network = more.network
    blocks: list[list[str]] = []
    if more.looks is not None:
        blocks.append(_looks(network, more.looks))
    if more.sets is not None:
        blocks.append(_sets(more.sets))
    if more.decomposition is not None:
        blocks += [_decomposition(more.decomposition), _splits(network, more.splits or ())]
    if more.direct is not None:
        blocks.append(_direct(network, more.direct))
    if more.studies is not None:
        blocks += [_of_studies(network, one) for one in more.studies]
    if more.needed is not None:
        blocks.append(_needed(more.needed))
    if more.ranking is not None:
        blocks.append(_ranking(more.ranking))
    if more.regression is not None:
        blocks.append(_regression(network, more.regression))
    return "\n\n".join("\n".join(lines) for lines in blocks)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns under one another, the first to the left."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in rows
    ]


def _interval(network: Network, one: Estimate | None) -> str:
    if one is None:
        return "no evidence"
    return f"{shown(network, one.estimate)} ({shown(network, one.lower)} to {shown(network, one.upper)})"


def _looks(network: Network, looks: Looks) -> list[str]:
    rows = [["", "beyond the sum (random effects)", "p (Q)", "p (Holm)"]]
    for look in looks.looks:
        if look.q_difference is None:
            rows.append([look.label, "cannot be estimated", "-", "-"])
        else:
            rows.append([look.label, _interval(network, look.random), p_text(look.q_difference.p), p_text(look.p_holm)])
    why = [f"  {look.label}: {look.why_not}" for look in looks.looks if look.why_not]
    if len(rows) == 1:
        return ["Interactions: no treatment of this network holds two components."]
    return ["Each interaction beside the additive model", *table(rows), *why, *([looks.note] if looks.note else [])]


def _sets(sets: RankedSets) -> list[str]:
    rows = [["", "AIC", "weight"]]
    for one in sets.candidates[:_SETS_SHOWN]:
        rows.append([", ".join(one.labels) or "effects only add", f"{one.aic:.2f}", f"{one.weight:.2f}"])
    cannot = [f"  cannot be told apart: {', '.join(labels)}" for labels in sets.unidentifiable]
    return ["Sets of interactions, best first (maximum likelihood)", *table(rows), *cannot, sets.note]


def _decomposition(found: Decomposition) -> list[str]:
    lines = [
        "Do the studies agree with one another?",
        f"  in all: {q_text(found.q_total)}",
        f"  studies of one design among themselves: {q_text(found.q_heterogeneity)}",
        f"  designs with one another: {q_text(found.q_inconsistency)}",
    ]
    if found.q_random is not None:
        lines.append(f"  designs with one another, random effects: {q_text(found.q_random)}")
    return lines


def _splits(network: Network, splits: Sequence[Split]) -> list[str]:
    rows = [["", "direct", "indirect", "p of the difference", "share direct"]]
    for one in splits:
        rows.append(
            [
                f"{one.first} against {one.second}",
                _interval(network, one.direct),
                _interval(network, one.indirect),
                "-" if one.difference is None else p_text(one.difference.p),
                f"{100 * one.share_direct:.0f}%",
            ]
        )
    return ["Direct and indirect evidence (from studies that did not compare the two)", *table(rows)]


def _direct(network: Network, found: Sequence[Pairwise]) -> list[str]:
    rows = [["", "studies", "random effects", "a new study", "tau", "I2"]]
    for one in found:
        ahead = "-" if one.prediction is None else " to ".join(shown(network, edge) for edge in one.prediction)
        tau = "-" if one.model.tau2 is None else f"{math.sqrt(one.model.tau2):.3g}"
        i2 = "-" if one.i2 is None else f"{100 * one.i2[0]:.0f}%"
        count = str(len(one.weights))
        rows.append([f"{one.first} against {one.second}", count, _interval(network, one.random), ahead, tau, i2])
    return ["Each comparison from the studies that made it", *table(rows)]


def _of_studies(network: Network, one: OfStudies) -> list[str]:
    rows = [["", "weight", "without it"]]
    for weight, without in zip(one.weights, one.without, strict=True):
        rows.append([weight.study, f"{100 * weight.random:.0f}%", _interval(network, without.without)])
    return [f"{one.asked}: how much rests on each study", *table(rows)]


def _needed(needed: Sequence[Identified]) -> list[str]:
    if not needed:
        return [
            "Nothing is missing: these studies give everything that was asked of them, interactions that occur among it."
        ]
    return ["Which study would make it known?", *(f"  {one}" for one in needed)]


def _ranking(ranking: Ranking) -> list[str]:
    lines = [f"Ranks, {ranking.better.value} is better"]
    for some in ranking.sets:
        rows = [["", "P-score", "rank", "best"]]
        for one in some:
            low, high = one.rank
            rows.append([one.treatment, f"{one.p_score:.2f}", f"{low} to {high}", f"{100 * one.best:.0f}%"])
        lines += table(rows)
    if ranking.alone:
        lines.append(f"  compared with none: {', '.join(ranking.alone)}")
    return [*lines, *([ranking.note] if ranking.note else [])]


def _regression(network: Network, found: Regression) -> list[str]:
    rows = [["", "change for one unit" if found.reference is None else f"against {found.reference}", "p"]]
    for name, one in found.slopes.items():
        rows.append(
            [name, "cannot be estimated", "-"] if one is None else [name, _interval(network, one), p_text(one.p)]
        )
    lines = [
        f"By {found.covariate.name}, in {len(found.network.studies)} studies",
        *table(rows),
        f"  all slopes: {q_text(found.q_slopes)}",
    ]
    if found.explained is not None:
        lines.append(f"  share of tau2 that it takes away: {100 * found.explained:.0f}%")
    return [
        *lines,
        *(f"  left out: {row.study} {row.why}" for row in found.excluded),
        *found.notes[len(found.without.notes) :],
    ]
