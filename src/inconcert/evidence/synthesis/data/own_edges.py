"""Which networks a study would enter by our default choices, or why it would not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from inconcert.evidence.synthesis.data.own_choice import Outcome, OwnChoice
from inconcert.evidence.synthesis.data.own_rows import own_network
from inconcert.knowledge.studies import StudyTables


@dataclass(frozen=True, kw_only=True)
class NetworkEdge:
    """Whether a study enters the network of an outcome by our default choices: what is compared, or why not."""

    outcome: str
    enters: bool
    text: str


def edges_of(tables: StudyTables, study_id: str) -> tuple[NetworkEdge, ...]:
    """For response, remission and change: what of the study enters the network at week 4, all designs."""
    found = []
    for outcome in get_args(Outcome):
        network = own_network(OwnChoice(outcome=outcome, design="all"), tables)
        entered = next((study for study in network.studies if study.study == study_id), None)
        if entered is not None:
            base, *others = entered.treatments
            kind = "randomized" if entered.randomized else "not randomized"
            text = "; ".join(f"{name} against {base}" for name in others) + f" ({network.scale}, {kind})"
        else:
            reasons = [entry.why for entry in network.excluded if entry.study == study_id]
            text = (
                "; ".join(dict.fromkeys(why for why in reasons if not why.startswith("another outcome")))
                or "no figure of it"
            )
        found.append(NetworkEdge(outcome=outcome, enters=entered is not None, text=text))
    return tuple(found)
