"""A payer's answer: approved, denied, pended, in part, in error; and nothing that was not said."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from inconcert.exchange.clinic import ClinicSettings
from inconcert.exchange.pas import ItemState, desk_moves
from inconcert.exchange.pas.addresses import EXTENSION
from support.pas import X12, judged, reviewed

Json = dict[str, Any]


def test_approved_with_number_dates_and_units(answer, read):
    """An approval gives each item its number, its dates and how many, and the desk's move has all it needs."""
    found = read(
        answer(
            judged(1, reviewed("EXAMPLE-YES", number="AUTH-1"), period=("2026-12-01", "2027-02-28"), units=36),
            judged(
                2,
                reviewed("EXAMPLE-YES", number="AUTH-2"),
                period=("2026-12-01", "2027-02-28"),
                units={"value": 8, "unit": "visits"},
            ),
        )
    )
    assert found.state is ItemState.APPROVED
    first = found.items[0]
    assert (first.authorization_number, first.units, first.unit, first.requested_units) == (
        "AUTH-1",
        36,
        "sessions",
        36,
    )
    assert (first.start.earliest, first.end.latest) == (date(2026, 12, 1), date(2027, 2, 28))
    move = desk_moves(found)[0]
    assert (move.move, move.missing) == ("approve", ())
    assert move.facts == {
        "units": 36,
        "unit": "sessions",
        "starts_on": "2026-12-01",
        "ends_on": "2027-02-28",
        "reference": "AUTH-1",
    }


def test_what_an_approval_does_not_say_is_not_filled_in(answer, read):
    """An approval without dates or units stays without: the desk is told which facts a person has to find out."""
    found = read(answer(judged(1, reviewed("EXAMPLE-YES", number="AUTH-1")), judged(2, reviewed("EXAMPLE-NO"))))
    assert found.items[0].state is ItemState.APPROVED
    assert found.items[0].units is None
    assert desk_moves(found)[0].missing == ("units", "unit", "starts_on", "ends_on")
    assert desk_moves(found)[1].missing == ("reason",)


def test_fewer_than_asked_for_is_not_a_plain_approval(answer, read):
    """Twenty sessions of thirty-six asked for are an approval of something else, and said so."""
    found = read(answer(judged(1, reviewed("EXAMPLE-YES", number="A"), units=20), judged(2, reviewed("EXAMPLE-YES"))))
    assert found.items[0].state is ItemState.MODIFIED
    assert found.state is ItemState.PARTIAL
    assert "not as it was asked" in desk_moves(found)[0].why


def test_another_service_authorized_is_not_a_plain_approval(answer, read):
    """Where the payer authorizes another code than the one asked for, the item is modified and the code is shown."""
    item = judged(1, reviewed("EXAMPLE-YES"), units=36)
    other = {"url": "productOrServiceCode", "valueCodeableConcept": {"coding": [{"system": "urn:x", "code": "OTHER"}]}}
    item["extension"][0]["extension"].append(other)
    found = read(answer(item, judged(2, reviewed("EXAMPLE-YES"))))
    assert found.items[0].state is ItemState.MODIFIED
    assert "OTHER" in found.items[0].reasons[0].text


def test_partial_by_item(answer, read):
    """TMS approved and esketamine denied: the request is partial, each item keeps its own answer and reason."""
    reason = {"system": "urn:reasons", "code": "R7", "display": "Not medically necessary as shown"}
    found = read(
        answer(judged(1, reviewed("EXAMPLE-YES", number="A")), judged(2, reviewed("EXAMPLE-NO", reasons=(reason,))))
    )
    assert found.state is ItemState.PARTIAL
    assert [i.state for i in found.items] == [ItemState.APPROVED, ItemState.DENIED]
    assert found.items[1].reasons[0].shown == "Not medically necessary as shown (R7)"
    assert desk_moves(found)[1].facts["reason"] == "Not medically necessary as shown (R7)"


