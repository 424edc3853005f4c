"""A complaint from the citizen to the agency and back, by the clocks of SP4N-LAPOR!."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sigap.complaints import actions as complaints
from sigap.complaints.models import Category, Complaint, Referral
from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, of_user, system
from sigap.core.errors import Forbidden, Invalid, Refused
from sigap.core.models import Alarm, Journal
from sigap.fleet.models import Agency

TIMER, WEB, SETUP = system("timer"), system("web"), system("setup")
WIB = ZoneInfo("Asia/Jakarta")
Who = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def city(db: None) -> None:
    """What the city says about complaints."""
    dishub = Agency.objects.get(code="dishub")
    define(
        Category,
        key={"code": "pju"},
        actor=SETUP,
        name="Lampu jalan",
        name_en="Street light",
        group="jalan",
        agency=dishub,
    )


@pytest.fixture
def officer(db: None) -> Actor:
    """Somebody of the agency that keeps the street lights."""
    person = {"name": "Petugas PJU", "password": "kata sandi uji coba", "roles": ["agency"]}
    return of_user(create_user("pju1", actor=SETUP, agency="dishub", **person))


def filed(**more: Any) -> Complaint:
    """A report about a street light."""
    told = {"channel": "web", "body": "Lampu jalan mati sejak Senin", "number": "081234567890"}
    return complaints.file_complaint(actor=WEB, **(told | more))


@pytest.fixture
def sent(actor: Who) -> Referral:
    """One that the agency has."""
    complaint = filed(category="pju")
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=actor("call_taker"))
    return Referral.objects.get(complaint=complaint)


@pytest.fixture
def answered(sent: Referral, officer: Actor) -> Complaint:
    """One that the agency has answered."""
    complaints.answer_referral(sent.pk, answer="Lampu sudah diganti", actor=officer)
    return Complaint.objects.get(pk=sent.complaint_id)


def local(at: datetime | None) -> str:
    """A time as the city shows it."""
    assert at is not None
    return at.astimezone(WIB).strftime("%Y-%m-%d %H:%M")


# --- filing ---------------------------------------------------------------------------


def test_a_report_has_a_number_to_say_and_a_link_that_nobody_guesses() -> None:
    one, two = filed(), filed()
    assert one.number != two.number and len(one.number) == 9
    assert len(one.token) >= 32 and one.token != two.token
    assert one.state == "filed"


def test_the_same_report_again_is_the_one_that_is_there() -> None:
    assert filed(external_id="m1").pk == filed(external_id="m1").pk
    assert filed(external_id="m1", channel="open311").pk != filed(external_id="m1").pk


def test_a_report_without_words_or_from_the_sea_is_refused() -> None:
    for wrong in ({"body": "  "}, {"lat": -6.0, "lng": 105.0}, {"channel": "pigeon"}):
        with pytest.raises(Invalid):
            filed(**wrong)
    assert not Complaint.objects.exists()


def test_words_and_number_are_nowhere_in_the_journal() -> None:
    complaint = filed(name="Bu Sri", address="Jl. Dhoho 12")
    rows = " ".join(str(row) for row in Journal.objects.values())
    for word in ("Lampu", "Sri", "Dhoho", "81234567890"):
        assert word not in rows
    assert complaint.body and complaint.body.body.startswith("Lampu")


# --- the agency -----------------------------------------------------------------------


def test_a_person_sorts_it_before_it_goes_to_an_agency(actor: Who) -> None:
    complaint, desk = filed(guesses=[("pju", 0.62)], guessed_by="model"), actor("call_taker")
    with pytest.raises(Invalid):
        complaints.dispose_complaint(complaint.pk, ["dishub"], actor=desk)
    complaints.sort_complaint(complaint.pk, category="pju", actor=desk)
    complaints.dispose_complaint(complaint.pk, ["dishub", "dishub"], actor=desk)
    complaint.refresh_from_db()
    assert (complaint.state, complaint.guesses) == ("disposed", [["pju", 0.62]])
    assert complaint.referrals.count() == 1


def test_the_deadlines_are_those_of_the_rules(time: clock.Frozen, sent: Referral) -> None:
    start = sent.sent_at.astimezone(WIB)
    complaint = sent.complaint
    for due, least, most in (
        (complaint.forward_due_at, 3, 12),
        (sent.plan_due_at, 5, 15),
        (complaint.solve_due_at, 14, 30),
    ):
        assert due is not None
        assert timedelta(days=least) < due - start <= timedelta(days=most)


def test_another_agency_neither_sees_nor_answers_it(sent: Referral) -> None:
    person = {"name": "Orang lain", "password": "kata sandi uji coba", "roles": ["agency"]}
    other = of_user(create_user("dinsos1", actor=SETUP, agency="dinsos", **person))
    with pytest.raises(Refused):
        complaints.answer_referral(sent.pk, answer="ya", actor=other)


def test_what_is_not_theirs_comes_back_with_the_reason(
    sent: Referral, officer: Actor, actor: Who
) -> None:
    complaints.refuse_referral(sent.pk, reason="other_agency", actor=officer)
    complaint = Complaint.objects.get(pk=sent.complaint_id)
    assert complaint.state == "filed"
    due = complaint.solve_due_at
    complaints.dispose_complaint(complaint.pk, ["dinsos"], actor=actor("call_taker"))
    complaint.refresh_from_db()
    assert complaint.solve_due_at == due, "an agency that had it costs the citizen no time"


def test_it_is_answered_when_all_agencies_have(sent: Referral, officer: Actor, actor: Who) -> None:
    desk = actor("call_taker")
    complaints.dispose_complaint(sent.complaint_id, ["dishub", "dinsos"], actor=desk)
    complaints.plan_referral(sent.pk, plan="Besok diganti", actor=officer)
    complaints.report_progress(sent.pk, note="Tiang dicek", actor=officer)
    complaints.answer_referral(sent.pk, answer="Sudah", actor=officer)
    complaint = Complaint.objects.get(pk=sent.complaint_id)
    assert complaint.state == "in_progress"
    [other] = complaint.referrals.exclude(pk=sent.pk)
    complaints.answer_referral(other.pk, answer="Sudah juga", actor=desk)
    complaint.refresh_from_db()
    assert complaint.state == "answered"


# --- the clock ------------------------------------------------------------------------


def test_the_clock_stands_still_while_the_citizen_is_asked(
    time: clock.Frozen, sent: Referral, actor: Who
) -> None:
    desk, before = actor("call_taker"), sent.complaint.solve_due_at
    complaints.hold_complaint(sent.complaint_id, reason="place", actor=desk)
    time.forward(7 * 86_400)  # a week: five working days, fewer where there are holidays
    complaint = complaints.resume_complaint(sent.complaint_id, actor=desk)
    assert complaint.state == "in_progress" and before is not None
    later = (complaint.solve_due_at or before) - before
    assert timedelta(days=4) <= later <= timedelta(days=12)


def test_what_is_late_is_shown_to_the_supervisor(time: clock.Frozen, sent: Referral) -> None:
    filed()
    assert complaints.alarm_deadlines(actor=TIMER) == 0
    time.forward(40 * 86_400)
    assert complaints.alarm_deadlines(actor=TIMER) == 3
    codes = set(Alarm.objects.values_list("code", flat=True))
    assert codes == {"unforwarded", "unplanned", "unsolved"}


# --- the end --------------------------------------------------------------------------


def test_nobody_checks_their_own_answer(sent: Referral, actor: Who) -> None:
    desk = actor("call_taker")
    complaints.answer_referral(sent.pk, answer="Selesai", actor=desk)
    with pytest.raises(Refused):
        complaints.approve_answer(sent.complaint_id, actor=desk)
    assert complaints.approve_answer(sent.complaint_id, actor=actor("supervisor")).state == "done"


def test_an_answer_that_says_too_little_goes_back(answered: Complaint, actor: Who) -> None:
    complaints.refuse_answer(answered.pk, note="Foto belum ada", actor=actor("supervisor"))
    answered.refresh_from_db()
    assert (answered.state, answered.referrals.get().state) == ("in_progress", "planned")


def test_the_citizen_confirms_and_says_how_it_was(answered: Complaint, actor: Who) -> None:
    complaints.approve_answer(answered.pk, actor=actor("supervisor"))
    with pytest.raises(Invalid):
        complaints.confirm_complaint(answered.pk, actor=WEB, score=6)
    done = complaints.confirm_complaint(answered.pk, actor=WEB, score=5)
    assert (done.state, done.score) == ("closed", 5)


def test_one_contest_reopens_and_a_second_does_not(
    answered: Complaint, officer: Actor, actor: Who
) -> None:
    boss = actor("supervisor")
    complaints.approve_answer(answered.pk, actor=boss)
    complaints.contest_complaint(answered.pk, why="Masih mati", actor=WEB)
    referral = answered.referrals.get()
    assert referral.state == "planned"
    complaints.answer_referral(referral.pk, answer="Diganti lagi", actor=officer)
    complaints.approve_answer(answered.pk, actor=boss)
    with pytest.raises(Refused):
        complaints.contest_complaint(answered.pk, why="Tetap mati", actor=WEB)


def test_silence_of_ten_working_days_is_a_yes(
    time: clock.Frozen, answered: Complaint, actor: Who
) -> None:
    complaints.approve_answer(answered.pk, actor=actor("supervisor"))
    time.forward(9 * 86_400)
    assert complaints.close_unanswered(actor=TIMER) == 0
    time.forward(21 * 86_400)
    assert complaints.close_unanswered(actor=TIMER) == 1


def test_what_is_put_away_is_brought_back(sent: Referral, actor: Who) -> None:
    desk = actor("call_taker")
    complaints.archive_complaint(sent.complaint_id, reason="spam", actor=desk)
    sent.refresh_from_db()
    assert sent.state == "recalled"
    assert complaints.restore_complaint(sent.complaint_id, actor=desk).state == "filed"


def test_only_the_desk_moves_complaints(sent: Referral, officer: Actor) -> None:
    for act in (complaints.approve_answer, complaints.restore_complaint):
        with pytest.raises(Forbidden):
            act(sent.complaint_id, actor=officer)
