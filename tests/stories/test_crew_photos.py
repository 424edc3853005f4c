"""Crews' photos: in pieces that go on after a cut, drawn anew, encrypted, erased in time."""

import hashlib
import io
import struct
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from sigap.core import clock
from sigap.core.actions.personal import hold, lift_hold
from sigap.core.actors import Actor, system
from sigap.core.models import Journal
from sigap.dispatch.actions import end_incident, send_units
from sigap.dispatch.field.files import KEPT, MOST_BYTES, MOST_PIECE
from sigap.dispatch.field.models import FieldPhoto
from sigap.dispatch.field.retention import COMING, erase_old_photos, remove_erased_photos
from sigap.dispatch.models import Assignment
from sigap.incidents.actions import open_incident

TIMER = system("timer")
_names = count(1)
Who = Callable[[str], Actor]


def picture(size: int = 900) -> bytes:
    """A JPEG that does not shrink much, with a place and a maker in its EXIF."""
    maker = struct.pack("<HHI", 0x010F, 2, 8) + struct.pack("<I", 26)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + maker + b"\0\0\0\0" + b"Kenari!\0"
    noise = Image.effect_noise((size, size), 90).convert("RGB")
    drawn = io.BytesIO()
    noise.save(drawn, "JPEG", quality=92, exif=b"Exif\0\0" + tiff)
    return drawn.getvalue()


class Camera:
    """Sends photos of one job as the page does."""

    def __init__(self, browser: Client, user: int, job: int) -> None:
        self.browser, self.user, self.job = browser, user, job

    def announce(self, data: bytes, **other: Any) -> tuple[str, str]:
        """Its key, and what became of the announcement."""
        key = f"photo-{next(_names):06}"
        told = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        now = round(clock.now().timestamp() * 1000)
        act = {"id": key, "name": "photo", "user": self.user, "unit": "AMB-01", "phone_ms": now}
        act["data"] = {"assignment": self.job} | told | other
        answer = self.browser.post("/crew/acts", {"acts": [act]}, content_type="application/json")
        return key, answer.json()["answers"][0]["outcome"]

    def piece(self, key: str, offset: object, data: bytes) -> tuple[int, dict[str, Any]]:
        answer = self.browser.post(
            f"/crew/photos/{key}?offset={offset}",
            data,
            content_type="application/octet-stream",
            headers={"accept": "application/json"},
        )
        return answer.status_code, answer.json()

    def send(self, data: bytes) -> tuple[int, dict[str, Any]]:
        """The whole of it, from where the server is."""
        key, _outcome = self.announce(data)
        while True:
            at = self.browser.get(f"/crew/photos/{key}").json()["received"]
            status, told = self.piece(key, at, data[at : at + MOST_PIECE])
            if status != 200 or told["done"]:
                return status, told


@pytest.fixture
def assignment(actor: Who) -> Assignment:
    incident = open_incident("kecelakaan_lalin", actor=actor("dispatcher"), lat=-7.8, lng=112.0)
    return send_units(incident.pk, ["AMB-01"], choice="radio", actor=actor("dispatcher"))[0]


@pytest.fixture
def camera(
    browser_of: Callable[[str | None], Client], person: Any, assignment: Assignment
) -> Camera:
    return Camera(browser_of("crew"), person("crew").pk, assignment.pk)


def test_a_photo_goes_on_where_it_was_cut_off(camera: Camera, assignment: Assignment) -> None:
    data = picture()
    assert len(data) > 3 * MOST_PIECE
    key, outcome = camera.announce(data)
    assert outcome == "done"
    assert camera.piece(key, 0, data[:MOST_PIECE]) == (
        200,
        {"received": MOST_PIECE, "done": False, "refused": ""},
    )
    # The answer was lost: the phone sends the same piece again, then one too far, then nothing.
    for offset, sent in ((0, MOST_PIECE), (3 * MOST_PIECE, 100), (MOST_PIECE, 0), (-1, 100)):
        status, told = camera.piece(key, offset, data[:sent])
        assert (status, told["received"]) == (409, MOST_PIECE)
    for wrong in ("", "x", "1.5"):
        assert camera.piece(key, wrong, b"x")[0] == 400
    at = MOST_PIECE
    while at < len(data):
        status, told = camera.piece(key, at, data[at : at + MOST_PIECE])
        at = told["received"]
    assert told == {"received": len(data), "done": True, "refused": ""}
    assert camera.piece(key, 0, data[:100])[1]["done"]
    row = FieldPhoto.objects.get()
    assert [name for name, _path in KEPT.kept()] == [row.name]
    kept = KEPT.read(row.name, row.digest)
    with Image.open(io.BytesIO(kept)) as drawn:
        assert not drawn.getexif()
    assert b"Kenari" not in kept
    assert b"JFIF" not in KEPT.path(row.name).read_bytes()
    written = Journal.objects.get(kind="field.photo")
    assert (written.case, written.body["photo"]) == (f"incident:{assignment.incident_id}", row.pk)


