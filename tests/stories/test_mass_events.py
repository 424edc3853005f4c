"""Mass events: what can wait is put behind, what is lacking is listed, units gather at a point."""

from collections.abc import Callable

import pytest
from django.test import Client

from sigap.console.feed import collect
from sigap.console.parts import sums
from sigap.console.rows import whole_board
from sigap.console.sights import of_agency
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Refused
from sigap.core.journal import tip_seq
from sigap.core.models import Alarm, Journal
from sigap.dispatch.actions import end_incident, send_units, step
from sigap.dispatch.field.models import FieldReport
from sigap.incidents.actions import (
    alarm_parked,
    ask_need,
    link_incidents,
    meet_need,
    merge_incident,
    open_incident,
    park_incident,
    set_priority,
    set_staging,
    unpark_incident,
)
from sigap.incidents.models import Incident, Need

from .proofs import proves

SETUP, TIMER = system("setup"), system("timer")
Who = Callable[[str], Actor]


@pytest.fixture
def boss(actor: Who) -> Actor:
    return actor("dispatcher")


@pytest.fixture
def minor(db: None) -> Incident:
    """A tree that lies in the way, which can wait."""
    return open_incident("pohon_tumbang", lat=-7.82, lng=112.01, priority=3, actor=SETUP)


def again(incident: Incident) -> Incident:
    incident.refresh_from_db()
    return incident


def test_what_can_wait_is_put_behind_and_stays_open(minor: Incident, boss: Actor) -> None:
    park_incident(minor.pk, actor=boss)
    assert (again(minor).state, minor.parked_at) == ("open", clock.now())
    unpark_incident(minor.pk, actor=boss)
    assert again(minor).parked_at is None
    told = Journal.objects.filter(kind__in=["incident.parked", "incident.unparked"])
    assert list(told.order_by("seq").values_list("kind", flat=True)) == [
        "incident.parked",
        "incident.unparked",
    ]


def test_what_is_urgent_or_under_way_cannot_wait(minor: Incident, boss: Actor) -> None:
    set_priority(minor.pk, 2, actor=boss)
    with pytest.raises(Refused, match="P3"):
        park_incident(minor.pk, actor=boss)
    set_priority(minor.pk, 4, actor=boss)
    send_units(minor.pk, ["BPB-01"], actor=boss, choice="radio")
    with pytest.raises(Refused):
        park_incident(minor.pk, actor=boss)


def test_it_is_taken_up_when_it_becomes_urgent_or_a_unit_goes(minor: Incident, boss: Actor) -> None:
    park_incident(minor.pk, actor=boss)
    set_priority(minor.pk, 2, actor=boss)
    assert again(minor).parked_at is None
    set_priority(minor.pk, 3, actor=boss)
    park_incident(minor.pk, actor=boss)
    send_units(minor.pk, ["BPB-01"], actor=boss, choice="radio")
    assert again(minor).parked_at is None


