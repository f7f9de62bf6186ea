"""The diagram of states, drawn from the table of moves: nothing in it is written by hand but where each box stands."""

from __future__ import annotations

from html import escape

from inconcert.payers.authorization.moves import MOVES, Actor, AuthorizationMove, AuthorizationState

_S = AuthorizationState
PLACES: dict[AuthorizationState, tuple[float, float]] = {
    _S.DRAFT: (0, 1), _S.SENT: (1, 1), _S.PENDED: (1, 0), _S.APPROVED: (2, 0), _S.DENIED: (2, 2), _S.OVERTURNED: (3, 1),
    _S.APPEALED: (3, 2), _S.EXPIRED: (4, 1), _S.UPHELD: (4, 2),
}  # fmt: skip
_COLUMN, _ROW, _LEFT, _TOP, _WIDE, _HIGH = 225, 120, 140, 60, 146, 50
_BAR_Y = _TOP + 3 * _ROW - 20
_RIGHT = _LEFT + 4 * _COLUMN
_COLORS = {Actor.US: "#17505f", Actor.PAYER: "#8c4a0e", Actor.CALENDAR: "#52646b"}
_FONT = "font-family=\"system-ui, 'Liberation Sans', Arial, sans-serif\""


def state_diagram() -> str:
    """The diagram as an SVG document; the same table gives the same text."""
    edges: dict[tuple[AuthorizationState, AuthorizationState], list[AuthorizationMove]] = {}
    for move in MOVES:
        for before in move.before:
            if move.after is not None and move.after is not before:
                edges.setdefault((before, move.after), []).append(move)
    parts = [_head(), *(_edge(pair, moves, (pair[1], pair[0]) in edges) for pair, moves in edges.items()), _start()]
    parts += [_box(state) for state in AuthorizationState if state in PLACES]
    parts += [_bar(), *_legend(), "</svg>"]
    return "\n".join(part for part in parts if part) + "\n"


def in_words() -> str:
    """The diagram as text, for whoever cannot see it."""
    lines = []
    for move in MOVES:
        after = move.after.value if move.after else "the same state"
        before = ", ".join(state.value for state in move.before) or "nothing"
        lines.append(f"{move.done}: from {before} to {after}.")
    return " ".join(lines)


def _head() -> str:
    wide, high = _RIGHT + 110, _BAR_Y + 112
    markers = "".join(
        f'<marker id="end-{actor.value}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{color}"/></marker>'
        for actor, color in _COLORS.items()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" {_FONT} font-size="13">\n'
        f"<title>States of an authorization</title><desc>{escape(in_words())}</desc>\n"
        f'<defs>{markers}</defs><rect width="{wide}" height="{high}" fill="#ffffff"/>'
    )


def _center(state: AuthorizationState) -> tuple[float, float]:
    column, row = PLACES[state]
    return _LEFT + column * _COLUMN, _TOP + row * _ROW


def _box(state: AuthorizationState) -> str:
    x, y = _center(state)
    stays = [
        m.id for m in MOVES if m.after is None and state in m.before and len(m.before) < len(AuthorizationState) - 1
    ]
    lift = -5 if stays else 5
    inner = (
        f'<text x="{x:g}" y="{y + 13:g}" text-anchor="middle" font-size="10" fill="#52646b">{" · ".join(stays)}</text>'
    )
    return (
        f'<g><rect x="{x - _WIDE / 2:g}" y="{y - _HIGH / 2:g}" width="{_WIDE}" height="{_HIGH}" rx="8" fill="#f4f7f7" '
        f'stroke="#17505f" stroke-width="1.5"/><text x="{x:g}" y="{y + lift:g}" text-anchor="middle" font-weight="600">'
        f"{state.value}</text>{inner if stays else ''}</g>"
    )


def _start() -> str:
    x, y = _center(_S.DRAFT)
    first = next(m for m in MOVES if not m.before)
    left = x - _WIDE / 2
    return (
        f'<circle cx="{left - 44:g}" cy="{y:g}" r="6" fill="{_COLORS[first.by]}"/>'
        + _line([(left - 38, y), (left, y)], first)
        + _label(left - 20, y - 10, first.id, first)
    )


