"""Complaints that go round: sent again, held, brought back, answered by several."""

from collections.abc import Callable

import pytest

from sigap.complaints import actions as complaints
from sigap.complaints.models import Complaint, Referral
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Refused
from sigap.core.models import Journal

from .test_complaint_deadlines import filed, person, sent

WEB, TIMER = system("web"), system("timer")
DAY = 86_400
Who = Callable[[str], Actor]


@pytest.fixture
def desk(actor: Who) -> Actor:
    """Who sends complaints to agencies."""
    return actor("call_taker")


@pytest.fixture
def officer(db: None) -> Actor:
    """Somebody of the agency."""
    return person("pju1", "agency")


def again(row: Complaint | Referral) -> str:
    """In which state it is now."""
    row.refresh_from_db()
    return row.state


def kinds(complaint_id: int) -> list[str]:
    """What has happened to it."""
    rows = Journal.objects.filter(case=f"complaint:{complaint_id}").order_by("seq")
    return list(rows.values_list("kind", flat=True))


def minded() -> tuple[int, int]:
    """How many are reminded, and put before the head, by now."""
    return complaints.remind_agencies(actor=TIMER), complaints.escalate_late(actor=TIMER)


@pytest.mark.parametrize("way", ["archive", "promote", "attach", "hold"])
def test_an_agency_that_has_answered_gets_it_again(
    way: str, desk: Actor, officer: Actor, actor: Who
) -> None:
    referral = sent(actor)
    pk = referral.complaint_id
    complaints.answer_referral(referral.pk, answer="Diganti", actor=officer)
    if way == "archive":
        complaints.archive_complaint(pk, reason="spam", actor=desk)
        complaints.restore_complaint(pk, actor=desk)
    elif way == "promote":
        complaints.promote_complaint(pk, type_code="lainnya", actor=desk)
        complaints.demote_complaint(pk, actor=desk)
    elif way == "attach":
        complaints.attach_complaint(pk, filed().pk, actor=desk)
        complaints.detach_complaint(pk, actor=desk)
    else:
        complaints.hold_complaint(pk, reason="details", actor=desk)
        complaints.answer_question(pk, "Masih mati", actor=WEB)
    complaint = Complaint.objects.get(pk=pk)
    if complaint.state == "filed":
        complaints.dispose_complaint(pk, ["dishub"], actor=desk)
        assert (again(complaint), again(referral)) == ("disposed", "planned")
        complaints.answer_referral(referral.pk, answer="Sungguh diganti", actor=officer)
    assert again(complaint) == "answered"


def test_with_one_answer_there_and_the_other_agency_gone_somebody_checks_the_answer(
    desk: Actor, officer: Actor, actor: Who
) -> None:
    pk = filed().pk
    complaints.dispose_complaint(pk, ["dishub", "dlhkp"], actor=desk)
    ours, theirs = Referral.objects.filter(complaint=pk).order_by("agency__code")
    complaints.answer_referral(ours.pk, answer="Diganti", actor=officer)
    complaints.recall_referral(theirs.pk, actor=desk)
    complaint = Complaint.objects.get(pk=pk)
    assert complaint.state == "answered" and complaint.answered_at == clock.now()
    complaints.approve_answer(pk, actor=desk)
    assert again(ours) == "finished"


def test_nobody_checks_an_answer_of_their_own_though_another_came_later(
    desk: Actor, officer: Actor, actor: Who
) -> None:
    pk = filed().pk
    complaints.dispose_complaint(pk, ["dishub", "dlhkp"], actor=desk)
    theirs, ours = Referral.objects.filter(complaint=pk).order_by("-agency__code")
    complaints.answer_referral(theirs.pk, answer="Sudah, kata mereka di telepon", actor=desk)
    complaints.answer_referral(ours.pk, answer="Diganti", actor=officer)
    with pytest.raises(Refused):
        complaints.approve_answer(pk, actor=desk)
    complaints.approve_answer(pk, actor=actor("supervisor"))