def test_an_unknown_reason_code_is_shown_as_given(answer, read):
    """A bare code of a table we do not carry is shown with its table, not explained and not dropped."""
    found = read(
        answer(
            judged(1, reviewed("EXAMPLE-NO", reasons=({"system": X12, "code": "0V"},))),
            judged(2, reviewed("EXAMPLE-NO")),
        )
    )
    assert found.items[0].reasons[0].shown == f"code 0V of {X12}"


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("Certified in total", ItemState.APPROVED),
        ("Approved", ItemState.APPROVED),
        ("Not Certified", ItemState.DENIED),
        ("NOT APPROVED", ItemState.DENIED),
        ("Certified - partial", ItemState.MODIFIED),
        ("Modified", ItemState.MODIFIED),
        ("Pending", ItemState.PENDED),
        ("Cancelled", ItemState.CANCELLED),
        ("No action required", ItemState.NOT_REQUIRED),
        ("Uncertified", ItemState.UNKNOWN),
        ("disapproved", ItemState.UNKNOWN),
        ("Not yet certified", ItemState.UNKNOWN),
        ("Cannot be approved", ItemState.UNKNOWN),
        ("Approved if notes are sent", ItemState.UNKNOWN),
        ("Never approved", ItemState.UNKNOWN),
        ("Approved previously, now expired", ItemState.UNKNOWN),
        ("Denial overturned: approved", ItemState.UNKNOWN),
        ("Approved in part, denied in part", ItemState.UNKNOWN),
        ("To be certified after review", ItemState.UNKNOWN),
        ("No longer pending", ItemState.UNKNOWN),
        ("Not denied", ItemState.UNKNOWN),
        ("No authorization required unless inpatient", ItemState.UNKNOWN),
        ("See letter", ItemState.UNKNOWN),
        ("", ItemState.UNKNOWN),
    ],
)
def test_without_settings_only_the_payers_own_words_count(answer, read, words, state):
    """A code that no setting explains is read by the payer's words; where these say nothing clear, the state is unknown."""
    found = read(answer(judged(1, reviewed("ZZ", words)), judged(2, reviewed("ZZ", words))), ClinicSettings())
    assert found.items[0].state is state
    assert found.items[0].said[0].code == "ZZ"


def test_the_clinics_setting_goes_before_the_words(answer, read, settings):
    """What the clinic wrote about a code counts, whatever its display says."""
    found = read(answer(judged(1, reviewed("EXAMPLE-NO", "Certified in total")), judged(2, reviewed("EXAMPLE-NO"))))
    assert found.state is ItemState.DENIED


def test_an_item_answered_twice_otherwise_is_unknown(answer, read):
    """Approved and denied at once is no approval: the item is unknown, both are shown, a person has to ask."""
    found = read(
        answer(
            judged(1, reviewed("EXAMPLE-YES")), judged(1, reviewed("EXAMPLE-NO")), judged(2, reviewed("EXAMPLE-YES"))
        )
    )
    assert found.items[0].state is ItemState.UNKNOWN
    assert len(found.items[0].said) == 2
    assert desk_moves(found)[0].move == ""


def test_silence_about_an_item_is_no_approval(answer, read):
    """An item that the answer does not mention has no answer."""
    found = read(answer(judged(1, reviewed("EXAMPLE-YES", number="A"))))
    assert found.items[1].state is ItemState.NO_ANSWER
    assert found.state is ItemState.PARTIAL


@pytest.mark.parametrize(
    "more", [{}, {"preAuthRef": "A"}, {"preAuthPeriod": {"start": "2026-12-01", "end": "2027-01-01"}}]
)
def test_an_answer_that_says_nothing_is_unknown_or_unanswered(answer, read, more):
    """`complete` means processed, not approved; a number alone, or dates alone, is no approval either."""
    assert read(answer(**more)).state is ItemState.NO_ANSWER


def test_a_number_with_its_dates_for_the_whole_is_an_approval(answer, read):
    """An answer without review actions that gives an authorization number and the dates it holds is an approval of the whole."""
    found = read(answer(preAuthRef="A-9", preAuthPeriod={"start": "2026-12-01", "end": "2027-01-01"}))
    assert found.state is ItemState.APPROVED
    assert [i.authorization_number for i in found.items] == ["A-9", "A-9"]


def test_queued_is_pended_and_error_is_an_error(answer, read):
    """The outcome alone tells that the payer has not decided, or could not read the request; errors keep code and place."""
    assert read(answer(outcome="queued")).state is ItemState.PENDED
    error = {
        "code": {"coding": [{"system": "urn:errors", "code": "T4"}]},
        "extension": [
            {"url": EXTENSION + "errorPath", "valueString": "Bundle.entry[1].resource.name"},
            {
                "url": EXTENSION + "errorFollowupAction",
                "valueCodeableConcept": {"coding": [{"code": "C", "display": "Correct and resend"}]},
            },
        ],
    }
    found = read(answer(outcome="error", error=[error]))
    assert found.state is ItemState.ERROR
    assert found.errors[0].shown == "at Bundle.entry[1].resource.name then Correct and resend (C) (T4)"


