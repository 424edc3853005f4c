"""The board as it was at any second, and the notes that supervisors make there."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from sigap.calls.actions import open_incident_for_call
from sigap.calls.models import Call
from sigap.console.past.board import moment, past_at, told
from sigap.console.past.fold import Past
from sigap.console.rows import Row, incident_rows, unit_rows
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Forbidden, Invalid
from sigap.core.models import Journal, Text
from sigap.dispatch.actions import end_incident, reopen_incident, send_units, step
from sigap.fleet.actions import set_availability, set_duty
from sigap.fleet.models import Unit
from sigap.incidents.actions import (
    change_facts,
    merge_incident,
    open_incident,
    park_incident,
    set_level,
    set_priority,
)
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.models import Incident
from sigap.reviews.models import ReviewNote
from sigap.reviews.notes.actions import erase_old_notes, strike_note, write_note
from tests.conftest import START

Make = Callable[..., Call]
Browser = Callable[[str | None], Client]
Who = Callable[[str], Actor]
# What the journal does not hold, or what only commands need.
NOT_KEPT = {
    "incidents": {"v", "suggested", "rule", "located", "needs", "links", "answers", "victims"},
    "units": {"v", "moved_no"},
    "jobs": {"v", "answer_s", "seen_near", "seen_leaving"},
}


def plain(board: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """A board without what a replay does not tell, in the order of the keys."""
    found: dict[str, list[Row]] = {}
    for table in ("incidents", "units"):
        rows = [{k: v for k, v in r.items() if k not in NOT_KEPT[table]} for r in board[table]]
        for row in rows:
            row["jobs"] = [
                {k: v for k, v in job.items() if k not in NOT_KEPT["jobs"]} for job in row["jobs"]
            ]
        found[table] = sorted(rows, key=lambda row: row["id"])
    return found


def live() -> dict[str, list[Row]]:
    """What the live board shows now."""
    return plain(
        {
            "incidents": incident_rows(Incident.objects.filter(state__in=UNFINISHED)),
            "units": unit_rows(Unit.objects.filter(active=True)),
        }
    )


def played(start: datetime, until: datetime) -> dict[str, list[Row]]:
    """What the screen shows at `until` when it plays on from `start`."""
    shown = told(moment(start), clock.now())
    tables = {t: {row["id"]: row for row in shown["snapshot"][t]} for t in ("incidents", "units")}
    for batch in shown["batches"]:
        if datetime.fromisoformat(batch["at"]) > until:
            break
        for table, rows in batch["put"].items():
            for row in rows:
                tables[table][row["id"]] = tables[table].get(row["id"], {}) | row
    open_now = [row for row in tables["incidents"].values() if row["state"] in UNFINISHED]
    return plain({"incidents": open_now, "units": list(tables["units"].values())})


class Shift:
    """A shift in which much happens; after each act the live board is kept."""

    def __init__(self, time: clock.Frozen, actor: Who, answered: Make) -> None:
        self.time, self.kept = time, list[tuple[datetime, dict[str, list[Row]]]]()
        taker, sender, boss = actor("call_taker"), actor("dispatcher"), actor("supervisor")
        self.keep()
        first = open_incident_for_call(
            answered().pk,
            "kecelakaan_lalin",
            actor=taker,
            address="Jl. Brawijaya 41",
            lat=-7.8266,
            lng=112.0305,
        )
        self.keep()
        (job,) = send_units(first.pk, ["AMB-01"], actor=sender, choice="radio")
        self.keep()
        second = open_incident(
            "kebakaran_bangunan", actor=sender, priority=3, lat=-7.82, lng=112.02
        )
        self.keep()
        set_priority(second.pk, 1, siren=True, actor=sender)
        set_duty("POL-01", on_duty=False, actor=sender)
        self.keep()
        step(job.pk, "depart", actor=sender, source="dispatcher")
        set_availability("AMB-02", "reserve", actor=sender)
        self.keep()
        change_facts(second.pk, actor=sender, type_code="kecelakaan_lalin")
        set_level(second.pk, 2, actor=boss)
        self.keep()
        (other,) = send_units(second.pk, ["POL-02"], actor=sender, choice="radio", confirmed=True)
        self.keep()
        merge_incident(second.pk, first.pk, actor=sender)
        self.keep()
        step(job.pk, "arrive", actor=sender, source="dispatcher")
        set_availability("AMB-02", "withdraw", actor=sender, reason="damaged")
        third = open_incident("kecelakaan_lalin", actor=sender, priority=4, lat=-7.81, lng=112.0)
        self.keep()
        park_incident(third.pk, actor=sender)
        self.keep()
        step(job.pk, "complete", actor=sender, source="dispatcher")
        step(other.pk, "depart", actor=sender, source="dispatcher")
        step(other.pk, "arrive", actor=sender, source="dispatcher")
        step(other.pk, "complete", actor=sender, source="dispatcher")
        self.keep()
        end_incident(first.pk, "close", disposition="handled", actor=sender)
        self.keep()
        reopen_incident(first.pk, reason="recurred", actor=sender)
        set_availability("AMB-02", "return", actor=sender)
        self.keep()

    def keep(self) -> None:
        self.time.forward(1)
        self.kept.append((self.time.at, live()))
        self.time.forward(20)


@pytest.fixture
def shift(time: clock.Frozen, actor: Who, answered: Make) -> Shift:
    return Shift(time, actor, answered)


def test_at_each_moment_it_is_what_the_live_board_showed_then(shift: Shift) -> None:
    for at, board in shift.kept:
        shown = told(moment(at), clock.now())["snapshot"]
        assert plain(shown) == board, at


def test_played_on_from_any_moment_it_comes_to_what_the_live_board_showed(shift: Shift) -> None:
    for start, _board in shift.kept[::3]:
        for at, board in shift.kept:
            if start < at:
                assert played(start, at) == board, (start, at)


def test_a_board_before_the_first_row_is_empty(shift: Shift) -> None:
    shown = told(moment(START - timedelta(days=400)), clock.now())
    assert shown["snapshot"]["incidents"] == []
    assert all(not unit["jobs"] for unit in shown["snapshot"]["units"])
    assert shown["ended"] is False


def test_the_end_of_a_part_is_where_the_next_begins(shift: Shift, monkeypatch: Any) -> None:
    monkeypatch.setattr("sigap.console.past.board.MOST_ROWS", 10)
    at, until = shift.kept[0][0], shift.kept[-1][0]
    parts = 0
    while True:
        part = told(moment(at), until)
        at, parts = datetime.fromisoformat(part["until"]), parts + 1
        if part["ended"]:
            break
    assert parts > 3
    # The stamps of screens are cut to milliseconds.
    assert until - at < timedelta(milliseconds=1)


def test_supervisors_see_it_and_nobody_else(browser_of: Browser, shift: Shift) -> None:
    at = quote(shift.kept[3][0].isoformat())
    for address in ("/replay", f"/replay/board?at={at}", f"/replay/jump?way=next&at={at}"):
        assert browser_of("supervisor").get(address).status_code == 200
        for role in ("dispatcher", "call_taker", "agency", "crew", "evaluator", "administrator"):
            assert browser_of(role).get(address).status_code == 403


def test_which_hours_somebody_looked_at_is_on_record_once(
    browser_of: Browser, shift: Shift, time: clock.Frozen
) -> None:
    at = quote(shift.kept[3][0].isoformat())
    looks = Journal.objects.filter(subject="board:2026-11-02T08", kind="person.opened")
    for _i in range(3):
        browser_of("supervisor").get(f"/replay/board?at={at}")
    assert [row.body for row in looks] == [{"screen": "board_replay"}]
    time.forward(601)
    answer = browser_of("supervisor").get(f"/replay/board?at={at}")
    assert answer.status_code == 200, answer.content
    assert looks.all().count() == 2


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01T00:00", "1999-01-01T00:00", "x" * 5000])
def test_what_is_no_time_is_refused(browser_of: Browser, at: str) -> None:
    for address in (f"/replay?at={at}", f"/replay/board?at={at}"):
        assert browser_of("supervisor").get(address).status_code == 400
    assert browser_of("supervisor").get("/replay/jump?way=up").status_code == 400


def test_a_moment_to_come_is_refused(browser_of: Browser, time: clock.Frozen) -> None:
    at = quote((time.at + timedelta(seconds=1)).isoformat())
    assert browser_of("supervisor").get(f"/replay/board?at={at}").status_code == 400


def test_one_jumps_from_incident_to_incident(browser_of: Browser, shift: Shift) -> None:
    def to(way: str, at: datetime) -> Any:
        address = f"/replay/jump?way={way}&at={quote(at.isoformat())}"
        return json.loads(browser_of("supervisor").get(address).content)["at"]

    first = datetime.fromisoformat(to("next", START))
    second = datetime.fromisoformat(to("next", first))
    assert second > first
    assert datetime.fromisoformat(to("before", second)) == first
    answer = browser_of("supervisor").get(f"/replay/board?at={quote(first.isoformat())}")
    board = json.loads(answer.content)
    assert [row["id"] for row in board["snapshot"]["incidents"]] == [
        Incident.objects.earliest("pk").pk
    ]
    assert to("before", START) is None
    assert to("next", clock.now()) is None


def test_the_way_of_a_unit_is_shown_as_its_devices_told(
    actor: Who, time: clock.Frozen, shift: Shift
) -> None:
    from sigap.fleet.positions.models import Device, TrackPoint

    unit = Unit.objects.get(call_sign="AMB-01")
    device = Device.objects.create(unit=unit, kind="tracker", digest="x")
    at, _board = shift.kept[2]
    for i in range(3):
        when = at + timedelta(seconds=30 * i)
        TrackPoint.objects.create(unit=unit, device=device, at=when, lat=-7.8 - i / 1e3, lng=112.0)
    shown = told(moment(at), clock.now())
    (row,) = [row for row in shown["snapshot"]["units"] if row["id"] == unit.pk]
    assert (row["lat"], row["position_at"][:19]) == (-7.8, at.isoformat()[:19])
    assert [move[1:3] for move in shown["moves"]] == [["AMB-01", -7.801], ["AMB-01", -7.802]]


def test_a_note_stands_at_its_moment_and_a_wrong_one_is_struck(
    browser_of: Browser, shift: Shift
) -> None:
    at, incident = shift.kept[4][0], Incident.objects.earliest("pk")
    client = browser_of("supervisor")
    said = {"at": at.isoformat(), "text": "Terlambat dikirim", "incident": incident.pk}
    answer = client.post("/replay/notes", said, content_type="application/json")
    assert answer.status_code == 200
    pk = answer.json()["id"]
    (line,) = told(moment(at - timedelta(minutes=1)), clock.now())["notes"]
    assert (line["text"], line["incident"], line["struck"]) == (
        "Terlambat dikirim",
        incident.pk,
        False,
    )
    row = Journal.objects.latest("seq")
    assert (row.kind, row.case) == ("review_note.written", f"incident:{incident.pk}")
    struck = client.post(
        f"/replay/notes/{pk}/strike", {"reason": "untrue"}, content_type="application/json"
    )
    assert struck.status_code == 200
    (line,) = told(moment(at - timedelta(minutes=1)), clock.now())["notes"]
    assert line["struck"] and line["text"] == "Terlambat dikirim"
    assert Journal.objects.latest("seq").kind == "review_note.struck"


def test_a_note_is_refused_that_says_nothing_or_is_of_the_future(
    browser_of: Browser, actor: Who, time: clock.Frozen
) -> None:
    client = browser_of("supervisor")
    for said in (
        {"at": START.isoformat(), "text": "  "},
        {"at": (time.at + timedelta(seconds=1)).isoformat(), "text": "x"},
        {"at": "soon", "text": "x"},
        {"at": START.isoformat(), "text": "x" * 4001},
        {"text": "x"},
    ):
        assert (
            client.post("/replay/notes", said, content_type="application/json").status_code == 400
        )
    missing = {"at": START.isoformat(), "text": "x", "incident": 999_999}
    assert client.post("/replay/notes", missing, content_type="application/json").status_code == 404
    with pytest.raises(Forbidden):
        write_note("x", at=START, actor=actor("dispatcher"))
    assert not ReviewNote.objects.exists()


def test_a_strike_needs_a_reason_and_a_note(actor: Who) -> None:
    note = write_note("Baik", at=START, actor=actor("supervisor"))
    with pytest.raises(Invalid):
        strike_note(note.pk, reason="", actor=actor("supervisor"))
    with pytest.raises(Forbidden):
        strike_note(note.pk, reason="untrue", actor=actor("dispatcher"))
    strike_note(note.pk, reason="untrue", actor=actor("supervisor"))
    rows = Journal.objects.filter(kind="review_note.struck")
    strike_note(note.pk, reason="untrue", actor=actor("supervisor"))
    assert rows.count() == 1


def test_old_notes_about_the_board_are_forgotten_and_say_so(
    actor: Who, time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    note = write_note("Bu Siti cakap", at=START, actor=actor("supervisor"))
    put("personal.ticket_days", 30)
    time.forward(29 * 86_400)
    assert erase_old_notes(actor=system("timer")) == 0
    time.forward(2 * 86_400)
    assert erase_old_notes(actor=system("timer")) == 1
    assert Text.objects.get(pk=note.text_id).body == ""
    (line,) = told(moment(START - timedelta(minutes=1)), clock.now())["notes"]
    assert line["text"] == ""


def test_rows_that_are_of_no_case_leave_the_board_as_it_is() -> None:
    past = Past()
    for subject, case in (("user:1", ""), ("unit:x", ""), ("assignment:1", "incident:x")):
        past.apply(Journal(subject=subject, case=case, kind="x", body={}, at=START))
    assert past.incidents == {} and past.units == {}
    assert past_at(moment(START - timedelta(days=400))).incidents == {}