def test_while_the_citizen_is_asked_no_clock_runs_whatever_the_agency_does(
    desk: Actor, officer: Actor, actor: Who, time: clock.Frozen
) -> None:
    referral = sent(actor)
    complaints.hold_complaint(referral.complaint_id, reason="details", actor=desk)
    complaints.accept_referral(referral.pk, actor=officer)
    time.forward(30 * DAY)
    assert complaints.remind_agencies(actor=TIMER) == complaints.escalate_late(actor=TIMER) == 0
    complaints.plan_referral(referral.pk, plan="Ganti lampu", actor=officer)
    time.forward(60 * DAY)
    assert complaints.escalate_late(actor=TIMER) == 0
    complaints.answer_question(referral.complaint_id, "Tiang nomor 7", actor=WEB)
    referral.refresh_from_db()
    assert referral.due_at and referral.due_at > clock.now()
    assert referral.due_at == referral.complaint.solve_due_at


def test_each_deadline_is_minded_for_itself(
    desk: Actor, officer: Actor, actor: Who, time: clock.Frozen
) -> None:
    referral = sent(actor)
    time.forward(20 * DAY)  # nothing is planned
    assert minded() == (
        1,
        1,
    )
    complaints.plan_referral(referral.pk, plan="Ganti lampu", actor=officer)
    referral.refresh_from_db()
    assert (referral.reminded_at, referral.escalated_at, referral.seen_at) == (None, None, None)
    time.forward(60 * DAY)  # nor done
    assert minded() == (
        1,
        1,
    )
    assert minded() == (
        0,
        0,
    )
    complaints.answer_referral(referral.pk, answer="Diganti", actor=officer)
    complaints.approve_answer(referral.complaint_id, actor=actor("supervisor"))
    complaints.contest_complaint(referral.complaint_id, why="Masih mati", actor=WEB)
    assert complaints.escalate_late(actor=TIMER) == 0
    time.forward(60 * DAY)
    assert minded() == (
        1,
        1,
    )


def test_a_citizen_is_asked_again_each_time_that_it_waits_for_them(
    desk: Actor, time: clock.Frozen
) -> None:
    pk = filed().pk
    for _round in range(2):
        complaints.hold_complaint(pk, reason="details", actor=desk)
        time.forward(30 * DAY)
        assert complaints.ask_citizens_again(actor=TIMER) == 1
        complaints.archive_complaint(pk, reason="no_reply", actor=desk)
        complaints.restore_complaint(pk, actor=desk)


def test_sorted_anew_it_keeps_the_days_in_which_its_clock_stood_still(
    desk: Actor, actor: Who, time: clock.Frozen
) -> None:
    pk = sent(actor).complaint_id
    complaints.hold_complaint(pk, reason="details", actor=desk)
    time.forward(28 * DAY)
    complaints.answer_question(pk, "Tiang nomor 7", actor=WEB)
    before = Complaint.objects.get(pk=pk).solve_due_at
    assert before is not None
    complaints.sort_complaint(pk, category="pju", actor=desk)
    assert Complaint.objects.get(pk=pk).solve_due_at == before
    told = {"category": "pju", "complaint_class": "information"}
    complaints.sort_complaint(pk, **told, actor=desk)
    sooner = Complaint.objects.get(pk=pk).solve_due_at
    assert sooner is not None and clock.now() < sooner < before
    complaints.sort_complaint(pk, category="pju", actor=desk)
    assert Complaint.objects.get(pk=pk).solve_due_at == before


def test_sorted_anew_a_contested_one_keeps_the_days_of_the_second_time(
    desk: Actor, officer: Actor, actor: Who, time: clock.Frozen
) -> None:
    referral = sent(actor)
    pk = referral.complaint_id
    complaints.answer_referral(referral.pk, answer="Diganti", actor=officer)
    time.forward(80 * DAY)
    complaints.approve_answer(pk, actor=desk)
    due = complaints.contest_complaint(pk, why="Masih mati", actor=WEB).solve_due_at
    complaints.sort_complaint(pk, category="pju", complaint_class="information", actor=desk)
    assert Complaint.objects.get(pk=pk).solve_due_at == due


def test_who_reported_anonymously_stays_so_when_it_becomes_an_incident(desk: Actor) -> None:
    told = filed(name="Bu Sri Wahyuni"), filed(name="Bu Sri Wahyuni", anonymous=True)
    named, nameless = (
        complaints.promote_complaint(one.pk, type_code="lainnya", actor=desk) for one in told
    )
    assert named.reporter is not None and nameless.reporter is None
