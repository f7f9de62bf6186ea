"""Every word of the policy language says the same in tables as asked of one person, also those that no policy of the library uses."""

from __future__ import annotations

from support.drawn_words import POLICIES, people
from support.payer_cases import make_case
from support.twins import differences, drawn


def test_drawn_people_get_the_same_answers_to_every_new_word() -> None:
    """One policy for each of these words, asked of people with any mix of the facts that they look at."""
    cases = [make_case(person) for person in drawn(people(), 60)]
    titles = {id(policy): title for title, policy in POLICIES.items()}
    asked = [(policy, "rtms") for policy in POLICIES.values()]
    assert differences(cases, asked, name=lambda one: titles[id(one[0])]) == []
