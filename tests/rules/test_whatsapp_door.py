"""Who may come in at WhatsApp's door, and what is kept of what they bring."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import override_settings
from pydantic import SecretStr

from sigap.core.errors import Busy
from sigap.core.inbox import Writer
from sigap.gateways import hooks
from sigap.gateways.whatsapp import door

SECRET, WORD = "rahasia-aplikasi-di-uji", "kata-kota-di-uji-saja"
MESSAGE = {"id": "wamid.1", "from": "6281233451190", "type": "text", "text": {"body": "Tolong"}}


class Shelf(Writer):
    """Where letters lie that the door has let in."""

    def __init__(self) -> None:
        self.letters: dict[tuple[str, str], str] = {}
        self.batches: list[int] = []
        self.full = False

    async def append_all(self, source: str, letters: Sequence[tuple[str, str]]) -> list[int]:
        """Keep letters; a repeat is the first one."""
        if self.full:
            raise Busy("full")
        self.batches.append(len(letters))
        for name, payload in letters:
            self.letters.setdefault((source, name), payload)
        return [list(self.letters).index((source, name)) + 1 for name, _payload in letters]


@pytest.fixture
def shelf() -> Shelf:
    """An empty shelf."""
    return Shelf()


@pytest.fixture
def on() -> Iterator[None]:
    """A city with a WhatsApp number."""
    known = {"whatsapp_app_secret": SecretStr(SECRET), "whatsapp_verify_token": SecretStr(WORD)}
    with override_settings(ENV=settings.ENV.model_copy(update=known)):
        yield


def body(*messages: Any, statuses: Sequence[Any] = ()) -> bytes:
    """A delivery."""
    value = {"messages": [*messages], "statuses": [*statuses]}
    return json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()


def sign(data: bytes, secret: str = SECRET) -> str:
    """Meta's signature."""
    return "sha256=" + hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


def knock(
    shelf: Shelf,
    data: bytes = b"",
    signature: str | None = None,
    *,
    method: str = "POST",
    query: dict[str, str] | None = None,
    kind: str = "application/json; charset=utf-8",
    pieces: int = 1,
) -> tuple[int, str, dict[bytes, bytes]]:
    """Come to the door: the status, the words and the headers of the answer."""
    answers: list[Any] = []
    headers = [(b"content-type", kind.encode()), (b"accept-language", b"en")]
    signature = sign(data) if signature is None else signature
    if signature:
        headers.append((b"x-hub-signature-256", signature.encode()))
    size = max(1, -(-len(data) // pieces))
    parts = [data[n : n + size] for n in range(0, len(data), size)] or [b""]

    async def receive() -> Any:
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        answers.append(message)

    scope = {"method": method, "headers": headers, "query_string": urlencode(query or {}).encode()}
    asyncio.run(hooks.DOORS["/hooks/whatsapp"](scope, receive, send, shelf))
    return answers[0]["status"], answers[1]["body"].decode(), dict(answers[0]["headers"])


def code(answer: tuple[int, str, Any]) -> tuple[int, str]:
    """The status of a refusal and its code."""
    return answer[0], json.loads(answer[1])["error"]["code"]


def test_it_is_closed_without_the_apps_secret(shelf: Shelf) -> None:
    data = body(MESSAGE)
    assert code(knock(shelf, data, sign(data, ""))) == (404, "off")
    asked = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    assert code(knock(shelf, method="GET", query=asked)) == (403, "token")
    assert not shelf.letters


def test_meta_is_told_its_own_word_when_it_knows_ours(on: None, shelf: Shelf) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "<b>1158201444"}
    status, words, headers = knock(shelf, method="GET", query=asked)
    assert (status, words) == (200, "<b>1158201444")
    assert headers[b"content-type"] == b"text/plain"


@pytest.mark.parametrize(
    "wrong",
    [
        {"hub.verify_token": "another"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.verify_token": "ÿ"},
    ],
)
def test_whoever_does_not_know_the_word_is_told_nothing(
    on: None, shelf: Shelf, wrong: dict[str, str]
) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1158201444"}
    answer = knock(shelf, method="GET", query=asked | wrong)
    assert answer[0] == 403 and "1158201444" not in answer[1]
    assert code(knock(shelf, method="GET")) == (403, "token")


def test_each_message_and_status_of_a_body_is_a_letter_and_all_are_one_commit(
    on: None, shelf: Shelf
) -> None:
    statuses = [{"id": "wamid.0", "status": word} for word in ("read", "sent")]
    data = body(MESSAGE, MESSAGE | {"id": "wamid.2"}, statuses=statuses)
    assert knock(shelf, data)[:2] == (200, '{"status": "accepted"}')
    names = [name for _source, name in shelf.letters]
    assert len(set(names)) == 4
    # In Meta's ids the telephone number can be read.
    assert all(name.startswith("sha256:") for name in names)
    assert shelf.batches == [4]


def test_a_repeat_in_another_order_and_company_changes_nothing(on: None, shelf: Shelf) -> None:
    other = MESSAGE | {"id": "wamid.2"}
    for data in (body(MESSAGE, other), body(other, MESSAGE), body(other), body(other, other)):
        assert knock(shelf, data)[0] == 200
    assert len(shelf.letters) == 2


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        sign(body(MESSAGE), "another secret"),
        sign(body(MESSAGE) + b" "),
        sign(body(MESSAGE)).removeprefix("sha256="),
        sign(body(MESSAGE)).replace("sha256", "sha1"),
        "sha256=é",
    ],
)
def test_a_wrong_signature_is_refused_before_anything_is_read(
    on: None, shelf: Shelf, signature: str
) -> None:
    assert code(knock(shelf, body(MESSAGE), signature)) == (401, "signature")
    assert code(knock(shelf, b"{", "sha256=0")) == (401, "signature")
    assert not shelf.letters


