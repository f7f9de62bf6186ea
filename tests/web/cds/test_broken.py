"""Requests that are broken in every way, and settings that cannot be."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from inconcert.web.cds_config import cds_config
from inconcert.web.config import SettingError
from support.crd_calls import ESKETAMINE_ORDER, TMS_ORDER, call
from support.ehr import URL, Json, post, said, token

_JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20),
    st.just([]), st.just({}), st.just([None]), st.just({"resourceType": "Bundle"}), st.just({"resourceType": "Patient"}),
    st.just({"reference": "Patient/x"}), st.just([[]]), st.just("Patient/complete-and-clean"),
)  # fmt: skip


@st.composite
def broken(draw: st.DrawFn, whole: Json) -> Json:
    """A request in which up to six places were taken away or given another kind of value."""
    changed = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, 6))):
        node: Any = changed
        for _ in range(draw(st.integers(0, 9))):
            below = list(node) if isinstance(node, dict) else list(range(len(node)))
            kinds = [k for k in below if isinstance(node[k], dict | list) and node[k]]
            if not kinds:
                break
            node = node[draw(st.sampled_from(kinds))]
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            continue
        key = draw(st.sampled_from(keys))
        if draw(st.booleans()):
            del node[key]
        else:
            node[key] = copy.deepcopy(draw(_JUNK))
    return dict(changed)


@pytest.mark.slow
@given(data=st.data())
@tries(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_broken_request_is_a_fault_of_ours(ehr: Any, bundles: dict[str, Json], data: st.DataObject) -> None:
    """Whatever is missing or of another kind, the answer is 200 with cards or a refusal, never a fault."""
    hook = data.draw(st.sampled_from(["order-sign", "order-select", "order-dispatch", "appointment-book"]))
    name = data.draw(st.sampled_from(["complete-and-clean", "two-payers", "partial-dates", "name-only"]))
    visit = {
        "resourceType": "Bundle", "type": "collection",
        "entry": [{"resource": {"resourceType": "Appointment", "id": "a1", "status": "proposed", "description": "rTMS"}}],
    }  # fmt: skip
    whole = call(
        bundles[name], TMS_ORDER, ESKETAMINE_ORDER, hook=hook, selections=["ServiceRequest/tms-1"], appointments=visit,
        dispatchedOrders=["ServiceRequest/tms-1"],
    )  # fmt: skip
    whole["prefetch"]["serviceRequests"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": TMS_ORDER}],
    }
    address = f"/cds-services/inconcert-{hook}"
    response = post(data.draw(broken(whole)), address=address, bearer=token(aud=URL + address))
    assert response.status_code in (200, 400), response.content
    if response.status_code == 200:
        assert isinstance(response.json()["cards"], list)


@given(
    junk=st.one_of(
        st.binary(min_size=1, max_size=300),
        st.recursive(_JUNK.map(copy.deepcopy), lambda s: st.lists(s) | st.dictionaries(st.text(), s)).map(json.dumps),
    )
)
@tries(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_at_all_is_refused_in_words(ehr: Any, junk: bytes | str) -> None:
    """Bytes that are no request are 400 with a reason."""
    response = post(junk)
    assert response.status_code == 400
    assert "Mend" in said(response)


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"INCONCERT_CDS_URL": URL}, "go together"),
        ({"INCONCERT_CDS_URL": "clinic", "INCONCERT_CDS_JWKS": "k", "INCONCERT_CDS_ISSUERS": "i"}, "without a path"),
        ({"INCONCERT_CDS_URL": f"{URL}/x", "INCONCERT_CDS_JWKS": "k", "INCONCERT_CDS_ISSUERS": "i"}, "without a path"),
        ({"INCONCERT_CDS_ORIGINS": "*"}, "without a path"),
        ({"INCONCERT_CDS_DEMO": "1", "INCONCERT_BEHIND_PROXY": "1"}, "behind a proxy"),
        ({"INCONCERT_CRD_VERSION": "3"}, "one of 2.0, 2.2"),
        ({"INCONCERT_CDS_MB": "many"}, "whole number"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_at_the_start(
    given: dict[str, str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what goes together, every origin at once, a demonstration behind a proxy: said, with the mend."""
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=reason):
        cds_config()


def test_without_settings_the_service_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default lets nobody in."""
    for name in ("URL", "JWKS", "ISSUERS", "DEMO", "ORIGINS"):
        monkeypatch.delenv(f"INCONCERT_CDS_{name}", raising=False)
    found = cds_config()
    assert not found.is_set_up
    assert not found.demo
    assert found.origins == frozenset()
