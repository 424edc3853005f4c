"""What the live screens get: the board's rows, the names of their codes, and who is told."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.calls.models import Call
from sigap.console import feed
from sigap.console.stream import Console, Stream
from sigap.core.actions.accounts import change_user
from sigap.core.actors import Actor
from sigap.core.journal import tip_seq
from sigap.core.models import User
from sigap.core.tail import Tail
from sigap.dispatch.actions import define_unit, report_position, send_units, step
from sigap.fleet.models import Agency, Unit
from sigap.incidents.actions import link_incidents, merge_incident, open_incident
from sigap.incidents.models import Incident

from .asking import get

Actors = Callable[[str], Actor]
Browsers = Callable[[str], Client]


def read(message: bytes) -> tuple[str, Any]:
    """The name and the data of a server-sent event."""
    lines = dict(line.split(": ", 1) for line in message.decode().strip().splitlines())
    return lines.get("event", ""), json.loads(lines["data"])


def test_units_move_on_the_walls_map_as_on_the_dispatchers(actor: Actors) -> None:
    stream = Stream(Tail())
    wall, board, agency = (Console(view, "", "user:1") for view in ("wall", "console", "agency"))
    stream.consoles.update((wall, board, agency))
    report_position("AMB-01", -7.81, 112.02, source="crew", actor=actor("crew"))
    news = stream.position_news()
    asyncio.run(stream.tell(lambda: news))
    for console in (wall, board):
        name, data = read(console.unread.get_nowait() or b"")
        assert name == "positions"
        assert [unit[:3] for unit in data["units"]] == [["AMB-01", -7.81, 112.02]]
    assert agency.unread.empty()
    assert stream.position_news() == {}  # told once


def test_the_wall_does_not_follow_a_unit_to_its_incident(
    actor: Actors, browser_of: Browsers
) -> None:
    job = send_units(
        opened(actor("call_taker")).pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio"
    )[0]
    step(job.pk, "depart", source="crew", actor=actor("crew"))
    report_position("AMB-01", -7.81234, 112.02345, source="crew", actor=actor("crew"))
    moved = {view: read(news)[1]["units"] for view, news in Stream(Tail()).position_news().items()}
    assert moved["console"][0][:3] == ["AMB-01", -7.81234, 112.02345]
    assert moved["wall"][0][:3] == ["AMB-01", -7.81, 112.02]
    for view, place in (("wall", (-7.81, 112.02)), ("console", (-7.81234, 112.02345))):
        units = get(browser_of("supervisor"), f"/console/state?view={view}")["units"]
        unit = next(unit for unit in units if unit["call_sign"] == "AMB-01")
        assert (unit["lat"], unit["lng"]) == place


def test_the_wall_does_not_learn_where_an_incident_was_when_the_work_is_done(
    actor: Actors, browser_of: Browsers
) -> None:
    def on_the_wall() -> tuple[float, float]:
        units = get(browser_of("evaluator"), "/console/state?view=wall")["units"]
        unit = next(unit for unit in units if unit["call_sign"] == "AMB-01")
        return unit["lat"], unit["lng"]

    unit = Unit.objects.get(call_sign="AMB-01")
    assert on_the_wall() == (unit.station_lat, unit.station_lng)
    job = send_units(
        opened(actor("call_taker")).pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio"
    )[0]
    step(job.pk, "arrive", source="crew", actor=actor("crew"))
    report_position("AMB-01", -7.85234, 112.06345, source="crew", actor=actor("crew"))
    step(job.pk, "complete", source="crew", actor=actor("crew"))
    assert on_the_wall() == (-7.85, 112.06)


def test_an_open_stream_follows_a_unit_that_changes_its_agency(
    actor: Actors, browser_of: Browsers
) -> None:
    before = tip_seq()
    satpolpp = Agency.objects.get(code="satpolpp")
    define_unit(Unit, key={"call_sign": "AMB-01"}, agency=satpolpp, actor=actor("administrator"))
    send_units(
        opened(actor("call_taker")).pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio"
    )
    batch = feed.collect(before)
    assert batch
    assert read(batch.message("agency", "psc119"))[0] == "reset"  # what it has is out of date
    later = feed.collect(batch.rows[0]["seq"])
    assert later
    incidents = {
        agency: read(later.message("agency", agency))[1]["put"]["incidents"]
        for agency in ("psc119", "satpolpp")
    }
    assert not incidents["psc119"] and incidents["satpolpp"]


def test_an_agency_sees_an_incident_only_while_its_unit_is_sent_there(
    actor: Actors, browser_of: Browsers
) -> None:
    def seen() -> list[int]:
        rows = get(browser_of("agency"), "/console/state?view=agency")["incidents"]
        return [row["id"] for row in rows]

    incident = opened(actor("call_taker"))
    job = send_units(incident.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")[0]
    assert seen() == [incident.pk]
    step(job.pk, "decline", reason="no_crew", source="agency", actor=actor("agency"))
    assert seen() == []
    answer = browser_of("agency").post(f"/agency/assignments/{job.pk}/story")
    assert answer.status_code == 404


def test_what_carries_on_after_a_merge_says_so_with_the_news_of_both(actor: Actors) -> None:
    desk = actor("call_taker")
    first, second, third = (opened(desk) for _ in range(3))
    before = tip_seq()
    merge_incident(third.pk, second.pk, actor=desk)
    merge_incident(second.pk, first.pk, actor=desk)
    batch = feed.collect(before)
    assert batch
    rows = {row["id"]: row for row in batch.board["incidents"]}
    assert sorted(rows[first.pk]["merged"]) == [second.pk, third.pk]
    assert rows[second.pk]["state"] == rows[third.pk]["state"] == "merged"


def test_names_of_people_stay_in_the_control_room(browser_of: Browsers) -> None:
    assert get(browser_of("dispatcher"), "/console/catalogue")["users"]
    for role in ("evaluator", "agency"):
        assert get(browser_of(role), "/console/catalogue")["users"] == {}


@pytest.mark.parametrize(
    "language, name", [("id", "Ambulans gawat darurat"), ("en", "Emergency ambulance")]
)
def test_the_kind_of_a_unit_is_named_in_the_persons_language(
    language: str, name: str, browser_of: Browsers, actor: Actors
) -> None:
    change_user(
        User.objects.get(username="dispatcher"), language=language, actor=actor("administrator")
    )
    client = browser_of("dispatcher")
    kinds = get(client, "/console/catalogue")["kinds"]
    board = get(client, "/console/state?view=console")["units"]
    unit = next(unit for unit in board if unit["call_sign"] == "AMB-01")
    assert kinds[unit["kind"]] == name


def test_the_words_of_a_drills_caller_are_kept_apart_from_the_lines_name(
    ring: Callable[..., Call], browser_of: Browsers
) -> None:
    ring(trunk="112-a LATIHAN: pesan bakso dua")
    ring(trunk="112-b")
    calls = get(browser_of("call_taker"), "/console/state?view=console")["calls"]
    assert [(c["trunk"], c["said"]) for c in calls] == [("112-a", "pesan bakso dua"), ("112-b", "")]
    page = browser_of("supervisor").get("/supervisor").content.decode()
    assert "112-a <q" in page and "LATIHAN:" not in page
    shown = get(browser_of("dispatcher"), "/console/state?view=wall")["calls"]
    assert [c["said"] for c in shown] == [None, None]


def opened(actor: Actor) -> Incident:
    return open_incident("kecelakaan_lalin", lat=-7.82, lng=112.01, actor=actor)


def test_a_link_is_seen_from_both_incidents_at_once(actor: Actors) -> None:
    boss = actor("dispatcher")
    part, whole, other = opened(boss), opened(boss), opened(boss)
    before = tip_seq()
    link_incidents(part.pk, whole.pk, "parent", actor=boss)
    link_incidents(other.pk, part.pk, "related", actor=boss)
    batch = feed.collect(before)
    assert batch
    links = {row["id"]: row["links"] for row in batch.board["incidents"]}
    assert links == {
        part.pk: [{"id": whole.pk, "kind": "part_of"}, {"id": other.pk, "kind": "related"}],
        whole.pk: [{"id": part.pk, "kind": "has_part"}],
        other.pk: [{"id": part.pk, "kind": "related"}],
    }
