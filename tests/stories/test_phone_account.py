"""The telephone in a browser: who is given its account, and what the browser may do for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from sigap.core.models import User
from sigap.gateways.phones import password_of

URL = "wss://112.example:8089/ws"


@pytest.fixture
def phones() -> Iterator[None]:
    """The telephones are in the browsers."""
    with override_settings(ENV=settings.ENV.model_copy(update={"phones_url": URL})):
        yield


@pytest.fixture
def taker(browser_of: Callable[[str], Client]) -> Client:
    return browser_of("call_taker")


def test_a_call_taker_is_told_their_own_telephone(
    phones: None, taker: Client, person: Callable[[str], User]
) -> None:
    answer = taker.get("/calls/phone")
    me = person("call_taker")
    assert answer.json() == {
        "url": URL,
        "user": f"op{me.pk}",
        "password": password_of(me),
        "domain": "112.example",
    }
    assert answer["Cache-Control"] == "no-store"


def test_nobody_else_is_told_of_one(phones: None, browser_of: Callable[[Any], Client]) -> None:
    for role in ("dispatcher", "agency", "crew", None):
        answer = browser_of(role).get("/calls/phone", headers={"Accept": "application/json"})
        assert answer.status_code in (401, 403), role


def test_where_telephones_stand_on_desks_there_is_none(taker: Client) -> None:
    assert taker.get("/calls/phone").json() is None
    page = taker.get("/calls")
    assert page["Permissions-Policy"] == "microphone=()"
    assert "jssip" not in page.content.decode()
    assert "jssip" not in taker.get("/start").content.decode()


def test_the_page_may_use_the_microphone_and_reach_the_exchange(
    phones: None, taker: Client
) -> None:
    for path in ("/calls", "/start"):
        page = taker.get(path)
        assert page["Permissions-Policy"] == "microphone=(self)"
        assert "connect-src 'self' wss://112.example:8089;" in page["Content-Security-Policy"]
        assert "jssip" in page.content.decode()


def test_a_dispatcher_tries_no_headset(phones: None, browser_of: Callable[[str], Client]) -> None:
    assert "jssip" not in browser_of("dispatcher").get("/start").content.decode()
