"""Signing in: by name and password, a second factor where wanted, locked after five wrong tries."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inconcert.web.models import AccessEvent

PASSWORD = "a long enough password"


def sign_in(client: Client, name: str, password: str) -> Any:
    """Fill in the form."""
    return client.post(reverse("account_login"), {"login": name, "password": password})


def test_the_right_password_leads_to_the_patients(town: Any) -> None:
    """A psychiatrist lands on the patient list, and the log has the sign-in."""
    client = Client()
    assert sign_in(client, "psychiatrist", PASSWORD).status_code == 302
    assert client.get(reverse("home"))["Location"] == reverse("patients")
    assert AccessEvent.objects.filter(action="sign in", username="psychiatrist", outcome="allowed").count() == 1


@pytest.mark.parametrize(
    ("who", "where"), [("admin", "access_log"), ("researcher", "knowledge"), ("nurse", "patients")]
)
def test_everybody_lands_where_their_work_is(town: Any, who: str, where: str) -> None:
    """The first page is the one the role is for."""
    assert town.client(who).get(reverse("home"))["Location"] == reverse(where)


def test_somebody_without_a_clinic_is_told_so(town: Any) -> None:
    """An account that belongs to no clinic sees a page that says what to do."""
    assert "no clinic yet" in town.client("unplaced").get(reverse("home")).content.decode()


def test_a_wrong_password_and_a_wrong_name_answer_alike(town: Any) -> None:
    """Nobody learns which names exist."""
    pages = [sign_in(Client(), name, "wrong").content.decode() for name in ("psychiatrist", "nobody")]
    said = [page.split('role="alert">')[1].split("<")[0] for page in pages]
    assert said[0] == said[1]
    assert said[0].strip()


def test_five_wrong_passwords_lock_the_name_here(town: Any) -> None:
    """After the fifth even the right password is refused, with a page that says for how long."""
    client = Client()
    for _ in range(5):
        last = sign_in(client, "nurse", "wrong")
    assert last.status_code == 429
    page = sign_in(client, "nurse", PASSWORD)
    assert page.status_code == 429
    assert "15 minutes" in page.content.decode()
    assert sign_in(Client(REMOTE_ADDR="203.0.113.9"), "nurse", PASSWORD).status_code == 302


def test_failed_tries_are_noted_without_what_was_typed(town: Any) -> None:
    """The log has the failure and not the name: it may be a password in the wrong box."""
    sign_in(Client(), "my secret password", "x")
    event = AccessEvent.objects.order_by("-sequence")[0]
    assert (event.action, event.outcome, event.username) == ("sign in", "refused", "")


def test_sign_up_is_closed(db: None) -> None:
    """No visitor makes an account."""
    from django.contrib.auth.models import User

    form = {"username": "visitor", "password1": "a long enough password 9", "password2": "a long enough password 9"}
    for page in (Client().get(reverse("account_signup")), Client().post(reverse("account_signup"), form)):
        assert "Sign-up is closed" in page.content.decode()
    assert not User.objects.filter(username="visitor").exists()


def test_a_session_ends_after_minutes_without_a_click(town: Any, settings: Any) -> None:
    """Whoever stays away too long signs in again; so does whoever stays twelve hours."""
    for key, ago in (("seen", settings.IDLE_MINUTES * 60 + 5), ("started", settings.ABSOLUTE_HOURS * 3600 + 5)):
        client = town.client("nurse")
        client.get(reverse("patients"))
        session = client.session
        session[key] = int(time.time()) - ago
        session.save()
        assert client.get(reverse("patients")).status_code == 302, key


def test_a_disabled_account_is_out_at_once(town: Any) -> None:
    """An account that is switched off loses its open session with the next click."""
    from django.contrib.auth.models import User

    client = town.client("nurse")
    assert client.get(reverse("patients")).status_code == 200
    User.objects.filter(username="nurse").update(is_active=False)
    assert client.get(reverse("patients")).status_code == 302


def test_a_changed_role_holds_at_once(town: Any) -> None:
    """A role taken away closes its pages with the next click."""
    from inconcert.web.models import Membership

    client = town.client("nurse")
    Membership.objects.filter(user__username="nurse").update(role="researcher")
    assert client.get(reverse("patients")).status_code == 403


def test_a_second_factor_is_asked_for_once_it_is_set_up(town: Any) -> None:
    """With an authenticator app set up, the password alone opens nothing."""
    from allauth.mfa.totp.internal.auth import (
        TOTP,
        format_hotp_value,
        generate_totp_secret,
        hotp_value,
        yield_hotp_counters_from_time,
    )
    from django.contrib.auth.models import User

    secret = generate_totp_secret()
    TOTP.activate(User.objects.get(username="nurse"), secret)
    client = Client()
    response = sign_in(client, "nurse", PASSWORD)
    assert response["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get(reverse("patients")).status_code == 302
    counter = next(iter(yield_hotp_counters_from_time()))
    client.post(reverse("mfa_authenticate"), {"code": format_hotp_value(hotp_value(secret, counter))})
    assert client.get(reverse("patients")).status_code == 200


@pytest.mark.parametrize("name", ["mfa_index", "account_change_password", "account_reauthenticate"])
def test_the_account_pages_open(town: Any, name: str) -> None:
    """Everybody may set up a second factor and change their password."""
    assert town.client("researcher").get(reverse(name)).status_code == 200
