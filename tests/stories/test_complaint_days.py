"""Deadlines follow the city's working days: what a decree gives or takes moves them."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from sigap.complaints import actions as complaints
from sigap.complaints.models import Complaint, Referral, WorkingDay
from sigap.core import clock
from sigap.core.actions.configuration import define, remove
from sigap.core.actors import Actor, system
from sigap.core.models import Journal

SETUP, TIMER, WEB = system("setup"), system("timer"), system("web")
WIB = ZoneInfo("Asia/Jakarta")
DAY = 24 * 3600
Who = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def reckoned(db: None, time: clock.Frozen) -> None:
    """The deadlines of today are by the days as they are: Monday, 2 November."""
    complaints.follow_calendar(actor=TIMER)


@pytest.fixture
def sent(actor: Who) -> Referral:
    """One that an agency has: to be planned by Monday the 9th, solved by Friday the 20th."""
    told = {"channel": "web", "body": "Lampu jalan mati", "category": "pju"}
    complaint = complaints.file_complaint(actor=WEB, **told)
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=actor("call_taker"))
    return Referral.objects.get(complaint=complaint)


def last(due: datetime | None) -> str:
    """The last day before a deadline passes."""
    assert due is not None
    return date.fromordinal(due.astimezone(WIB).date().toordinal() - 1).isoformat()


def says(day: str, *, works: bool) -> None:
    """The city's own list says it of a day, and the clock has gone on."""
    define(WorkingDay, key={"day": date.fromisoformat(day)}, works=works, name="SKB", actor=SETUP)
    complaints.mind_deadlines(actor=TIMER)


def dues(referral: Referral) -> tuple[str, str]:
    """The days of the plan and of the solution, also where lists look."""
    referral.refresh_from_db()
    complaint = Complaint.objects.get(pk=referral.complaint_id)
    assert referral.due_at == referral.plan_due_at and complaint.due_at == complaint.solve_due_at
    return last(referral.plan_due_at), last(complaint.solve_due_at)


def test_a_day_off_gives_one_more_day_to_what_is_still_to_come(sent: Referral) -> None:
    assert dues(sent) == ("2026-11-09", "2026-11-20")
    says("2026-11-10", works=False)
    assert dues(sent) == ("2026-11-09", "2026-11-23")
    says("2026-11-05", works=False)
    assert dues(sent) == ("2026-11-11", "2026-11-24")
    told = Journal.objects.filter(kind="deadlines.moved").values_list("body__count", flat=True)
    assert list(told) == [1, 2]


def test_a_saturday_that_is_worked_takes_one(sent: Referral) -> None:
    says("2026-11-07", works=True)
    assert dues(sent) == ("2026-11-07", "2026-11-19")


def test_a_decree_that_is_taken_back_moves_them_back(sent: Referral) -> None:
    says("2026-11-10", works=False)
    remove(WorkingDay.objects.get(), actor=SETUP)
    complaints.mind_deadlines(actor=TIMER)
    assert dues(sent) == ("2026-11-09", "2026-11-20")


def test_a_report_of_the_minute_before_the_move_is_moved_once(sent: Referral) -> None:
    day_off = {"day": date(2026, 11, 10)}
    define(WorkingDay, key=day_off, works=False, name="SKB", actor=SETUP)
    told = {"channel": "web", "body": "Pohon tumbang", "category": "pju"}
    between = complaints.file_complaint(actor=WEB, **told)
    assert last(between.forward_due_at) == "2026-11-05"
    complaints.mind_deadlines(actor=TIMER)
    after = complaints.file_complaint(actor=WEB, **told | {"body": "Taman rusak"})
    for report in (between, after):
        complaints.dispose_complaint(report.pk, ["dishub"], actor=SETUP)
        assert dues(Referral.objects.get(complaint=report)) == ("2026-11-09", "2026-11-23")
    assert dues(sent) == ("2026-11-09", "2026-11-23")


def test_what_is_past_stays_and_nothing_moves_twice(sent: Referral, time: clock.Frozen) -> None:
    time.forward(8 * DAY)  # Tuesday the 10th: the plan is late
    says("2026-11-03", works=False)
    says("2026-11-12", works=False)
    complaints.mind_deadlines(actor=TIMER)
    assert dues(sent) == ("2026-11-09", "2026-11-23")


def test_on_the_last_day_itself_a_day_off_moves_it_to_the_next(
    sent: Referral, time: clock.Frozen
) -> None:
    time.forward(7 * DAY)  # Monday the 9th
    says("2026-11-09", works=False)
    assert dues(sent)[0] == "2026-11-10"
