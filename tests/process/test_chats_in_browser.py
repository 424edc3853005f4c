"""A conversation on WhatsApp on the desk's screen, while Meta is out of reach: somebody takes it
over, answers, marks it and hands it back. On a large display and on a phone."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .browsing import PHONE, ROOM, Look, window
from .server import Server, running
from .test_whatsapp_hook import SECRET, WORD, bring

FROM = "6281233451190"


@pytest.fixture(scope="module")
def town(new_city: Callable[..., Server]) -> Iterator[Server]:
    """A city whose number on WhatsApp is set up."""
    account = {"whatsapp_app_secret": SECRET, "whatsapp_verify_token": WORD}
    nowhere = {
        "whatsapp_token": "token-of-the-system-user",
        "whatsapp_api_url": "http://127.0.0.1:9",
    }
    ids = {"whatsapp_phone_id": "1", "whatsapp_account_id": "2"}
    with running(new_city(**account, **nowhere, **ids)) as server:
        yield server


@pytest.fixture(params=[ROOM, PHONE], ids=["display", "phone"])
def desk(request: pytest.FixtureRequest, browser: Browser, town: Server) -> Iterator[Page]:
    """The call taker's window."""
    with window(browser, town, "call_taker", size=request.param) as page:
        yield page


def writes(town: Server, name: str, words: str) -> None:
    """The citizen writes."""
    message = {"id": f"wamid.{name}", "from": FROM, "type": "text", "text": {"body": words}}
    value = {"messages": [message], "contacts": [{"profile": {"name": "Siti"}, "wa_id": FROM}]}
    body = {"entry": [{"changes": [{"field": "messages", "value": value}]}]}
    assert bring(town.url, json.dumps(body).encode()).status_code == 200


def test_a_person_takes_a_chat_over_answers_and_hands_it_back(
    desk: Page, town: Server, request: pytest.FixtureRequest
) -> None:
    name, look = request.node.callspec.id, Look(desk)
    writes(town, name, f"Lampu mati, saya mau bicara dengan petugas, dari {name}")
    desk.goto("/chats")
    desk.locator("#chat-rows a", has_text="Siti").first.click()
    expect(desk.locator(".theirs", has_text=f"dari {name}")).to_be_visible()
    look.judge("a conversation")
    desk.locator("form[action$='/take'] button").click()
    desk.fill("#words", "Selamat siang, di jalan apa?")
    desk.locator("form[action$='/answer'] button").click()
    expect(desk.locator(".ours.person", has_text="di jalan apa?").first).to_be_visible()
    look.judge("an answer that waits for Meta")
    writes(town, f"{name}-2", f"Jalan Dhoho, kata {name}")
    expect(desk.locator(".theirs", has_text=f"kata {name}")).to_be_visible()
    desk.select_option("#mark", "prank")
    desk.locator("form[action$='/mark'] button").click()
    desk.locator("form[action$='/hand-back'] button").click()
    expect(desk.locator("form[action$='/take'] button")).to_be_visible()
    assert not look.found, look.found
