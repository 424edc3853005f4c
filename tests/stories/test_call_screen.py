"""What a call taker does on the screen, as the browser asks for it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client

from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.models import Deployment, Journal, Shift, Text
from sigap.incidents.actions import open_incident
from sigap.incidents.models import Incident
from sigap.places import queries as places
from sigap.places.models import Area, Landmark
from tests.conftest import START

from .asking import get, post

Make = Callable[..., Call]
Browser = Callable[[str | None], Client]


@pytest.fixture
def desk(browser_of: Browser) -> Client:
    """The call taker's browser."""
    return browser_of("call_taker")


@pytest.fixture
def call(ring: Make, desk: Client) -> Call:
    """A call that this desk has taken."""
    made = ring()
    assert post(desk, f"/calls/{made.pk}/take")["status"] == 200
    made.refresh_from_db()
    return made


def test_the_page_names_who_sits_there_and_whether_they_supervise(browser_of: Browser) -> None:
    assert b'"supervises": false' in browser_of("call_taker").get("/calls").content
    assert b'"supervises": true' in browser_of("supervisor").get("/calls").content


@pytest.mark.parametrize("role", [None, "dispatcher", "agency", "crew", "evaluator"])
def test_only_call_takers_and_supervisors_answer(role: str | None, browser_of: Browser) -> None:
    client = browser_of(role)
    for url in ("/calls/1/take", "/calls/1/close", "/calls/enter"):
        answer = post(client, url)
        assert answer["status"] == (401 if role is None else 403)


def test_take_then_one_key_closes_a_silent_call(desk: Client, ring: Make) -> None:
    call = ring(None)
    taken = post(desk, f"/calls/{call.pk}/take")
    assert taken == {"status": 200, "ok": True, "call": call.pk, "version": taken["version"]}
    closed = post(desk, f"/calls/{call.pk}/close", **{"class": "silent"})
    assert closed["status"] == 200
    call.refresh_from_db()
    assert (call.state, call.call_class) == ("closed", "silent")


def test_hold_resume_and_hang_up(desk: Client, call: Call) -> None:
    for command, state in (("hold", "held"), ("resume", "answered"), ("end", "wrap_up")):
        assert post(desk, f"/calls/{call.pk}/{command}")["status"] == 200
        call.refresh_from_db()
        assert call.state == state
    assert post(desk, f"/calls/{call.pk}/hold")["error"]["code"] == "refused"


def test_the_triage_form_opens_an_incident_and_its_rule_is_checked_here(
    desk: Client, call: Call
) -> None:
    mark = Landmark.objects.get(name="RS Baptis Kediri")
    answer = post(
        desk,
        f"/calls/{call.pk}/incident",
        type="kecelakaan_lalin",
        address="depan RS Baptis",
        landmark=mark.pk,
        answers={"trapped": "yes"},
        priority=2,
        siren=True,
        victims=None,
        reporter="Sari",
        chronology="motor lawan truk",
    )
    assert (answer["status"], answer["suggested"], answer["rule"]) == (200, 1, "KLL-2")
    incident = Incident.objects.get(pk=answer["incident"])
    assert (incident.priority, incident.lat) == (2, mark.lat)
    call.refresh_from_db()
    assert call.incident_id == incident.pk


def test_a_refused_form_changes_nothing_and_says_why(desk: Client, call: Call) -> None:
    rows = Journal.objects.count()
    for wrong in (
        {"type": ""},
        {"type": "tidak ada"},
        {"type": "kecelakaan_lalin", "answers": {"trapped": "perhaps"}},
        {"type": "kecelakaan_lalin", "lat": -7.8},
        {"type": "kecelakaan_lalin", "priority": 9},
        {"type": "kecelakaan_lalin", "address": "x" * 5000},
        {"type": "kecelakaan_lalin", "landmark": 10**30},
        {"type": "kecelakaan_lalin", "victims": 10**30},
    ):
        answer = post(desk, f"/calls/{call.pk}/incident", **wrong)
        assert answer["status"] in (400, 404), wrong
        assert answer["error"]["message"]
    assert Journal.objects.count() == rows


