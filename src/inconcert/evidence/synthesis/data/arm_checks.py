"""What the numbers of arms cannot be, and two arms of one treatment pooled into one."""

from __future__ import annotations

import math
from collections.abc import Sequence

Names = tuple[str, ...]


def wrong_weight(weight: float) -> str:
    """Why the weight cannot enter, or an empty text."""
    if weight == 0:
        return "its weight is 0, which leaves it out"
    if not 0 < weight <= 1:
        return f"the weight is {weight:g}. Mend: give a weight from 0 (left out) to 1 (counts in full)."
    return ""


def wrong_sizes(n: Sequence[float]) -> tuple[int, str] | None:
    """The first arm whose size cannot be, and why."""
    for arm, size in enumerate(n):
        if not (size == size // 1 and size > 0):
            return arm, f"n is {size:g}. Mend: n is the number of people analyzed in the arm, a whole number above 0"
    return None


def wrong_events(events: Sequence[float], n: Sequence[float]) -> tuple[int, str] | None:
    """The first arm whose count cannot be, and why."""
    for arm, (count, size) in enumerate(zip(events, n, strict=True)):
        if not (count == count // 1 and count >= 0):
            return arm, _why_no_count(count, size)
        if count > size:
            return arm, (
                f"{count:g} events among {size:g} people cannot be. Mend: check events and n (swapped, or a percentage?)"
            )
    return None


def _why_no_count(count: float, size: float) -> str:
    if 0 < count < 1:
        return (
            f"events is {count:g}, which looks like a proportion. Mend: give the count of people"
            f" ({count:g} of {size:g} would be {count * size:.3g})"
        )
    hint = f", not a percentage ({count:g} % of {size:g} would be {count * size / 100:.3g})" if 1 < count < 100 else ""
    return f"events is {count:g}. Mend: give the count of people with the event, a whole number from 0 to n{hint}"


def wrong_means(means: Sequence[float], sds: Sequence[float]) -> tuple[int, str] | None:
    """The first arm whose mean or standard deviation cannot be, and why."""
    for arm, (mean, sd) in enumerate(zip(means, sds, strict=True)):
        if not math.isfinite(mean):
            return arm, f"the mean is {mean:g}. Mend: give the mean of the arm as a number"
        if not 0 < sd < math.inf:
            return arm, (
                f"the standard deviation is {sd:g}. Mend: give one above 0"
                " (standard error of the mean times the square root of n, where only that is printed)"
            )
    return None


def pooled_counts(
    names: Names, n: Sequence[float], events: Sequence[float]
) -> tuple[Names, list[float], list[float], str]:
    """One arm per treatment in order of first appearance, counts summed; the note says which."""
    groups = arms_by_treatment(names)
    return (
        tuple(groups),
        [sum(n[i] for i in members) for members in groups.values()],
        [sum(events[i] for i in members) for members in groups.values()],
        pooled_note(groups, n),
    )


def pooled_means(
    names: Names, n: Sequence[float], means: Sequence[float], sds: Sequence[float]
) -> tuple[Names, list[float], list[float], list[float], str]:
    """One arm per treatment, with the mean and standard deviation that all its people together have.

    Formula: N = sum n, M = sum(n m) / N, SD^2 = (sum((n - 1) sd^2) + sum(n (m - M)^2)) / (N - 1) (sums of squares within and
    between; textbook).
    """
    groups = arms_by_treatment(names)
    sizes: list[float] = []
    pooled: list[float] = []
    spreads: list[float] = []
    for members in groups.values():
        if len(members) == 1:
            (only,) = members
            size, mean, spread = n[only], means[only], sds[only]
        else:
            size = sum(n[i] for i in members)
            mean = math.fsum(n[i] * means[i] for i in members) / size
            squares = math.fsum((n[i] - 1) * sds[i] ** 2 + n[i] * (means[i] - mean) ** 2 for i in members)
            spread = math.sqrt(squares / (size - 1))
        sizes.append(size)
        pooled.append(mean)
        spreads.append(spread)
    return tuple(groups), sizes, pooled, spreads, pooled_note(groups, n)


def arms_by_treatment(names: Names) -> dict[str, list[int]]:
    """Positions of the arms of each treatment, in order of first appearance."""
    groups: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        groups.setdefault(name, []).append(position)
    return groups


def pooled_note(groups: dict[str, list[int]], n: Sequence[float]) -> str:
    """Which treatments had several arms that are now one."""
    named = ", ".join(
        f"{len(members)} arms of {name} (n {' and '.join(f'{n[i]:g}' for i in members)})"
        for name, members in groups.items()
        if len(members) > 1
    )
    return f"pooled into one: {named}; if these are the same people counted twice, keep one row"