@proves("incidents.parked_s")
def test_after_the_citys_time_somebody_is_asked_to_look_again(
    minor: Incident, boss: Actor, time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    put("incidents.parked_s", 900)
    park_incident(minor.pk, actor=boss)
    time.forward(899)
    assert alarm_parked(actor=TIMER) == 0
    time.forward(1)
    assert alarm_parked(actor=TIMER) == 1
    assert again(minor).parked_at, "nothing is taken up or closed by itself"
    unpark_incident(minor.pk, actor=boss)
    assert Alarm.objects.get(code="parked").state == "done"


def test_what_is_lacking_is_listed_until_no_more_is_needed(minor: Incident, boss: Actor) -> None:
    need = ask_need(minor.pk, "boat", 5, actor=boss)
    meet_need(need.pk, 2, actor=boss)
    more = ask_need(minor.pk, "boat", 8, actor=boss)
    assert (more.pk, more.count, more.met) == (need.pk, 8, 2)
    meet_need(need.pk, 8, ended=True, actor=boss)
    with pytest.raises(Refused):
        meet_need(need.pk, 9, actor=boss)
    assert ask_need(minor.pk, "boat", 1, actor=boss).pk != need.pk


def test_two_people_do_not_write_over_each_others_numbers(minor: Incident, boss: Actor) -> None:
    need = ask_need(minor.pk, "tent", 5, actor=boss)
    meet_need(need.pk, 1, actor=boss, version=need.version)
    with pytest.raises(Conflict):
        meet_need(need.pk, 4, actor=boss, version=need.version)


@pytest.mark.parametrize(("what", "count"), [("gold", 1), ("boat", 0), ("boat", 10_001)])
def test_a_need_that_makes_no_sense_is_refused(
    minor: Incident, boss: Actor, what: str, count: int
) -> None:
    with pytest.raises(Invalid):
        ask_need(minor.pk, what, count, actor=boss)
    assert not Need.objects.exists()


def test_units_gather_at_a_point_until_they_do_no_longer(minor: Incident, boss: Actor) -> None:
    set_staging(minor.pk, -7.81, 112.02, actor=boss)
    assert (again(minor).staging_lat, minor.staging_lng) == (-7.81, 112.02)
    for point in [(0.0, 0.0), (-7.81, None)]:
        with pytest.raises(Invalid):
            set_staging(minor.pk, *point, actor=boss)
    set_staging(minor.pk, None, None, actor=boss)
    assert again(minor).staging_lat is None


def test_the_board_tells_what_is_parked_lacking_and_where_units_gather(
    minor: Incident, browser_of: Callable[[str], Client]
) -> None:
    client = browser_of("dispatcher")

    def post(path: str, **data: object) -> dict[str, object]:
        answer = client.post(path, data, content_type="application/json")
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    post(f"/incidents/{minor.pk}/park", version=again(minor).version)
    need = post(f"/incidents/{minor.pk}/needs", what="meal", count=200)["need"]
    post(f"/needs/{need}/met", met=50)
    post(f"/incidents/{minor.pk}/staging", lat=-7.81, lng=112.02)
    [row] = client.get("/console/state?view=console").json()["incidents"]
    assert row["parked"] and row["staging"] == [-7.81, 112.02]
    assert [(n["what"], n["count"], n["met"]) for n in row["needs"]] == [("meal", 200, 50)]
    page = client.get(f"/incidents/{minor.pk}").content.decode()
    assert "Makanan" in page


@pytest.fixture
def flood(db: None, boss: Actor) -> tuple[Incident, list[Incident]]:
    """One flood with three parts; in the last of them a house, a part of the part."""
    opened = [
        open_incident("banjir", lat=-7.82, lng=112.01, priority=2, actor=SETUP, victims=victims)
        for victims in (None, 2, None, 3)
    ]
    whole, *parts = opened
    for part, above in zip(parts, (whole, whole, parts[1]), strict=True):
        link_incidents(part.pk, above.pk, "parent", actor=boss)
    return whole, parts


def test_the_whole_shows_the_sum_of_its_parts(
    flood: tuple[Incident, list[Incident]], boss: Actor, browser_of: Callable[[str], Client]
) -> None:
    whole, (first, second, house) = flood
    [job] = send_units(first.pk, ["BPB-01"], actor=boss, choice="radio")
    step(job.pk, "depart", source="dispatcher", actor=boss)
    FieldReport.objects.bulk_create(
        FieldReport(
            assignment=job, form="patients", counts=counts, author="x", occurred_at=clock.now()
        )
        for counts in ({"green": 1}, {"green": 1, "red": 2})
    )
    found = sums([whole.pk])[whole.pk]
    assert (found["parts"], found["open"], found["units"]) == (3, 3, 1)
    assert found["jobs"] == {"en_route": 1}
    assert (found["victims"], found["unsaid"]) == (5, 1), "unknown is not zero"
    assert found["patients"] == {"green": 1, "red": 2}, "the last that its unit told"
    assert (found["unserved"], found["oldest"]["id"]) == (2, second.pk)
    assert sums([house.pk]) == {}
    client = browser_of("dispatcher")
    rows = {row["id"]: row for row in client.get("/console/state").json()["incidents"]}
    assert rows[whole.pk]["sum"]["victims"] == 5  # noqa: PLR2004
    assert rows[second.pk]["sum"]["parts"] == 1 and rows[house.pk]["sum"] is None
    page = client.get(f"/incidents/{whole.pk}").content.decode()
    assert "3 dari 3 masih berjalan" in page and f"/incidents/{second.pk}" in page


def test_news_of_a_part_brings_the_whole_anew_to_the_boards(
    flood: tuple[Incident, list[Incident]], boss: Actor
) -> None:
    whole, (_first, second, house) = flood
    before = tip_seq()
    end_incident(house.pk, "cancel", reason="not_needed", actor=boss)
    batch = collect(before)
    assert batch
    rows = {row["id"]: row["sum"] for row in batch.board["incidents"]}
    assert set(rows) == {whole.pk, second.pk, house.pk}
    assert (rows[whole.pk]["parts"], rows[whole.pk]["victims"]) == (2, 2), "it counts nowhere now"


def test_what_became_one_counts_once(flood: tuple[Incident, list[Incident]], boss: Actor) -> None:
    whole, (first, second, _house) = flood
    send_units(second.pk, ["BPB-01"], actor=boss, choice="radio")
    merge_incident(second.pk, first.pk, actor=boss)
    found = sums([whole.pk])[whole.pk]
    assert (found["parts"], found["units"]) == (2, 1)


def test_an_agency_sees_no_sum_of_others(
    flood: tuple[Incident, list[Incident]], boss: Actor, browser_of: Callable[[str], Client]
) -> None:
    whole, _parts = flood
    send_units(whole.pk, ["AMB-01"], actor=boss, choice="radio")
    board = of_agency(whole_board(), "psc119")
    assert [row["sum"] for row in board["incidents"]] == [None]


def test_only_the_control_room_does_this(minor: Incident, actor: Who) -> None:
    for role in ("crew", "agency", "evaluator"):
        with pytest.raises(Forbidden):
            park_incident(minor.pk, actor=actor(role))
        with pytest.raises(Forbidden):
            ask_need(minor.pk, "boat", 1, actor=actor(role))