def test_a_call_about_a_known_incident_is_linked_and_closed_as_a_repeat(
    desk: Client, call: Call, actor: Callable[..., object]
) -> None:
    incident = open_incident("kecelakaan_lalin", actor=actor("dispatcher"))  # type: ignore[arg-type]
    answer = post(desk, f"/calls/{call.pk}/close", **{"class": "repeat", "incident": incident.pk})
    assert answer["status"] == 200
    call.refresh_from_db()
    assert (call.call_class, call.incident_id) == ("repeat", incident.pk)


def test_a_failed_close_does_not_leave_the_link(desk: Client, call: Call) -> None:
    assert post(desk, f"/calls/{call.pk}/close", **{"class": "repeat", "incident": 999})[
        "status"
    ] == (404)
    call.refresh_from_db()
    assert (call.state, call.incident_id) == ("answered", None)


def test_a_stale_version_is_a_conflict_that_names_the_new_one(desk: Client, call: Call) -> None:
    answer = post(desk, f"/calls/{call.pk}/close", **{"class": "silent", "version": 0})
    assert (answer["status"], answer["error"]["code"]) == (409, "conflict")
    assert answer["error"]["version"] == call.version


def test_a_supervisor_takes_over_with_a_reason(
    browser_of: Browser, call: Call, time: clock.Frozen
) -> None:
    time.forward(21)
    client = browser_of("supervisor")
    assert post(client, f"/calls/{call.pk}/take")["error"]["code"] == "reason"
    assert post(client, f"/calls/{call.pk}/take", reason="no_response")["status"] == 200


def test_the_screen_pop_shows_earlier_calls_and_the_look_is_on_record(
    desk: Client, call: Call, ring: Make
) -> None:
    post(desk, f"/calls/{call.pk}/close", **{"class": "prank", "note": "anak-anak"})
    again = ring()
    shown = get(desk, f"/calls/{again.pk}")
    assert [(c["id"], c["class"]) for c in shown["earlier"]] == [(call.pk, "prank")]
    assert shown["call"]["history"]["classes"] == {"prank": 1}
    get(desk, f"/calls/{again.pk}")
    looks = Journal.objects.filter(kind="person.opened", subject=f"call:{again.pk}")
    assert looks.count() == 1


def test_the_log_of_a_call_is_told_in_words(desk: Client, call: Call) -> None:
    story = get(desk, f"/calls/{call.pk}")["story"]
    told = [row["text"] for row in story]
    assert all("%(" not in text and not text.startswith("call.") for text in told)
    # The name stands beside the sentence: it is not said twice.
    assert story[-1]["by"] == "Call Taker" and "Call Taker" not in story[-1]["text"]


def test_the_words_typed_about_a_call_are_in_its_log(desk: Client, call: Call) -> None:
    entered = post(desk, "/calls/enter", occurred_at="2026-11-02T07:30", note="pohon tumbang")
    first = get(desk, f"/calls/{entered['call']}")["story"][0]
    assert (first["note"], first["occurred_at"]) == ("pohon tumbang", "2026-11-02T00:30:00.000Z")
    post(desk, f"/calls/{call.pk}/close", **{"class": "silent", "note": "Alamat: Jl. Dhoho 12"})
    told = {row["kind"]: row["note"] for row in get(desk, f"/calls/{call.pk}")["story"]}
    assert told["call.close"] == "Alamat: Jl. Dhoho 12"


@pytest.mark.parametrize("number", ["abc", "0812-abc", "tidak ada nomor", "-"])
def test_an_entered_number_that_is_none_is_refused_and_nothing_is_made(
    number: str, desk: Client
) -> None:
    assert post(desk, "/calls/enter", number=number)["error"]["code"] == "number"
    assert not Call.objects.exists()
    for none in ("", "  ", "unknown"):
        assert post(desk, "/calls/enter", number=none)["status"] == 200


def test_a_call_is_entered_by_hand_with_the_citys_own_time(desk: Client) -> None:
    answer = post(
        desk, "/calls/enter", number="0812 3345 1190", occurred_at="2026-11-02T07:30", note="padam"
    )
    call = Call.objects.get(pk=answer["call"])
    assert call.began_at == datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
    assert call.operator is not None and call.operator.username == "call_taker"
    assert Text.objects.get(subject=f"call:{call.pk}").body == "padam"


