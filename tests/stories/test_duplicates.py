"""What several citizens report alike is offered to a person, joined, or kept apart."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sigap.complaints import actions as complaints
from sigap.complaints.duplicates import candidates, reporters
from sigap.complaints.models import Apart, Complaint
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Forbidden, Invalid, Refused
from sigap.core.models import Journal
from sigap.incidents.actions import cancel_incident, open_incident
from sigap.places.models import Area

from .chatting import Citizen, news
from .proofs import proves

WEB, TIMER = system("web"), system("timer")
Who = Callable[[str], Actor]
Put = Callable[[str, float], None]
PLACE = {"lat": -7.8185, "lng": 112.0155}
TEXT = "Pohon besar tumbang menutup gang depan mushola, tidak bisa lewat"
DAY = 86_400


def filed(body: str = TEXT, **more: Any) -> Complaint:
    """A report with a point on the map, by nobody in particular."""
    given: dict[str, Any] = {"channel": "web", "category": "pohon", **PLACE, **more}
    return complaints.file_complaint(body=body, actor=WEB, **given)


def offered(complaint: Complaint) -> list[int]:
    return [found.complaint.pk for found in candidates(complaint)]


# --- offered --------------------------------------------------------------------------


def test_a_neighbour_s_report_of_the_same_is_offered_with_its_reasons() -> None:
    first = filed()
    again = filed("wit gede ambruk nang gang cedak mushola", lat=-7.8187)
    [found] = candidates(again)
    assert found.complaint == first and 0.5 < found.score < 1
    names = {part.name for part in found.parts}
    assert {"text", "distance", "category"} <= names
    assert candidates(first)[0].complaint == again, "either way round"


def test_another_matter_or_another_place_is_not_offered() -> None:
    first = filed()
    filed("Air PDAM mati sejak pagi", category="pdam")
    filed(lat=-7.79)
    assert offered(first) == []


@proves("complaints.alike_days")
def test_what_is_too_long_ago_is_not_offered(time: clock.Frozen, put: Put) -> None:
    first = filed()
    time.forward(20 * DAY)
    again = filed()
    assert offered(again) == [first.pk]
    put("complaints.alike_days", 19)
    assert offered(again) == []


@proves("complaints.alike_m")
def test_what_is_too_far_away_is_not_offered(put: Put) -> None:
    one, other = Area.objects.order_by("code").values_list("code", flat=True)[:2]
    first, again = filed(area=one), filed(lat=-7.8195, area=other)
    assert offered(again) == [first.pk]
    put("complaints.alike_m", 50)
    assert offered(again) == []


def test_the_same_lamp_post_is_the_same_wherever_the_pin_fell() -> None:
    first = filed("lampu mati", category="pju", asset="PJU-0213", lat=-7.80)
    again = filed("tiangnya tidak nyala", category="pju", asset="PJU-0213")
    other = filed("lampu mati", category="pju", asset="PJU-0214", lat=-7.80)
    assert offered(again) == [first.pk]
    assert other.pk not in offered(first)


def test_without_a_place_the_kind_and_the_words_are_left() -> None:
    nowhere: dict[str, Any] = {"lat": None, "lng": None}
    first = filed(**nowhere)
    again = filed(TEXT + " mohon bantuan", **nowhere)
    filed("ranting kering di taman", **nowhere)
    assert offered(again) == [first.pk]


def test_what_has_ended_is_not_offered(actor: Who) -> None:
    first, again = filed(), filed()
    complaints.archive_complaint(first.pk, reason="spam", actor=actor("supervisor"))
    assert offered(again) == []


def test_looking_costs_two_statements() -> None:
    for n in range(20):
        filed(f"{TEXT} {n}", lat=-7.8185 + n / 50_000)
    again = filed()
    candidates(again)  # what parameters say is remembered
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(candidates(again)) == 5
    assert len(asked) <= 2


# --- joined ---------------------------------------------------------------------------


def test_who_reported_either_hears_what_becomes_of_it(
    actor: Who, journal: Callable[[], list[str]]
) -> None:
    desk, first, again = actor("call_taker"), filed(), filed()
    complaints.dispose_complaint(again.pk, ["dlhkp"], actor=desk)
    joined = complaints.attach_complaint(again.pk, first.pk, actor=desk)
    assert (joined.state, joined.attached_to) == ("attached", first)
    assert joined.referrals.get().state == "recalled", "its agency does nothing twice"
    assert journal()[-2:] == ["referral.recall", "complaint.attach"]
    assert [one.pk for one in reporters(first)] == [first.pk, again.pk]
    assert offered(first) == []


def test_on_whatsapp_both_are_told_each_of_their_own_report(actor: Who) -> None:
    news()  # from here on
    desk, siti, budi = actor("call_taker"), Citizen(), Citizen("6281233451191", "Budi")
    first, again = siti.files_a_report(), budi.files_a_report()
    complaints.attach_complaint(again.pk, first.pk, actor=desk)
    [joined] = budi.heard_after(news)
    assert again.number in joined["text"] and first.number not in joined["text"]
    complaints.dispose_complaint(first.pk, ["dishub"], actor=desk)
    [sent] = budi.heard_after(news)
    assert again.number in sent["text"] and first.number not in sent["text"]
    referral = first.referrals.get()
    complaints.answer_referral(referral.pk, answer="Sudah diganti", actor=desk)
    complaints.approve_answer(first.pk, actor=actor("supervisor"))
    [done] = budi.heard_after(news)
    assert "Sudah diganti" in done["text"] and again.number in done["text"]
    assert "choices" not in done, "who reported it first is asked whether it is solved"
    assert first.number in siti.told()


def test_what_was_joined_with_it_moves_along(actor: Who) -> None:
    desk, first, second, third = actor("call_taker"), filed(), filed(), filed()
    complaints.attach_complaint(third.pk, second.pk, actor=desk)
    complaints.attach_complaint(second.pk, first.pk, actor=desk)
    third.refresh_from_db()
    assert third.attached_to == first
    fourth = filed()
    joined = complaints.attach_complaint(fourth.pk, third.pk, actor=desk)
    assert joined.attached_to == first, "there are no chains"
    assert len(reporters(first)) == 4


def test_nothing_is_joined_with_itself_or_with_what_has_ended(actor: Who) -> None:
    desk, first, again = actor("call_taker"), filed(), filed()
    with pytest.raises(Invalid):
        complaints.attach_complaint(first.pk, first.pk, actor=desk)
    complaints.attach_complaint(again.pk, first.pk, actor=desk)
    with pytest.raises(Invalid):
        complaints.attach_complaint(first.pk, again.pk, actor=desk)
    complaints.archive_complaint(first.pk, reason="spam", actor=desk)
    with pytest.raises(Refused):
        complaints.attach_complaint(filed().pk, first.pk, actor=desk)
    with pytest.raises(Forbidden):
        complaints.attach_complaint(filed().pk, again.pk, actor=actor("crew"))


def test_what_was_joined_wrongly_goes_on_by_itself_and_is_not_offered_again(actor: Who) -> None:
    desk, first, again = actor("call_taker"), filed(), filed()
    complaints.attach_complaint(again.pk, first.pk, actor=desk)
    alone = complaints.detach_complaint(again.pk, actor=desk)
    assert (alone.state, alone.attached_to) == ("filed", None)
    assert alone.due_at is not None, "its clock goes on"
    assert offered(first) == offered(again) == []


def test_what_a_person_kept_apart_is_remembered(actor: Who) -> None:
    desk, first, again = actor("call_taker"), filed(), filed()
    for one, other in ((first, again), (again, first)):
        complaints.keep_apart(one.pk, other.pk, actor=desk)
    assert offered(first) == offered(again) == []
    assert Apart.objects.count() == Journal.objects.filter(kind="complaint.apart").count() == 1
    with pytest.raises(Invalid):
        complaints.keep_apart(first.pk, first.pk, actor=desk)


def test_a_report_is_joined_with_an_incident_that_is_under_way(actor: Who) -> None:
    desk = actor("call_taker")
    incident = open_incident("pohon_tumbang", actor=desk, lat=-7.8185, lng=112.0155)
    done = complaints.attach_to_incident(filed().pk, incident.pk, actor=desk)
    assert (done.state, done.incident) == ("promoted", incident)
    cancel_incident(incident.pk, reason="duplicate", actor=actor("dispatcher"))
    with pytest.raises(Refused):
        complaints.attach_to_incident(filed().pk, incident.pk, actor=desk)


# --- joined by itself -----------------------------------------------------------------


def by(number: str, body: str = TEXT, **more: Any) -> Complaint:
    return filed(body, number=number, **more)


MINE, OTHER = "081234567890", "081298765432"


def test_what_one_person_sends_twice_is_joined_by_itself_with_the_reason() -> None:
    first, again = by(MINE), by(MINE, TEXT.upper() + "!!")
    assert complaints.attach_repeats(actor=TIMER) == 1
    again.refresh_from_db()
    assert again.attached_to == first
    row = Journal.objects.get(kind="complaint.attach")
    assert (row.actor, row.body) == ("system:timer", {"other": first.pk, "reason": "same_text"})
    assert complaints.attach_repeats(actor=TIMER) == 0


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("Lampu jalan depan rumah saya mati sejak kemarin", {}),
        (TEXT, {"number": OTHER}),
        (TEXT, {"lat": -7.79}),
        (TEXT, {"category": "taman"}),
        (TEXT + " tiang 12", {"asset": "12"}),
    ],
)
def test_anything_else_is_left_to_a_person(body: str, more: dict[str, Any]) -> None:
    filed(TEXT + " tiang 13" * ("asset" in more), number=MINE, asset="13" * ("asset" in more))
    filed(body, **({"number": MINE} | more))
    assert complaints.attach_repeats(actor=TIMER) == 0


def test_two_lamps_in_the_same_words_are_two() -> None:
    by(MINE, "Lampu jalan tiang nomor 12 mati total")
    by(MINE, "Lampu jalan tiang nomor 13 mati total")
    by(MINE, "tolong pak")
    by(MINE, "tolong pak")
    assert complaints.attach_repeats(actor=TIMER) == 0


def test_what_a_person_took_apart_stays_apart(actor: Who) -> None:
    by(MINE)
    again = by(MINE)
    complaints.attach_repeats(actor=TIMER)
    complaints.detach_complaint(again.pk, actor=actor("call_taker"))
    assert complaints.attach_repeats(actor=TIMER) == 0


@proves("complaints.repeat_hours")
def test_only_what_comes_soon_is_a_repeat(time: clock.Frozen, put: Put) -> None:
    by(MINE)
    time.forward(5 * 3600)
    by(MINE)
    put("complaints.repeat_hours", 4)
    assert complaints.attach_repeats(actor=TIMER) == 0
    put("complaints.repeat_hours", 0)
    assert complaints.attach_repeats(actor=TIMER) == 0
    put("complaints.repeat_hours", 6)
    assert complaints.attach_repeats(actor=TIMER) == 1
