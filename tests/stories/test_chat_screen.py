"""The desk's screen of the chats."""

from collections.abc import Callable

import pytest
from django.test import Client

from sigap.complaints.actions import store
from sigap.complaints.chat.actions import note_stored
from sigap.complaints.chat.models import ChatMessage
from sigap.complaints.files import File
from sigap.core import clock
from sigap.core.actors import system
from sigap.core.models import Journal

from .chatting import Citizen, news

HTMX = {"headers": {"HX-Request": "true"}}
Browse = Callable[[str | None], Client]


@pytest.fixture
def siti(db: None) -> Citizen:
    """A citizen who has written."""
    news()
    citizen = Citizen()
    citizen.says("Lampu jalan mati <b>total</b>")
    return citizen


def page(client: Client, path: str) -> str:
    """What is read there."""
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_who_waits_first(
    siti: Citizen, browser_of: Browse, time: clock.Frozen
) -> None:
    budi = Citizen("6285700000001", "Budi")
    budi.says("petugas")
    time.forward(60)
    siti.says("batal")
    html = page(browser_of("call_taker"), "/chats")
    assert html.index("Budi") < html.index("Siti Aminah")
    rows = page(browser_of("call_taker"), "/chats/rows?only=waiting")
    assert "Budi" in rows and "Siti" not in rows and "<html" not in rows


def test_a_conversation_is_read_answered_and_handed_back(siti: Citizen, browser_of: Browse) -> None:
    desk, path = browser_of("call_taker"), f"/chats/{siti.chat.pk}"
    html = page(desk, path)
    assert "Lampu jalan mati &lt;b&gt;total&lt;/b&gt;" in html and "UU 27/2022" in html
    assert desk.post(f"{path}/take").status_code == 302
    assert siti.chat.state == "person"
    told = siti.heard_after(lambda: desk.post(f"{path}/answer", {"words": "Sebentar ya, Bu"}))
    assert [m["text"] for m in told] == ["Sebentar ya, Bu"]
    assert "Sebentar ya, Bu" in page(desk, f"{path}/messages")
    empty = desk.post(f"{path}/answer", {"words": "  "})
    assert empty.status_code == 400 and "alert" in empty.content.decode()
    desk.post(f"{path}/hand-back")
    assert siti.chat.state == "kept"
    desk.post(f"{path}/mark", {"mark": "prank"})
    assert siti.chat.mark == "prank"
    siti.says("petugas")
    desk.post(f"{path}/settle")
    assert siti.chat.waiting_at is None


def test_reading_is_noted_once_in_ten_minutes(
    siti: Citizen, browser_of: Browse, time: clock.Frozen
) -> None:
    desk, path = browser_of("call_taker"), f"/chats/{siti.chat.pk}"
    for _look in range(3):
        page(desk, f"{path}/messages")
        time.forward(60)
    assert Journal.objects.filter(kind="person.opened").count() == 1
    time.forward(600)
    page(desk, path)
    assert Journal.objects.filter(kind="person.opened").count() == 2


@pytest.mark.parametrize("role", ["dispatcher", "agency", "crew", "evaluator", None])
def test_nobody_else_reads_them(siti: Citizen, browser_of: Browse, role: str | None) -> None:
    client = browser_of(role)
    for path in ("", "/rows", f"/{siti.chat.pk}", f"/{siti.chat.pk}/messages"):
        assert client.get(f"/chats{path}").status_code in (302, 401, 403)
    assert client.post(f"/chats/{siti.chat.pk}/take").status_code in (302, 401, 403)


def test_a_photo_is_shown_and_a_document_is_not_opened(
    siti: Citizen, browser_of: Browse, tmp_path: object
) -> None:
    siti.sends_photo()
    message = ChatMessage.objects.exclude(file_state="").get()
    desk = browser_of("call_taker")
    assert desk.get(f"/chats/files/{message.pk}").status_code == 404
    file = File("image", "image/jpeg", b"\xff\xd8\xff\xe0 photo")
    note_stored(message.pk, file, store(file), actor=system("timer"))
    shown = desk.get(f"/chats/files/{message.pk}")
    assert shown.content == file.data and shown["Content-Type"] == "image/jpeg"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "<img" in page(desk, f"/chats/{siti.chat.pk}")
    assert browser_of("agency").get(f"/chats/files/{message.pk}").status_code == 403
