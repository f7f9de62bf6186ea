"""Standing sentences: the same words for everybody, typed so, and never about the person."""

from __future__ import annotations

from inconcert.exchange.disclosure import STATEMENT
from inconcert.exchange.packet.types import Rests, Sentence


def _standing(text: str) -> Sentence:
    return Sentence(text=text, rests=Rests.TEMPLATE)


NOT_SETTLED = _standing("Not settled by the records in this packet.")
HELD_BACK = _standing(STATEMENT)
OWN_WORDS = _standing(
    "The policy is told in our own words, from the sources named; the payer's own text is what binds."
)
UNSIGNED = _standing("A draft until the clinician has read it and signed; the signature is the clinician's own.")
NO_TRIALS = _standing("No medication trial could be read from the records in this packet.")
NO_SCORES = _standing("No dated score on a depression scale could be read from the records in this packet.")
NO_RECORD_OF_DIAGNOSIS = _standing("No diagnosis could be read from the records in this packet.")
NOT_CLAIMED = _standing(
    "The records in this packet do not show that this criterion is met, and this letter does not say that it is."
)
NOT_SETTLED_APPEAL = _standing(
    "The records in this packet do not settle this criterion, and this letter does not say that it is met."
)
PLEASE_REVERSE = _standing("We ask that the refusal be reversed on the records named above.")
PLEASE_REVIEW = _standing(
    "We ask for a review by a physician of the same specialty, and for the criterion and the record that the decision "
    "turned on to be named in the answer."
)
PLEASE_APPROVE = _standing("We ask for approval on the records named above.")
PEER = _standing("The clinician is glad to speak with the reviewer; the number stands with the signature.")
OPEN_POINTS = _standing("Points marked open are not claimed; records that settle them will be sent when there are any.")
PAIR_APART = _standing(
    "The two treatments are asked for each under its own policy; one is not offered as a reason for the other."
)
ALL_STANDING = (
    NOT_SETTLED, HELD_BACK, OWN_WORDS, UNSIGNED, NO_TRIALS, NO_SCORES, NO_RECORD_OF_DIAGNOSIS, NOT_CLAIMED,
    NOT_SETTLED_APPEAL, PLEASE_REVERSE, PLEASE_REVIEW, PLEASE_APPROVE, PEER, OPEN_POINTS, PAIR_APART,
)  # fmt: skip