def _edge(pair: tuple[AuthorizationState, AuthorizationState], moves: list[AuthorizationMove], paired: bool) -> str:
    before, after = pair
    move, name = moves[0], ", ".join(m.id for m in moves)
    if after not in PLACES:
        return _to_bar(before, move)
    (x1, y1), (x2, y2) = _center(before), _center(after)
    dx, dy = x2 - x1, y2 - y1
    length = (dx * dx + dy * dy) ** 0.5
    aside = 14 if paired else 0
    shift_x, shift_y = -dy / length * aside, dx / length * aside
    start = _leave(x1 + shift_x, y1 + shift_y, dx, dy, (x1, y1))
    end = _leave(x2 + shift_x, y2 + shift_y, -dx, -dy, (x2, y2))
    if paired and abs(dx) < 1:  # two lines up and down: each name on its own side
        side = 1 if dy < 0 else -1
        label_x, label_y = start[0] + side * (6 + 3.3 * len(name)), (start[1] + end[1]) / 2 + 4
    else:
        at = (
            0.5 if abs(dy) < 1 else 0.35 if abs(dy) <= _ROW else 0.6
        )  # near the start, where lines that cross are still apart
        label_x, label_y = start[0] + (end[0] - start[0]) * at, start[1] + (end[1] - start[1]) * at
        label_y += -5 if abs(dy) < 1 else 4
    return _line([start, end], move) + _label(label_x, label_y, name, move)


def _leave(x: float, y: float, dx: float, dy: float, center: tuple[float, float]) -> tuple[float, float]:
    """Where a line from inside a box crosses its border."""
    ways = []
    for delta, position, middle, half in ((dx, x, center[0], _WIDE / 2), (dy, y, center[1], _HIGH / 2)):
        if abs(delta) > 1e-9:
            ways.append(((middle + (half if delta > 0 else -half)) - position) / delta)
    t = min(ways)
    return x + dx * t, y + dy * t


def _to_bar(state: AuthorizationState, move: AuthorizationMove) -> str:
    """Down to the bar at the foot; around the box below where there is one."""
    x, y = _center(state)
    below = [p for s, p in PLACES.items() if p[0] == PLACES[state][0] and p[1] > PLACES[state][1]]
    if not below:
        return _line([(x, y + _HIGH / 2), (x, _BAR_Y)], move, thin=True)
    side = x - _WIDE / 2
    return _line([(side, y), (side - 31, y), (side - 31, _BAR_Y)], move, thin=True)


def _bar() -> str:
    return (
        f'<rect x="{_LEFT - _WIDE / 2:g}" y="{_BAR_Y}" width="{_RIGHT - _LEFT + _WIDE:g}" height="30" rx="8" fill="#eef1f2" '
        f'stroke="#52646b"/><text x="{(_LEFT + _RIGHT) / 2:g}" y="{_BAR_Y + 20}" text-anchor="middle" font-weight="600">'
        f"{_S.WITHDRAWN.value}</text>"
    )


def _line(points: list[tuple[float, float]], move: AuthorizationMove, *, thin: bool = False) -> str:
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dash = ' stroke-dasharray="5 4"' if move.by is Actor.CALENDAR else ""
    return (
        f'<path d="{path}" fill="none" stroke="{_COLORS[move.by]}" stroke-width="{1 if thin else 1.6}"{dash} '
        f'marker-end="url(#end-{move.by.value})"/>'
    )


def _label(x: float, y: float, text: str, move: AuthorizationMove) -> str:
    wide = 6.6 * len(text) + 6
    return (
        f'<rect x="{x - wide / 2:.1f}" y="{y - 11:.1f}" width="{wide:.1f}" height="15" fill="#ffffff" fill-opacity="0.9"/>'
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="12" fill="{_COLORS[move.by]}">{text}</text>'
    )


def _legend() -> list[str]:
    words = {Actor.US: "done by the clinic", Actor.PAYER: "done by the payer", Actor.CALENDAR: "by the calendar alone"}
    found = []
    for number, (actor, said) in enumerate(words.items()):
        x, y = _LEFT - _WIDE / 2 + 220 * number, _BAR_Y + 58
        dash = ' stroke-dasharray="5 4"' if actor is Actor.CALENDAR else ""
        found.append(
            f'<path d="M{x:g} {y:g} h36" fill="none" stroke="{_COLORS[actor]}" stroke-width="1.6"{dash} '
            f'marker-end="url(#end-{actor.value})"/><text x="{x + 44:g}" y="{y + 4:g}">{said}</text>'
        )
    x, y = _LEFT - _WIDE / 2, _BAR_Y + 84
    remark = (
        "Thin lines: withdraw. Small words in a box: moves that leave the state as it is. "
        "Notes and details may be added in any state."
    )
    found.append(f'<text x="{x:g}" y="{y:g}" font-size="12" fill="#52646b">{remark}</text>')
    return found