def test_nothing_is_signed_with_no_secret() -> None:
    assert door.is_signed(b"x", sign(b"x").encode(), SECRET)
    assert not door.is_signed(b"x", sign(b"x", "").encode(), "")


def test_the_signature_is_of_the_bytes_as_they_came(on: None, shelf: Shelf) -> None:
    spaced = json.dumps(json.loads(body(MESSAGE)), indent=3).encode()
    assert knock(shelf, spaced)[0] == 200
    assert knock(shelf, spaced, sign(body(MESSAGE)))[0] == 401


def test_other_methods_and_contents_are_refused(on: None, shelf: Shelf) -> None:
    assert code(knock(shelf, body(MESSAGE), method="PUT")) == (405, "method")
    assert code(knock(shelf, body(MESSAGE), kind="text/plain")) == (415, "content_type")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_signed_nonsense_is_refused_and_not_a_fault(on: None, shelf: Shelf, data: bytes) -> None:
    assert code(knock(shelf, data)) == (400, "json")


def test_a_thousand_messages_in_one_body_are_taken_and_more_than_three_megabytes_are_not(
    on: None, shelf: Shelf
) -> None:
    many = body(*(MESSAGE | {"id": f"wamid.{n}"} for n in range(1000)))
    assert knock(shelf, many, pieces=50)[0] == 200 and len(shelf.letters) == 1000
    huge = body(MESSAGE | {"text": {"body": "a" * 3_200_000}})
    assert code(knock(shelf, huge, pieces=50)) == (413, "too_large")


def test_while_nothing_can_be_kept_meta_is_asked_to_come_again(on: None, shelf: Shelf) -> None:
    shelf.full = True
    assert code(knock(shelf, body(MESSAGE))) == (503, "busy")


def test_strange_messages_are_kept_and_answered_with_200(on: None, shelf: Shelf) -> None:
    for strange in ({"type": "hologram"}, {"id": {"a": 1}}, {"id": "wamid.\x00\ud83d"}):
        assert knock(shelf, body(strange))[0] == 200
    assert len(shelf.letters) == 3
    assert not [p for p in shelf.letters.values() if "\x00" in p or not p.isascii()]
