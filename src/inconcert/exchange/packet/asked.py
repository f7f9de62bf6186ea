"""A criterion as a reviewer reads it: our own words for what the policy file says, made from the rule itself."""

from __future__ import annotations

import re

from inconcert.payers.wording import opening

# From the words of `payers.wording.leaf_in_words` to plainer ones. What matches nothing stands as it is.
_PLAINER: tuple[tuple[str, str], ...] = (
    (r"scope current episode", "in the current episode"),
    (r"scope (?:history|lifetime)", "ever"),
    (r"scope current", "now"),
    (r"scope unspecified", "period not stated"),
    (r"scope (.+)", r"in the \1"),
    (r"at least unspecified", "number not stated"),
    (r"distinct classes (\d+)", r"of \1 different classes"),
    (r"min weeks (\d+)", r"\1 weeks or longer each"),
    (r"min weeks (\D.+)", r"for the \1"),
    (r"min days (\d+)", r"\1 days or longer"),
    (r"min hours (\S+)", r"\1 hours or longer"),
    (r"min adherence percent (\S+)", r"adherence of at least \1 percent"),
    (r"min (\d+)", r"\1 or older"),
    (r"max (\d+)", r"\1 or younger"),
    (r"dose therapeutic", "at a therapeutic dose"),
    (r"counts intolerance", "a drug that was not tolerated counts"),
    (r"nonresponse \(improvement percent at most (\S+)\)", r"improvement of at most \1 percent each"),
    (r"nonresponse \(improvement percent below (\S+)\)", r"improvement below \1 percent each"),
    (r"improvement percent at least (\d\S*)", r"improvement of at least \1 percent"),
    (r"improvement percent above (\d\S*)", r"improvement of more than \1 percent"),
    (r"recency days (\S+)", r"within \1 days"),
    (r"within cm (\S+)", r"within \1 cm"),
    (r"documentation required", "documented"),
    (r"condition MDD", "major depressive disorder"),
    (r"condition TRD", "treatment-resistant depression"),
    (r"condition (?:in )?(.+)", r"\1"),
    (
        r"(?:any of|scales|agents|who|level|kinds|location|status|drug|severity|polarity|that|set|what|specialty) (.+)",
        r"\1",
    ),
    (r"timing (.+)", r"at \1"),
    (r"role (.+)", r"who \1"),
    (r"dsm confirmed", "DSM criteria confirmed"),
    (r"episode (any|current)", r"\1 episode"),
    (r"outcome (.+)", r"\1"),
    (r"asked as indication", "as the indication"),
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
    strict = "op >" in rest  # the policy says more than, not at least
    rest = [part.replace("at least", "above") if strict else part for part in rest if part != "op >"]
    said = [_plainer(part) for part in rest if part]
    lead = _LEAD.get(head, opening(head))
    return f"{lead}: {', '.join(said)}" if said else lead


def _plainer(part: str) -> str:
    for pattern, words in _PLAINER:
        match = re.fullmatch(pattern, part)
        if match is not None:
            return match.expand(words)
    return part
