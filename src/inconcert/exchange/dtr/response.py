"""QuestionnaireResponses: answers put where the form has their questions, and answers changed or added by a human."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from inconcert.exchange.dtr.names import Json, information_origin
from inconcert.exchange.fhir.intake import COPIED_FROM_CHART, INFORMATION_ORIGIN, TRIAL_GROUP
from inconcert.judgement import Refusal

Answers = Mapping[str, Json]  # linkId -> the answer, its origin included


def placed(form_items: Sequence[Json], answers: Answers, trials: Sequence[Json]) -> list[Json]:
    """The items of a response: every answered question inside the groups that the form has it in. What is not answered is
    left out, whole groups included.
    """
    found: list[Json] = []
    for item in form_items:
        link = item["linkId"]
        if link == TRIAL_GROUP:
            found.extend(trials)
            continue
        answered: Json = {"linkId": link, "text": item["text"]}
        if link in answers:
            answered["answer"] = [answers[link]]
        below = placed(item.get("item", ()), answers, trials)
        if below:
            answered["item"] = below
        if len(answered) > 2:  # more than linkId and text
            found.append(answered)
    return found


def answers_in(items: Sequence[Json]) -> dict[str, Json]:
    """Every answer of a response by linkId, medication trials left aside."""
    found: dict[str, Json] = {}
    for item in items:
        if item["linkId"] == TRIAL_GROUP:
            continue
        for answer in item.get("answer", ())[:1]:
            found[item["linkId"]] = answer
        found |= answers_in(item.get("item", ()))
    return found


def trials_in(items: Sequence[Json]) -> Iterator[Json]:
    """Every medication trial of a response."""
    for item in items:
        if item["linkId"] == TRIAL_GROUP:
            yield item
        else:
            yield from trials_in(item.get("item", ()))


def source_of(answer: Json) -> str:
    """Where an answer says it came from: auto (in the words of the version), override, manual, or '' where it says nothing."""
    for extension in answer.get("extension", ()):
        if extension.get("url") == INFORMATION_ORIGIN:
            for part in extension["extension"]:
                if part["url"] == "source":
                    return str(part["valueCode"])
    return ""


def value_of(answer: Json) -> Json:
    """The value[x] of an answer alone."""
    return {key: value for key, value in answer.items() if key.startswith("value")}


def complete(
    form: Json, draft: Json, given: Mapping[str, Json], *, author: Json, on: datetime, trials: Sequence[Json] = ()
) -> Json:
    """A draft completed by a human.

    Args:
        form: the Questionnaire that the draft answers.
        draft: the draft; it is not changed.
        given: linkId -> value[x] (`{"valueCoding": ...}`), each typed or chosen by the author.
        author: a Reference to the practitioner.
        on: when it was completed, with its zone.
        trials: `staging.trial` items told by the author, without origins; added to those copied from the chart.

    Raises:
        Refusal: a question that the form does not ask.
    """
    known = {link for link, _ in links_of(form["item"])}
    odd = sorted(set(given) - known)
    if odd:
        raise Refusal(f"The form has no question {odd[0]!r}.", "Answer the questions of the form.")
    answers = answers_in(draft.get("item", ()))
    for link, value in given.items():
        before = answers.get(link)
        if before is not None and value_of(before) == value:
            continue  # left as it was: still the copy from the chart
        copied = before is not None and source_of(before) in {*COPIED_FROM_CHART, "override"}
        origin = information_origin("override" if copied else "manual", author)
        answers[link] = {"extension": [origin], **value}
    told = [_by_author(trial, author) for trial in trials]
    done = copy.deepcopy({key: value for key, value in draft.items() if key != "item"})
    done |= {"status": "completed", "authored": on.isoformat(), "author": author}
    done["item"] = placed(form["item"], answers, [*trials_in(draft.get("item", ())), *told])
    return done


def _by_author(trial: Json, author: Json) -> Json:
    parts: list[Any] = []
    for item in trial["item"]:
        answers = [{"extension": [information_origin("manual", author)], **a} for a in item.get("answer", ())]
        parts.append({**item, "answer": answers})
    return {**trial, "item": parts}


def links_of(items: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """Every linkId of a form with its item."""
    for item in items:
        yield item["linkId"], item
        yield from links_of(item.get("item", ()))
