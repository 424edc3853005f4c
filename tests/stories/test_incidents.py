"""What happens to an incident."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sigap.core import clock
from sigap.core.actions.alarms import raise_alarm
from sigap.core.actors import Actor
from sigap.core.errors import Conflict, Invalid, Missing, Refused
from sigap.core.models import Alarm, Journal, Text
from sigap.dispatch.actions import send_units
from sigap.dispatch.actions import unmerge_incident as unmerge_with_units
from sigap.incidents.actions import (
    add_note,
    alarm_undispatched,
    answer_questions,
    cancel_incident,
    change_facts,
    close_incident,
    link_incidents,
    merge_incident,
    open_incident,
    reopen_incident,
    resolve_incident,
    set_priority,
    strike_note,
    unmerge_incident,
)
from sigap.incidents.models import Incident, IncidentType
from sigap.incidents.queries import duplicate_candidates, family_ids, get, timeline
from sigap.places.models import Area, Landmark
from tests.conftest import PBX, START

Who = Callable[[str], Actor]
RS_BAPTIS = (-7.8266, 112.0305)


@pytest.fixture
def mine(actor: Who) -> Actor:
    """The call taker."""
    return actor("call_taker")


def opened(mine: Actor, **more: object) -> Incident:
    return open_incident("kecelakaan_lalin", actor=mine, **more)  # type: ignore[arg-type]


def test_the_first_rule_that_matches_proposes_and_both_are_kept(mine: Actor) -> None:
    incident = opened(mine, answers={"condition": "light", "trapped": "yes"}, priority=3)
    assert (incident.priority, incident.suggested_priority) == (3, 1)
    assert incident.suggested_rule == "KLL-2"
    body = Journal.objects.get(kind="incident.priority").body
    assert (body["suggested"], body["chosen"], body.get("accepted", False)) == (1, 3, False)


def test_without_answers_the_types_own_priority_is_proposed(mine: Actor) -> None:
    incident = opened(mine)
    assert (incident.priority, incident.suggested_rule, incident.siren) == (2, "", True)


def test_answers_propose_and_only_a_person_changes_the_priority(mine: Actor) -> None:
    incident = opened(mine)
    incident = answer_questions(incident.pk, {"condition": "severe"}, actor=mine)
    assert (incident.priority, incident.suggested_priority) == (2, 1)
    incident = set_priority(incident.pk, 1, actor=mine)
    assert Journal.objects.filter(kind="incident.priority").latest("seq").body["accepted"]
    incident = answer_questions(incident.pk, {"condition": ""}, actor=mine)
    assert (incident.answers, incident.suggested_priority) == ({}, 2)


@pytest.mark.parametrize("wrong", [{"condition": "purple"}, {"no_such": "yes"}])
def test_an_answer_that_is_not_offered_is_refused(mine: Actor, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        opened(mine, answers=wrong)


def test_a_new_type_drops_answers_that_it_does_not_ask_and_proposes_anew(mine: Actor) -> None:
    incident = opened(mine, answers={"condition": "severe", "trapped": "yes"})
    other = IncidentType.objects.exclude(questions__code="condition").first()
    assert other is not None
    incident = change_facts(incident.pk, type_code=other.code, actor=mine)
    assert "condition" not in incident.answers
    assert incident.suggested_rule != "KLL-1"
    assert answer_questions(incident.pk, {}, actor=mine).type == other


def test_the_typed_address_stays_beside_what_the_map_made_of_it(mine: Actor) -> None:
    mark = Landmark.objects.get(name="RS Baptis Kediri")
    incident = opened(mine, address="dpn rs babtis, warung", landmark_id=mark.pk)
    assert incident.address is not None and incident.address.body == "dpn rs babtis, warung"
    assert (incident.lat, incident.lng) == RS_BAPTIS
    assert (incident.location_source, incident.area) == ("landmark", mark.area)


def test_a_point_gives_the_kelurahan_and_a_kelurahan_gives_a_point(mine: Actor) -> None:
    by_point = opened(mine, lat=RS_BAPTIS[0], lng=RS_BAPTIS[1])
    assert by_point.area is not None and by_point.location_source == "map"
    area = Area.objects.get(name="Lirboyo")
    by_area = opened(mine, area_code=area.code)
    assert (by_area.lat, by_area.location_source) == (area.lat, "area")


def test_a_landmark_without_a_point_counts_for_its_kelurahan(mine: Actor) -> None:
    mark = Landmark.objects.filter(lat=None).select_related("area").first()
    assert mark is not None
    incident = opened(mine, landmark_id=mark.pk)
    assert (incident.lat, incident.location_source) == (mark.area.lat, "area")


def test_a_point_outside_the_city_has_no_kelurahan(mine: Actor) -> None:
    assert opened(mine, lat=-7.2575, lng=112.7521).area is None


@pytest.mark.parametrize(
    "wrong", [{"lat": 91.0, "lng": 0.0}, {"lat": float("nan"), "lng": 112.0}, {"victims": -1}]
)
def test_impossible_facts_are_refused(mine: Actor, wrong: dict[str, float]) -> None:
    with pytest.raises(Invalid):
        opened(mine, **wrong)
    with pytest.raises(Missing):
        open_incident("no_such_type", actor=mine)


def test_two_operators_never_overwrite_each_other(mine: Actor, actor: Who) -> None:
    incident = opened(mine, address="Jl. Doho 1")
    seen = incident.version
    change_facts(incident.pk, address="Jl. Dhoho 12", actor=actor("dispatcher"), version=seen)
    for change in (
        lambda: change_facts(incident.pk, address="x", actor=mine, version=seen),
        lambda: set_priority(incident.pk, 1, actor=mine, version=seen),
        lambda: answer_questions(incident.pk, {}, actor=mine, version=seen),
        lambda: resolve_incident(incident.pk, actor=mine, version=seen),
        lambda: cancel_incident(incident.pk, reason="not_needed", actor=mine, version=seen),
    ):
        with pytest.raises(Conflict):
            change()
    assert get(incident.pk).address.body == "Jl. Dhoho 12"  # type: ignore[union-attr]


def test_saving_the_same_facts_writes_nothing(mine: Actor) -> None:
    incident = opened(mine, address="Jl. Doho 1", victims=2)
    rows, texts = Journal.objects.count(), Text.objects.count()
    change_facts(incident.pk, address=" Jl. Doho 1 ", victims=2, actor=mine)
    assert (Journal.objects.count(), Text.objects.count()) == (rows, texts)


def test_a_corrected_place_forgets_the_old_accuracy(mine: Actor) -> None:
    incident = opened(mine, lat=RS_BAPTIS[0], lng=RS_BAPTIS[1], accuracy_m=30)
    area = Area.objects.get(name="Lirboyo")
    incident = change_facts(incident.pk, area_code=area.code, actor=mine)
    assert (incident.accuracy_m, incident.location_source) == (None, "area")


def test_a_lower_priority_takes_the_alarm_back(mine: Actor, time: clock.Frozen) -> None:
    incident = opened(mine)
    assert incident.dispatch_due_at is not None
    incident = set_priority(incident.pk, 3, actor=mine)
    assert incident.dispatch_due_at is None
    incident = set_priority(incident.pk, 1, actor=mine)
    time.forward(61)
    assert alarm_undispatched(actor=PBX) == 1
    set_priority(incident.pk, 4, actor=mine)
    assert Alarm.objects.get(code="undispatched").state == "done"


def test_a_merge_keeps_both_histories_and_can_be_taken_back(mine: Actor) -> None:
    first, second = opened(mine), opened(mine)
    add_note(second.pk, "warna merah", actor=mine)
    merge_incident(second.pk, first.pk, actor=mine)
    assert family_ids(first) == [first.pk, second.pk]
    kinds = [row.kind for row in timeline(first)]
    assert {"incident.note", "incident.merge", "incident.absorbed"} <= set(kinds)
    assert get(second.pk).state == "merged"
    freed = unmerge_incident(second.pk, actor=mine)
    assert (freed.state, freed.merged_into) == ("open", None)
    assert family_ids(get(first.pk)) == [first.pk]


def test_merging_in_a_circle_or_into_a_closed_one_is_refused(mine: Actor) -> None:
    first, second, third = opened(mine), opened(mine), opened(mine)
    merge_incident(second.pk, first.pk, actor=mine)
    for into in (first.pk, second.pk):
        with pytest.raises((Invalid, Refused)):
            merge_incident(first.pk, into, actor=mine)
    close_incident(third.pk, disposition="handled", actor=mine)
    with pytest.raises(Refused):
        merge_incident(first.pk, third.pk, actor=mine)


def test_units_of_a_merged_incident_work_for_the_one_that_carries_on(
    mine: Actor, actor: Who, time: clock.Frozen
) -> None:
    first, second = opened(mine), opened(mine)
    send_units(second.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    merge_incident(second.pk, first.pk, actor=mine)
    assert get(first.pk).state == "in_progress"
    time.forward(3600)
    assert alarm_undispatched(actor=PBX) == 0
    freed = unmerge_with_units(second.pk, actor=mine)
    assert (freed.state, freed.dispatch_due_at) == ("in_progress", None)
    again = get(first.pk)
    assert (again.state, again.dispatch_due_at is None) == ("open", False)


def test_closing_says_how_it_ended(mine: Actor) -> None:
    incident = opened(mine)
    with pytest.raises(Invalid):
        close_incident(incident.pk, disposition="", actor=mine)
    closed = close_incident(incident.pk, disposition="handled", actor=mine)
    assert closed.state == "closed"
    assert closed.resolved_at is not None and closed.closed_at is not None
    kinds = [r.kind for r in timeline(incident)][-2:]
    assert kinds == ["incident.resolve", "incident.close"]


def test_reopening_needs_a_reason_and_starts_the_wait_again(mine: Actor) -> None:
    incident = opened(mine)
    close_incident(incident.pk, disposition="handled", actor=mine)
    with pytest.raises(Invalid):
        reopen_incident(incident.pk, reason="", actor=mine)
    again = reopen_incident(incident.pk, reason="recurred", note="masih ada api", actor=mine)
    assert (again.state, again.closed_at, again.disposition) == ("reopened", None, None)
    assert again.dispatch_due_at is not None


def test_cancelling_ends_the_alarm_that_nobody_was_sent(mine: Actor) -> None:
    incident = opened(mine)
    raise_alarm("undispatched", incident, owner="dispatcher", actor=PBX)
    cancel_incident(incident.pk, reason="caller_withdrew", actor=mine)
    assert Alarm.objects.get(code="undispatched").state == "done"
    with pytest.raises(Refused):
        resolve_incident(incident.pk, actor=mine)


def test_a_struck_note_stays_readable(mine: Actor) -> None:
    incident = opened(mine)
    note = add_note(incident.pk, "nomor rumah 12", actor=mine)
    with pytest.raises(Invalid):
        strike_note(incident.pk, note.pk, reason="", actor=mine)
    for _twice in range(2):
        strike_note(incident.pk, note.pk, reason="untrue", actor=mine)
    note.refresh_from_db()
    assert note.body == "nomor rumah 12" and note.struck_at is not None
    assert Journal.objects.get(kind="incident.note_struck").body["reason"] == "untrue"
    with pytest.raises(Missing):
        strike_note(opened(mine).pk, note.pk, reason="untrue", actor=mine)


def test_links_are_made_once_and_never_to_itself(mine: Actor) -> None:
    first, second = opened(mine), opened(mine)
    for _i in range(2):
        link_incidents(first.pk, second.pk, "related", actor=mine)
        link_incidents(second.pk, first.pk, "related", actor=mine)
    assert (first.links.count(), second.links.count()) == (1, 0)
    with pytest.raises(Invalid):
        link_incidents(first.pk, first.pk, "related", actor=mine)


def test_no_incident_is_a_part_of_itself_however_far_round(mine: Actor) -> None:
    first, second, third = opened(mine), opened(mine), opened(mine)
    link_incidents(second.pk, first.pk, "parent", actor=mine)
    link_incidents(third.pk, second.pk, "parent", actor=mine)
    for parent in (second, third):
        with pytest.raises(Invalid):
            link_incidents(first.pk, parent.pk, "parent", actor=mine)
    link_incidents(first.pk, third.pk, "related", actor=mine)


def test_a_link_is_told_in_both_timelines(mine: Actor) -> None:
    whole, part = opened(mine), opened(mine)
    link_incidents(part.pk, whole.pk, "parent", actor=mine)
    for incident, other, link in ((part, whole, "parent"), (whole, part, "child")):
        [row] = [r for r in timeline(incident) if r.kind == "incident.linked"]
        assert row.body == {"other": other.pk, "link": link}


def find(kind: str, **known: object) -> list[tuple[int, int | None]]:
    """The candidates: incident and metres."""
    asked = {"point": None, "area_id": None} | known
    type_id = IncidentType.objects.get(code=kind).pk
    return [
        (c.incident.pk, c.metres)
        for c in duplicate_candidates(type_id=type_id, **asked)  # type: ignore[arg-type]
    ]


def test_duplicates_are_near_in_place_time_and_type(mine: Actor, time: clock.Frozen) -> None:
    lat, lng = RS_BAPTIS
    near = opened(mine, lat=lat + 0.001, lng=lng)
    opened(mine, lat=lat + 0.01, lng=lng)
    assert find("kecelakaan_lalin", point=RS_BAPTIS) == [(near.pk, 111)]
    assert find("banjir", point=RS_BAPTIS) == []
    assert find("kecelakaan_lalin") == []
    time.forward(31 * 60)
    assert find("kecelakaan_lalin", point=RS_BAPTIS) == []
    # Of two that happened then, both are near in time.
    assert find("kecelakaan_lalin", point=RS_BAPTIS, at=near.opened_at) == [(near.pk, 111)]


def test_an_incident_known_by_its_kelurahan_only_is_compared_by_kelurahan(mine: Actor) -> None:
    area = Area.objects.get(name="Lirboyo")
    rough = opened(mine, area_code=area.code)
    assert find("kecelakaan_lalin", area_id=area.pk) == [(rough.pk, None)]
    exact = {"point": (area.lat + 0.02, area.lng), "area_id": area.pk}
    assert find("kecelakaan_lalin", **exact) == [(rough.pk, None)]


def test_whichever_of_two_is_known_by_its_kelurahan_only_each_is_offered_the_other(
    mine: Actor, browser_of: Callable[[str], Client]
) -> None:
    area = Area.objects.get(name="Lirboyo")
    rough = opened(mine, area_code=area.code)
    exact = opened(mine, lat=area.lat + 0.006, lng=area.lng, area_code=area.code)
    browser = browser_of("dispatcher")
    for one, other in ((rough, exact), (exact, rough)):
        advice = browser.get(f"/dispatch/incidents/{one.pk}/advice").json()
        assert [c["incident"] for c in advice["duplicates"]] == [other.pk]


def test_another_kelurahan_is_not_another_point(mine: Actor) -> None:
    incident = opened(mine, lat=RS_BAPTIS[0], lng=RS_BAPTIS[1])
    area = Area.objects.get(name="Lirboyo")
    lat, lng = RS_BAPTIS
    incident = change_facts(
        incident.pk, area_code=area.code, lat=lat, lng=lng, location_source="map", actor=mine
    )
    assert (incident.area, incident.point) == (area, RS_BAPTIS)


def test_nobody_waits_for_units_at_an_incident_that_was_entered_afterwards(
    mine: Actor, time: clock.Frozen
) -> None:
    past = opened(mine, occurred_at=START - timedelta(hours=1), priority=1)
    assert set_priority(past.pk, 2, actor=mine).dispatch_due_at is None
    time.forward(3600)
    assert alarm_undispatched(actor=PBX) == 0
    close_incident(past.pk, disposition="handled", actor=mine)
    reopen_incident(past.pk, reason="recurred", actor=mine)
    set_priority(past.pk, 1, actor=mine)
    time.forward(61)
    assert alarm_undispatched(actor=PBX) == 1


def test_an_incident_of_a_few_minutes_ago_is_still_waited_for(
    mine: Actor, time: clock.Frozen
) -> None:
    opened(mine, occurred_at=START - timedelta(minutes=5), priority=1)
    time.forward(61)
    assert alarm_undispatched(actor=PBX) == 1


def test_a_late_entry_says_when_it_happened(mine: Actor) -> None:
    at = START - timedelta(hours=1)
    incident = opened(mine, occurred_at=at)
    row = Journal.objects.get(kind="incident.opened")
    assert (incident.opened_at, row.occurred_at, row.at) == (at, at, START)
    with pytest.raises(Invalid):
        opened(mine, occurred_at=START + timedelta(hours=1))
