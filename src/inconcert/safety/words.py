"""What a record's own words say of a hazard: named, denied or in doubt. A denial in free text is never a no."""

from __future__ import annotations

import enum
import re
from functools import lru_cache

_CLAUSE = re.compile(r"[.;|]|,|\bbut\b|\bhowever\b|\balthough\b")
_DENIED = re.compile(
    r"\b(no|not|never|none|denies|denied|deny|without|negative for|absence of|free of|lacks|"
    r"ruled out|rules out|excluded|unlikely|n't)\b"
)
_DOUBTFUL = re.compile(
    r"\b(possible|possibly|probable|probably|suspected|suspect|suspicion|questionable|query|rule out|r/o|"
    r"rule-out|may have|might|concern for|screening|screen|risk of|family|mother|father|sister|brother|"
    r"parent|sibling|son|daughter|aunt|uncle|fh|fhx|education|counsel\w*|prevention|prophyla\w*|precautions?|"
    r"removal|removed|explant\w*|extraction)\b|\?"
)


class Said(enum.StrEnum):
    """How words speak of a hazard."""

    NAMED = "named"
    DENIED = "denied"
    DOUBTFUL = "doubtful"
    SILENT = "silent"


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + "|".join(re.escape(w) for w in ordered) + r")(?!\w)")


@lru_cache(maxsize=1 << 16)  # a long record says the same words of many facts
def said_of(text: str, words: tuple[str, ...]) -> Said:
    """How a text speaks of a hazard. A plain mention anywhere outweighs a doubt, a doubt outweighs a denial.

    "seizure disorder" names it; "denies seizures", "no history of seizure" deny it; "family history of seizures",
    "rule out seizure", "seizure?" leave it in doubt.
    """
    if not words or not text:
        return Said.SILENT
    found = Said.SILENT
    pattern = _pattern(words)
    for clause in _CLAUSE.split(text.lower()):
        if not pattern.search(clause):
            continue
        if _DENIED.search(clause):
            found = Said.DENIED if found is Said.SILENT else found
        elif _DOUBTFUL.search(clause):
            found = Said.DOUBTFUL
        else:
            return Said.NAMED
    return found
