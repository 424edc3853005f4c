"""How much may be sent where, and what becomes of more."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError

from sigap.config import pages
from sigap.config.pages import MB, TYPED, Pages, allowance_of
from sigap.core.errors import UNREAD

FORM = b"multipart/form-data; boundary=x"


def scope(path: str, method: str = "POST", kind: bytes = FORM) -> dict[str, Any]:
    headers = [(b"content-type", kind)]
    more = {"query_string": b"", "http_version": "1.1", "scheme": "http", "server": None}
    return {"method": method, "path": path, "headers": headers, "client": None} | more


def received(path: str, parts: Iterable[bytes], served: Pages | None = None) -> dict[str, Any]:
    """What the application gets of a request that comes in parts."""
    got: dict[str, Any] = {}

    def application(environ: Any, start: Any) -> list[bytes]:
        got.update(environ, sent=environ["wsgi.input"].read())
        start("200 OK", [])
        return [b""]

    waiting = [*parts]

    async def receive() -> dict[str, Any]:
        piece = waiting.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(_message: Any) -> None:
        pass

    asyncio.run((served or Pages(application, 1))(scope(path), receive, send))
    return got


@pytest.mark.parametrize("path", ["/lapor", "/lacak/abc", "/agency/complaints/1/answer"])
def test_files_are_taken_where_they_are_sent(path: str) -> None:
    assert allowance_of(scope(path)).most == 25 * MB
    assert allowance_of(scope(path, "GET")) == TYPED
    assert allowance_of(scope(path, kind=b"application/json")) == TYPED
    got = received(path, [b"x" * MB] * 3)
    assert len(got["sent"]) == 3 * MB and UNREAD not in got


def test_elsewhere_only_what_a_person_types_is() -> None:
    for path in ("/sign-in", "/lacak", "/console/state", "/complaints/1/note", "/aduan/saya-juga"):
        assert allowance_of(scope(path)) == TYPED
    got = received("/sign-in", [b"x" * MB])
    assert isinstance(got[UNREAD], RequestDataTooBig) and got["sent"] == b""


def test_of_what_is_too_large_a_citizens_page_still_gets_the_words() -> None:
    got = received("/lapor", [b"words" + bytes(MB - 5)] * 26)
    assert isinstance(got[UNREAD], RequestDataTooBig)
    assert got["sent"].startswith(b"words") and len(got["sent"]) == TYPED.most
    assert received("/agency/complaints/1/answer", [bytes(MB)] * 26)["sent"] == b""


def test_all_that_is_under_way_fits_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_HELD", 2 * MB)
    got = received("/lapor", [bytes(MB)] * 3)
    assert isinstance(got[UNREAD], UnreadablePostError) and got["sent"] == b""
    assert UNREAD not in received("/lapor", [bytes(TYPED.most)]), "words are always taken"


def test_what_was_taken_makes_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_HELD", 2 * MB)
    seen: list[bool] = []

    def application(environ: Any, start: Any) -> list[bytes]:
        seen.append(UNREAD in environ)
        start("200 OK", [])
        return [b""]

    served = Pages(application, 1)
    for parts in ([bytes(MB)], [bytes(MB)] * 4, [bytes(MB)]):
        received("/lapor", parts, served)
    assert seen == [False, True, False]
