"""A fitted network as lines for a terminal: what each part does, what cannot be said, what was left out."""

from __future__ import annotations

import math
import textwrap

from inconcert.evidence.synthesis.data.types import Network
from inconcert.evidence.synthesis.models.ask import NetworkResult
from inconcert.evidence.synthesis.models.fit import Effects, Estimate, Fit, QTest
from inconcert.evidence.synthesis.models.what_would_identify import in_short

_WIDTH = 31  # of the drawn intervals, an odd number so that no effect has a place of its own
_ALMOST_SURE = 0.001
_COLUMNS = 100
_NEEDED = 8  # sentences that a terminal shows


def network_as_text(result: NetworkResult) -> str:
    """The result in words, tables and drawn intervals (random effects)."""
    model, network = result.model, result.network
    design, random = model.design, model.random
    lines = [_first_line(result), ""]
    method = model.tau_method.words if model.tau_method else "given"
    tau = "cannot be estimated" if model.tau2 is None else f"{math.sqrt(model.tau2):.3g}"
    kind = f"random effects (tau {tau}, {method})"
    if result.has_components:
        shown = {name: random.parameters[name] for name in design.components}
        against = f" beside {design.inactive}" if design.inactive else ""
        lines += [f"What each component adds{against}: {network.scale.words}, {kind}"]
        lines += [*_table(network, shown), ""]
        if design.interactions:
            lines.append("Interactions: what the parts do together beyond their sum")
            lines += [*_table(network, {t.label: random.parameters[t.label] for t in design.interactions}), ""]
        several = {n: e for n, e in random.combinations.items() if design.separator and design.separator in n}
        if several:
            lines += [f"Treatments of several components{against.replace('beside', 'against')}"]
            lines += [*_table(network, several), ""]
    else:
        against = design.treatments[0]
        lines.append(f"Each treatment against {against}: {network.scale.words}, {kind}")
        lines += [*_table(network, _against_first(random)), ""]
    lines += _needed_lines(result)
    lines += _fit_lines(result)
    if network.excluded:
        lines += ["", f"Left out: {len(network.excluded)}"]
        lines += [f"  {row.study}: {row.why}" for row in network.excluded]
    notes = [*network.notes, *model.notes]
    if notes:
        lines += ["", *(f"Note: {note}" for note in dict.fromkeys(notes))]
    return "\n".join(lines)


def _first_line(result: NetworkResult) -> str:
    network, design = result.network, result.model.design
    parts = [f"{len(network.studies)} studies", f"{len(design.treatments)} treatments"]
    if result.has_components:
        parts.append(f"{len(design.components)} components")
    missing = [name for name, value in result.model.random.parameters.items() if value is None]
    said = ", ".join(parts) + "."
    if result.has_components and missing:
        said += f" These studies cannot give: {', '.join(missing)}."
    return said


def _needed_lines(result: NetworkResult) -> list[str]:
    """For what cannot be given, the study that would: by column, or between the parts of a network that no study links."""
    if not result.has_components:
        return _islands(result.model)
    told = list(in_short(result.model).values())
    if not told:
        return []
    lines = ["What these studies cannot give, and a study that would"]
    lines += [_wrapped(said) for said in told[:_NEEDED]]
    if len(told) > _NEEDED:
        lines.append(f"  ... and {len(told) - _NEEDED} more; --json says it of each.")
    return [*lines, ""]


def _islands(model: Fit) -> list[str]:
    """Parts of a network of whole treatments; between two of them nothing can be compared."""
    names, possible = model.design.treatments, model.common.possible
    parts = list(dict.fromkeys(tuple(n for n, known in zip(names, row, strict=True) if known) for row in possible))
    if len(parts) < 2:
        return []
    return [
        f"No study links these {len(parts)} parts, so nothing of one is compared with anything of another:",
        *(_wrapped(", ".join(part)) for part in parts),
        "A study of a treatment of one part against a treatment of another would link the two.",
        "",
    ]


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _COLUMNS, initial_indent="  ", subsequent_indent="    ")


def _against_first(effects: Effects) -> dict[str, Estimate | None]:
    names = effects.design.treatments
    column = [row[0] for row in effects.league_estimates()]
    return dict(list(zip(names, column, strict=True))[1:])


def _table(network: Network, rows: dict[str, Estimate | None]) -> list[str]:
    """One line for each: name, value with interval, p, and the interval drawn on one axis."""
    known = [value for value in rows.values() if value is not None]
    reach = max((abs(edge) for e in known for edge in (e.lower, e.upper) if math.isfinite(edge)), default=1.0) or 1.0
    width = max((len(name) for name in rows), default=0)
    lines = []
    for name, value in rows.items():
        if value is None:
            lines.append(f"  {name:{width}}  cannot be estimated from these studies")
            continue
        numbers = " to ".join(shown(network, edge) for edge in (value.lower, value.upper))
        lines.append(
            f"  {name:{width}}  {shown(network, value.estimate):>7} ({numbers:^17})  p {p_text(value.p):>6}"
            f"  {_drawn(value, reach).rstrip()}"
        )
    return lines


def shown(network: Network, value: float) -> str:
    """A number of the network's scale as it is printed: ratios as ratios."""
    if not network.scale.is_ratio:
        return f"{value:+.2f}"
    return f"{math.exp(value):.2f}" if value < math.log(1000) else "> 1000"


def p_text(p: float | None) -> str:
    """A p value as it is printed; a dash where there is none."""
    if p is None:
        return "-"
    return "<0.001" if p < _ALMOST_SURE else f"{p:.3f}"


def _drawn(value: Estimate, reach: float) -> str:
    """An interval as characters; the bar in the middle is no effect."""

    def place(at: float) -> int:
        return round((at / reach + 1) / 2 * (_WIDTH - 1))

    line = [" "] * _WIDTH
    for at in range(place(value.lower), place(value.upper) + 1):
        line[at] = "─"
    line[_WIDTH // 2] = "│" if line[_WIDTH // 2] == " " else "┼"
    line[place(value.estimate)] = "●"
    return "".join(line)


def _fit_lines(result: NetworkResult) -> list[str]:
    model = result.model
    lines = [f"Do the studies agree? {q_text(model.q_total)} for whole treatments."]
    if result.has_components:
        difference = model.q_difference
        if difference.p is None:
            lines.append(
                "Does adding up fit? These studies cannot tell: the component model fits as the standard model does."
            )
        else:
            lines.append(f"Does adding up fit? {q_text(difference)} more than for whole treatments.")
    if model.i2 is not None:
        lines.append(f"Share of variation beyond chance (I2): {100 * model.i2:.0f}%.")
    return lines


def q_text(test: QTest) -> str:
    """A sum of squares with its degrees of freedom and p."""
    return "Q has no degrees of freedom" if test.p is None else f"Q {test.value:.2f}, df {test.df}, p {p_text(test.p)}"