def test_pended_with_questions(answer, read):
    """What the payer wants comes as questions with item, code, date and where to send it; a Task about another claim does not."""
    value = answer(judged(1, reviewed("EXAMPLE-WAIT")), judged(2, reviewed("EXAMPLE-YES", number="A")))
    response = value["entry"][0]["resource"]
    response["communicationRequest"] = [
        {"reference": "CommunicationRequest/c1"},
        {"reference": "CommunicationRequest/gone"},
    ]
    asked = {
        "resourceType": "CommunicationRequest", "id": "c1", "status": "active", "payload": [{"contentString": "18776-5"}],
        "extension": [{"url": EXTENSION + "serviceLineNumber", "valuePositiveInt": 1}],
    }  # fmt: skip
    task = {
        "resourceType": "Task", "id": "t1", "status": "requested", "reasonReference": response["request"],
        "restriction": {"period": {"end": "2026-12-04"}},
        "input": [
            {"type": {"coding": [{"code": "payer-url"}]}, "valueUrl": "https://payer.invalid/answers"},
            {"type": {"coding": [{"code": "attachments-needed"}]}, "extension": [{"url": EXTENSION + "serviceLineNumber", "valuePositiveInt": 1}],
             "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "28570-0", "display": "Procedure note"}]}},
        ],
    }  # fmt: skip
    other = copy.deepcopy(task) | {"id": "t2", "reasonReference": {"reference": "Claim/somebody-else"}}
    for resource in (asked, task, other):
        value["entry"].append(
            {"fullUrl": f"https://payer.invalid/fhir/{resource['resourceType']}/{resource['id']}", "resource": resource}
        )
    found = read(value)
    assert found.items[0].state is ItemState.PENDED
    by_source = {q.source: q for q in found.questions}
    assert set(by_source) == {"CommunicationRequest/c1", "Task/t1"}
    assert (by_source["CommunicationRequest/c1"].code, by_source["CommunicationRequest/c1"].item) == ("18776-5", 1)
    question = by_source["Task/t1"]
    assert (question.due, question.send_to, question.item) == (date(2026, 12, 4), "https://payer.invalid/answers", 1)
    assert "Procedure note" in question.text
    assert any("gone" in remark for remark in found.not_understood)
    assert any("t2" in remark for remark in found.not_understood)
    move = desk_moves(found)[0]
    assert (move.move, move.facts["answer_by"]) == ("pend", "2026-12-04")


def test_an_item_the_payer_put_in_is_pointed_out(answer, read):
    """What nobody asked for does not become an answer to what was asked."""
    added = {
        "itemSequence": [7],
        "productOrService": {"text": "a second opinion"},
        "adjudication": [reviewed("EXAMPLE-YES", number="Z")],
    }
    found = read(answer(judged(1, reviewed("EXAMPLE-NO")), judged(2, reviewed("EXAMPLE-NO")), addItem=[added]))
    assert found.state is ItemState.DENIED
    assert any("a second opinion, approved, authorization Z" in remark for remark in found.not_understood)


def test_notes_and_words_of_the_payer_are_kept(answer, read):
    """Numbered notes go to their items, others and the disposition to the whole; control letters are taken out."""
    value = answer(
        judged(1, reviewed("EXAMPLE-NO"), noteNumber=[1]), judged(2, reviewed("EXAMPLE-NO")),
        processNote=[{"number": 1, "text": "Two trials\u0007 are wanted."}, {"number": 2, "text": "Call us."}], disposition="Denied.",
    )  # fmt: skip
    found = read(value)
    assert found.items[0].reasons[0].text == "Two trials are wanted."
    assert [r.text for r in found.reasons] == ["Denied.", "Call us."]


@pytest.mark.parametrize(
    "units",
    [{"value": "many"}, {"value": -3}, {"value": True}, {"value": 1e300}, {}, {"value": None}],
)
def test_units_that_are_no_number_are_not_taken(answer, read, units):
    """An amount that cannot be read is not zero and not what was asked for: it is pointed out."""
    found = read(answer(judged(1, reviewed("EXAMPLE-YES"), units=units), judged(2, reviewed("EXAMPLE-YES"))))
    assert found.items[0].units is None
    assert any("cannot be read" in remark for remark in found.not_understood)


@pytest.mark.parametrize("period", [("2027-02-01", "2026-12-01"), ("soon", "later"), ("2026-13-01", "2027-01-01")])
def test_dates_that_cannot_be_are_not_taken(answer, read, period):
    """A period that ends before it starts, or is no date, is left open and pointed out."""
    found = read(answer(judged(1, reviewed("EXAMPLE-YES"), period=period), judged(2, reviewed("EXAMPLE-YES"))))
    assert found.items[0].start is None or found.items[0].end is None
    assert found.not_understood
    assert set(desk_moves(found)[0].missing) & {"starts_on", "ends_on"}