def test_what_was_damaged_on_the_way_comes_anew(camera: Camera) -> None:
    data = picture(300)
    key, _outcome = camera.announce(data)
    assert len(data) < MOST_PIECE
    status, told = camera.piece(key, 0, data[:-1] + b"?")
    assert (status, told["received"]) == (409, 0)
    assert camera.piece(key, 0, data)[1]["done"]


def test_what_is_no_picture_or_too_much_is_refused_in_words(camera: Camera) -> None:
    status, told = camera.send(b"%PDF-1.7 " + b"x" * 1000)
    assert (status, bool(told["error"]["message"])) == (400, True)
    assert FieldPhoto.objects.get().refused == "file"
    assert not list(KEPT.kept())
    assert camera.announce(b"x", size=MOST_BYTES + 1)[1] == "refused"
    assert camera.announce(b"x", size=0)[1] == "refused"
    assert camera.announce(b"x", sha256="short")[1] == "refused"
    key, _outcome = camera.announce(picture(300))
    assert camera.piece(key, 0, b"x" * (MOST_PIECE + 1))[0] == 400


def test_a_photo_is_its_own_phones(
    camera: Camera, browser_of: Callable[[str | None], Client]
) -> None:
    key, _outcome = camera.announce(picture(300))
    assert browser_of("dispatcher").get(f"/crew/photos/{key}").status_code == 403
    assert camera.browser.get("/crew/photos/photo-of-nobody").status_code == 404


def test_the_room_sees_it_and_that_is_recorded(
    camera: Camera, assignment: Assignment, browser_of: Callable[[str | None], Client]
) -> None:
    assert camera.send(picture(300))[1]["done"]
    photo, room = FieldPhoto.objects.get(), browser_of("dispatcher")
    address = f"/incidents/{assignment.incident_id}/photos/{photo.pk}"
    assert address in room.get(f"/incidents/{assignment.incident_id}").content.decode()
    before = Journal.objects.filter(kind="person.opened").count()
    shown = room.get(address)
    assert (shown["Content-Type"], shown.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert Journal.objects.filter(kind="person.opened").count() == before + 1
    for role in ("crew", "evaluator", "agency"):
        assert browser_of(role).get(address).status_code == 403
    assert room.get(f"/incidents/999/photos/{photo.pk}").status_code == 404


def test_photos_are_forgotten_with_the_words_of_their_incident(
    camera: Camera, assignment: Assignment, time: clock.Frozen, actor: Who, put: Any
) -> None:
    assert camera.send(picture(300))[1]["done"]
    put("personal.ticket_days", 30)
    incident, boss = assignment.incident, actor("supervisor")
    time.forward(40 * 86_400)
    assert erase_old_photos(actor=TIMER) == 0  # nobody has ended it
    end_incident(
        incident.pk, "cancel", reason="not_needed", confirmed=True, actor=actor("dispatcher")
    )
    time.forward(31 * 86_400)
    incident.refresh_from_db()
    hold(incident, "police", actor=boss)
    assert erase_old_photos(actor=TIMER) == 0
    lift_hold(incident, actor=boss)
    assert (erase_old_photos(actor=TIMER), erase_old_photos(actor=TIMER)) == (1, 0)
    assert (remove_erased_photos(), list(KEPT.kept())) == (1, [])


def test_pieces_of_a_phone_that_never_came_back_are_removed(
    camera: Camera, time: clock.Frozen
) -> None:
    data = picture()
    key, _outcome = camera.announce(data)
    camera.piece(key, 0, data[:MOST_PIECE])
    assert remove_erased_photos() == 0
    time.forward((COMING + timedelta(days=1)).total_seconds())
    assert (remove_erased_photos(), list(KEPT.kept())) == (1, [])
