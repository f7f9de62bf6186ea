"""All leaves of the language, by the word that names them."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from inconcert.knowledge.policy_schema.base import Leaf
from inconcert.knowledge.policy_schema.events import EVENTS
from inconcert.knowledge.policy_schema.given import GIVEN
from inconcert.knowledge.policy_schema.hazards import HAZARDS
from inconcert.knowledge.policy_schema.later import LATER, OUTSIDE
from inconcert.knowledge.policy_schema.stated import STATED
from inconcert.knowledge.policy_schema.tried import TRIED
from inconcert.knowledge.policy_schema.who import WHO

GROUPS: dict[str, tuple[type[Leaf], ...]] = {
    "who": WHO,
    "what was tried": TRIED,
    "safety and exclusions": HAZARDS,
    "how given, beside what, by whose judgment": GIVEN,
    "later decisions": LATER,
    "outside the chart": OUTSIDE,
    "what happened when": EVENTS,
    "measured, located, stated": STATED,
}
LEAVES: dict[str, type[Leaf]] = {str(k.__struct_config__.tag): k for group in GROUPS.values() for k in group}
AnyLeaf: Any = reduce(or_, LEAVES.values())  # one tagged union, told apart by `fact`
