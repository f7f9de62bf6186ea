"""What would turn a refusal, for the clinician's card: by when at the earliest, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from inconcert.exchange.crd.markdown import plain_text
from inconcert.judgement import Answer
from inconcert.payers.types import Determination, Route

MOST_QUESTIONS = 3  # of those that stay open; the card lists what is missing above
_MORE = "Every way, and what each rests on, is in InConcert (`inconcert assess`, the site)."


def way_lines(determination: Determination) -> list[str]:
    """The shortest way out of a refusal, best first; what stays open where it can only be lifted."""
    routes = determination.routes
    if not routes:
        text = "No set of up to three facts that are not on record yet would change this answer."
        return ["### What would change it", text, ""]
    best = routes[0]
    lines = ["### What would change it", "", f"**{_when(best)}**", ""]
    lines += [f"- {line}" for line in _steps(best)]
    if best.still_open:
        asked = "; ".join(plain_text(q.text) for q in best.still_open[:MOST_QUESTIONS])
        more = len(best.still_open) - MOST_QUESTIONS
        lines += ["", f"Then still open: {asked}{f'; and {more} more' if more > 0 else ''}."]
    others = len(routes) - 1
    some = f"There {'is 1 other way' if others == 1 else f'are {others} other ways'}. " if others else ""
    return [*lines, "", f"{some}{_MORE}", ""]


def _when(route: Route) -> str:
    whole = "criteria could read as met" if route.reaches is Answer.MET else "no longer refused, and not yet met"
    if route.earliest is None or route.weeks <= 0:
        return f"Once this is on record: {whole}."
    weeks = "1 week" if round(route.weeks) == 1 else f"{route.weeks:.0f} weeks"
    return f"From {route.earliest.isoformat()} at the earliest ({weeks} from today), if it is so by then: {whole}."


def _steps(route: Route) -> Iterator[str]:
    if route.caution:
        yield f"**First: {plain_text(route.caution)}**"
    for step in route.steps:
        text = plain_text(step.text)
        if step.document:
            text += f" Get: {plain_text(step.document)}{f' (from {plain_text(step.whom)})' if step.whom else ''}."
        if step.pointless:
            text += f" **Pointless for this person:** {plain_text(step.pointless)}"
        if step.caution:
            text += f" **Caution:** {plain_text(step.caution)}"
        yield text
    told = " ".join(step.pointless for step in route.steps)
    if route.pointless and route.pointless not in told and told not in route.pointless:
        yield f"**Pointless:** {plain_text(route.pointless)}"