@pytest.mark.parametrize(
    "wrong", ["2026-11-02T09:30", "0001-01-01T00:00", "9999-12-31T23:59", "kemarin", 10**30]
)
def test_an_impossible_time_is_refused(desk: Client, wrong: object) -> None:
    assert post(desk, "/calls/enter", occurred_at=wrong)["status"] == 400


def test_call_backs_are_reported_and_waived(desk: Client, ring: Make) -> None:
    from sigap.calls.actions import report_event
    from tests.conftest import PBX

    call = ring()
    report_event("ended", source="pbx", external_id="ring-1", at=START, actor=PBX)
    assert post(desk, f"/calls/{call.pk}/callback", reached=False)["status"] == 200
    assert post(desk, f"/calls/{call.pk}/waive", reason="bohong")["error"]["code"] == "reason"
    assert post(desk, f"/calls/{call.pk}/callback", reached=True)["status"] == 200
    opened = post(desk, f"/calls/{call.pk}/incident", type="kecelakaan_lalin")
    assert opened["status"] == 200


def test_a_closed_call_gets_another_class(desk: Client, call: Call) -> None:
    post(desk, f"/calls/{call.pk}/close", **{"class": "silent"})
    row = get(desk, "/calls/recent")["calls"][0]
    assert (row["id"], row["class"]) == (call.pk, "silent")
    again = {"class": "complaint", "field_action": True, "version": row["v"]}
    assert post(desk, f"/calls/{call.pk}/reclassify", **again)["status"] == 200
    assert get(desk, "/calls/recent")["calls"][0]["field_action"] is True


def test_a_call_that_was_closed_by_mistake_becomes_an_emergency_with_its_incident(
    desk: Client, call: Call
) -> None:
    post(desk, f"/calls/{call.pk}/close", **{"class": "silent"})
    form = {"type": "kecelakaan_lalin", "address": "Jl. Dhoho 12", "call_class": "emergency"}
    opened = post(desk, f"/calls/{call.pk}/incident", **form)
    assert opened["status"] == 200
    call.refresh_from_db()
    assert (call.state, call.call_class, call.incident_id) == (
        "closed",
        "emergency",
        opened["incident"],
    )
    kinds = Journal.objects.filter(subject=f"call:{call.pk}").values_list("kind", flat=True)
    assert list(kinds.order_by("-seq")[:2]) == ["call.reclassify", "call.linked"]


def test_a_call_that_was_closed_by_mistake_becomes_a_repeat_of_what_is_known(
    desk: Client, call: Call, actor: Callable[..., object]
) -> None:
    incident = open_incident("kecelakaan_lalin", actor=actor("dispatcher"))  # type: ignore[arg-type]
    post(desk, f"/calls/{call.pk}/close", **{"class": "silent"})
    row = get(desk, "/calls/recent")["calls"][0]
    again = {"class": "repeat", "incident": incident.pk, "version": row["v"]}
    assert post(desk, f"/calls/{call.pk}/reclassify", **again)["status"] == 200
    call.refresh_from_db()
    assert (call.call_class, call.incident_id) == ("repeat", incident.pk)
    assert post(desk, f"/calls/{call.pk}/reclassify", **again)["error"]["code"] == "conflict"


def test_the_closed_calls_say_whose_they_were(desk: Client, call: Call, ring: Make) -> None:
    post(desk, f"/calls/{call.pk}/close", **{"class": "silent"})
    nobody = ring(None)
    post(desk, f"/calls/{nobody.pk}/take")
    post(desk, f"/calls/{nobody.pk}/close", **{"class": "prank"})
    rows = {c["id"]: c for c in get(desk, "/calls/recent")["calls"]}
    assert rows[nobody.pk]["phone"] is None
    assert rows[call.pk]["phone"].count("-") == 2
    assert {c["operator"] for c in rows.values()} == {call.operator_id}


