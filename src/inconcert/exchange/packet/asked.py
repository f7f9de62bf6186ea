"""A criterion as a reviewer reads it: our own words for what the policy file says, made from the rule itself."""

from __future__ import annotations

import re

from inconcert.payers.wording import opening

# From the words of `payers.wording.leaf_in_words` to plainer ones. What matches nothing stands as it is.
_PLAINER: tuple[tuple[str, str], ...] = (
    (r"scope current episode", "in the current episode"),
    (r"scope history", "ever"),
    (r"scope lifetime", "in the whole life"),
    (r"distinct classes (\d+)", r"of \1 different classes"),
    (r"min weeks (\S+)", r"\1 weeks or longer each"),
    (r"min (\d+)", r"\1 or older"),
    (r"max (\d+)", r"\1 or younger"),
    (r"dose therapeutic", "at a therapeutic dose"),
    (r"counts intolerance", "a drug that was not tolerated counts"),
    (r"nonresponse \(improvement percent at most (\S+)\)", r"improvement of at most \1 percent each"),
    (r"documentation required", "documented"),
    (r"any of (.+)", r"\1"),
    (r"scales (.+)", r"\1"),
    (r"timing (.+)", r"at \1"),
    (r"that (.+)", r"\1"),
    (r"for (.+)", r"for \1"),
    (r"specialty (.+)", r"\1"),
    (r"role prescribes", "who prescribes"),
    (r"episode any", "any episode"),
    (r"outcome (.+)", r"with \1"),
)
_LEAD = {
    "age": "Age",
    "diagnosis": "Diagnosis",
    "device cleared": "Device cleared by the FDA",
    "adequate antidepressant trials": "Antidepressant trials, adequate",
    "rating scale documented": "Rating scale documented",
    "severity score": "Severity score",
    "psychotherapy trial": "Psychotherapy trial",
    "PDMP checked": "Prescription monitoring program checked",
    "prescriber": "Prescriber",
    "psychosis": "Psychosis",
    "protocol": "Protocol",
}


def asked_in_words(rule_text: str) -> str:
    """`age; min 18` as `Age: 18 or older`."""
    head, *rest = [part.strip() for part in rule_text.split(";")]
    said = [_plainer(part) for part in rest if part]
    lead = _LEAD.get(head, opening(head))
    return f"{lead}: {', '.join(said)}" if said else lead


def _plainer(part: str) -> str:
    for pattern, words in _PLAINER:
        match = re.fullmatch(pattern, part)
        if match is not None:
            return match.expand(words)
    return part