def test_a_call_that_still_rings_is_no_earlier_call(desk: Client, call: Call, ring: Make) -> None:
    ring()
    assert get(desk, f"/calls/{call.pk}")["earlier"] == []


def test_unknown_calls_and_broken_json_are_told_apart(desk: Client) -> None:
    assert post(desk, f"/calls/{10**25}/take")["status"] == 404
    broken = desk.post("/calls/1/take", data="{", content_type="application/json")
    assert (broken.status_code, broken.json()["error"]["code"]) == (400, "fields")
    assert desk.get("/calls/1/take").status_code == 405


def test_words_are_offered_places_and_ambiguity_is_told(desk: Client) -> None:
    found = post(desk, "/places/find", q="dekat RS Baptis")["places"]
    assert found[0]["kind"] == "landmark" and found[0]["score"] > 80
    unclear = post(desk, "/places/find", q="Mojoroto")["places"]
    assert any(place["ambiguous"] for place in unclear)
    assert post(desk, "/places/find", q="")["places"] == []
    assert post(desk, "/places/find", q="x" * 501)["status"] == 400


@pytest.fixture
def own_map() -> Iterator[None]:
    """The city's map is read anew for this test, and forgotten after it."""
    places.forget()
    yield
    places.forget()


@pytest.mark.usefixtures("own_map")
def test_landmarks_of_one_name_are_told_apart_by_their_kelurahan(desk: Client) -> None:
    here, there = Area.objects.order_by("code")[:2]
    marks = [
        Landmark.objects.create(name="Masjid Uji Coba", area=area, aliases=[]).pk
        for area in (here, there)
    ]
    found = post(desk, "/places/find", q="Masjid Uji Coba")["places"]
    offers = {int(p["id"]): p["area"] for p in found if p["name"] == "Masjid Uji Coba"}
    assert offers == {marks[0]: here.code, marks[1]: there.code}


def test_a_point_is_named_and_one_elsewhere_is_not(desk: Client) -> None:
    assert post(desk, "/places/at", lat=-7.8266, lng=112.0305)["area"]
    assert post(desk, "/places/at", lat=-7.2575, lng=112.7521)["area"] is None
    assert post(desk, "/places/at", lat="nan", lng=112)["status"] == 400
    assert post(desk, "/places/at")["status"] == 400


def test_candidates_come_with_their_reasons(desk: Client, call: Call) -> None:
    made = post(
        desk, f"/calls/{call.pk}/incident", type="kecelakaan_lalin", lat=-7.8266, lng=112.0305
    )
    url = "/incidents/candidates"
    known = {"type": "kecelakaan_lalin", "lat": -7.8270, "lng": 112.0305, "area": None}
    (found,) = post(desk, url, **known)["candidates"]
    assert (found["incident"], found["metres"], found["same_type"]) == (made["incident"], 44, True)
    assert post(desk, url, **known, exclude=made["incident"])["candidates"] == []
    assert post(desk, url)["candidates"] == []


def test_the_shift_begins_in_ones_own_role_only(desk: Client) -> None:
    assert desk.get("/start").status_code == 200
    refused = desk.post("/start", {"role": "supervisor"}, headers={"Accept": "application/json"})
    assert refused.status_code == 400
    begun = desk.post("/start", {"role": "call_taker", "desk": "CT-02"})
    assert (begun.status_code, begun["Location"]) == (302, "/calls")
    assert Shift.objects.get(ended_at=None).desk == "CT-02"
    assert b"08:00" in desk.get("/start").content
    assert desk.post("/start/end")["Location"] == "/start"
    assert not Shift.objects.filter(ended_at=None).exists()


def test_a_time_entered_by_hand_is_the_citys_own(desk: Client) -> None:
    city = Deployment.objects.get()
    city.pack = city.pack | {"timezone": "Asia/Makassar"}
    city.save()
    made = post(desk, "/calls/enter", occurred_at="2026-11-02T08:30")
    assert Call.objects.get(pk=made["call"]).began_at == datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
    page = desk.get("/start").content.decode()
    assert 'data-zone="Asia/Makassar" data-zone-name="WITA"' in page
