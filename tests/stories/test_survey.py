"""What people say of the work, who is asked, and what follows from a low mark."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.calls import actions as calls
from sigap.complaints import actions as complaints
from sigap.complaints.models import Category, Complaint
from sigap.complaints.retention import erase_old
from sigap.complaints.survey.actions import (
    answer_survey,
    ask_survey,
    close_follow_up,
    miss_survey,
    refuse_survey,
)
from sigap.complaints.survey.models import CaseSurvey, FollowUp
from sigap.core import clock
from sigap.core.actions.alarms import close_alarm
from sigap.core.actors import Actor, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Refused
from sigap.core.models import Alarm, Journal
from sigap.evaluation.period import last_days
from sigap.evaluation.survey import case_survey
from sigap.incidents.actions import cancel_incident, close_incident, open_incident
from sigap.incidents.models import Disposition, Incident

from .proofs import proves

WEB = system("web")
DAY = 24 * 3600
NUMBER = "081233451190"
Who = Callable[[str], Actor]
Ended = Callable[..., Incident]


@pytest.fixture
def ended(answered: Callable[..., Any], actor: Who) -> Ended:
    """An incident that somebody called about, and that is closed."""

    def case(number: str | None = NUMBER, valid: bool = True) -> Incident:
        call, taker = answered(number), actor("call_taker")
        incident = calls.open_incident_for_call(call.pk, "kecelakaan_lalin", actor=taker)
        calls.close_call(call.pk, "emergency", actor=taker)
        how = Disposition.objects.filter(valid=valid)[0].code
        close_incident(incident.pk, disposition=how, actor=actor("dispatcher"))
        return Incident.objects.get(pk=incident.pk)

    return case


@pytest.fixture
def closed(actor: Who) -> Complaint:
    """A complaint that was answered, and whose citizen has not said a word."""
    desk, boss = actor("call_taker"), actor("supervisor")
    category = Category.objects.filter(active=True).order_by("rank")[0]
    complaint = complaints.file_complaint(
        channel="web", body="Lampu jalan mati", category=category.code, actor=WEB
    )
    complaints.dispose_complaint(complaint.pk, [category.agency.code], actor=desk)
    complaints.answer_referral(
        complaint.referrals.get().pk, answer="Sudah diganti", actor=system("test")
    )
    complaints.approve_answer(complaint.pk, actor=boss)
    return Complaint.objects.get(pk=complaint.pk)


def listed(client: Client) -> str:
    """The part of the page that says whom to ask."""
    page: str = client.get("/survey").content.decode()
    return page[page.index("waiting-title") : page.index("said-title")]


# --- the callers of 112 ------------------------------------------------------------------


def test_the_caller_of_a_closed_incident_is_to_be_asked_until_somebody_has(
    ended: Ended, browser_of: Callable[[str], Client], time: clock.Frozen
) -> None:
    incident, taker = ended(), browser_of("call_taker")
    assert f"#{incident.pk}" in listed(taker) and NUMBER[-4:] not in listed(taker)
    answer = taker.post(f"/survey/incidents/{incident.pk}/ask")
    survey = CaseSurvey.objects.get()
    assert answer["Location"] == f"/survey/{survey.pk}"
    page = taker.get(answer["Location"]).content.decode()
    assert "0812-3345-1190" in page
    assert Journal.objects.filter(kind="person.opened", body__screen="survey").count() == 1
    done = taker.post(f"/survey/{survey.pk}/answer", {"score": 5, "version": survey.version})
    assert done["Location"] == "/survey"
    survey.refresh_from_db()
    assert (survey.state, survey.score, survey.answered_at) == ("answered", 5, clock.now())
    assert f"#{incident.pk}" not in listed(taker)


def test_nobody_is_asked_about_what_was_nothing_or_is_not_over(
    ended: Ended, actor: Who, browser_of: Callable[[str], Client]
) -> None:
    ended(valid=False)
    ended(number=None)
    going_on = open_incident("kecelakaan_lalin", actor=actor("dispatcher"))
    dropped = open_incident("kecelakaan_lalin", actor=actor("dispatcher"))
    cancel_incident(dropped.pk, reason="duplicate", actor=actor("dispatcher"))
    page = listed(browser_of("call_taker"))
    assert not any(f"#{i.pk}<" in page for i in Incident.objects.all())
    for one in (going_on, dropped):
        with pytest.raises(Refused):
            ask_survey(one.pk, actor=actor("call_taker"))


@proves("survey.ask_days")
def test_after_some_days_nobody_is_asked_any_more(
    ended: Ended,
    browser_of: Callable[[str], Client],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    incident = ended()
    time.forward(3 * DAY)
    assert f"#{incident.pk}" in listed(browser_of("call_taker"))
    put("survey.ask_days", 2)
    assert f"#{incident.pk}" not in listed(browser_of("call_taker"))


@proves("survey.sample_percent")
def test_a_share_is_drawn_by_lot_that_falls_the_same_each_time(
    ended: Ended, browser_of: Callable[[str], Client], put: Callable[[str, float], None]
) -> None:
    cases = [ended(f"0812334500{n:02}") for n in range(24)]
    taker = browser_of("call_taker")

    def drawn() -> set[int]:
        page = listed(taker)
        return {case.pk for case in cases if f"#{case.pk}<" in page}

    assert len(drawn()) == 24
    put("survey.sample_percent", 50)
    half = drawn()
    assert 0 < len(half) < 24 and drawn() == half
    put("survey.sample_percent", 0)
    assert drawn() == set()


@proves("survey.tries")
def test_who_is_not_reached_is_tried_again_and_then_left_in_peace(
    ended: Ended, actor: Who, browser_of: Callable[[str], Client], put: Callable[[str, float], None]
) -> None:
    incident, taker = ended(), actor("call_taker")
    survey = ask_survey(incident.pk, actor=taker)
    miss_survey(survey.pk, actor=taker)
    assert f"#{incident.pk}" in listed(browser_of("call_taker"))
    assert ask_survey(incident.pk, actor=taker).pk == survey.pk
    miss_survey(survey.pk, actor=taker)
    assert f"#{incident.pk}" not in listed(browser_of("call_taker"))
    put("survey.tries", 3)
    assert f"#{incident.pk}" in listed(browser_of("call_taker"))


def test_who_does_not_want_to_answer_is_asked_no_more(ended: Ended, actor: Who) -> None:
    survey = ask_survey(ended().pk, actor=actor("call_taker"))
    refuse_survey(survey.pk, actor=actor("call_taker"))
    with pytest.raises(Refused):
        ask_survey(survey.incident_id, actor=actor("call_taker"))
    with pytest.raises(Refused):
        answer_survey(survey.pk, score=5, actor=actor("call_taker"))


def test_a_mark_is_from_one_to_five_and_a_slip_is_set_right(ended: Ended, actor: Who) -> None:
    taker = actor("call_taker")
    survey = ask_survey(ended().pk, actor=taker)
    for wrong in (0, 6, -1):
        with pytest.raises(Invalid):
            answer_survey(survey.pk, score=wrong, actor=taker)
    seen = survey.version
    answer_survey(survey.pk, score=4, actor=taker, version=seen)
    with pytest.raises(Conflict):
        answer_survey(survey.pk, score=3, actor=taker, version=seen)
    answer_survey(survey.pk, score=5, actor=taker)
    assert CaseSurvey.objects.get().score == 5
    with pytest.raises(Forbidden):
        ask_survey(survey.incident_id, actor=actor("dispatcher"))


def test_beside_the_mean_stand_how_many_were_asked_and_how_many_answered(
    ended: Ended, actor: Who, browser_of: Callable[[str], Client]
) -> None:
    taker = actor("call_taker")
    surveys = [ask_survey(ended(f"081233450{n:03}").pk, actor=taker) for n in range(5)]
    for survey, score in zip(surveys, (5, 5, 2), strict=False):
        answer_survey(survey.pk, score=score, actor=taker)
    miss_survey(surveys[3].pk, actor=taker)
    found = case_survey(last_days(30))
    assert (found.asked, found.n, found.response_percent) == (5, 3, 60.0)
    assert (found.mean, found.low) == (4.0, 1)
    assert found.scores == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 2}
    page = browser_of("call_taker").get("/survey").content.decode()
    assert "60,00 %" in page


def test_where_nobody_was_asked_nothing_is_said_and_not_zero() -> None:
    found = case_survey(last_days(30))
    assert (found.asked, found.n, found.response_percent, found.mean) == (0, 0, None, None)


# --- complaints ---------------------------------------------------------------------------


@proves("survey.rate_days")
def test_a_citizen_may_rate_after_the_end_and_think_better_of_it_for_some_days(
    closed: Complaint, time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    with pytest.raises(Refused):  # not over yet
        complaints.rate_complaint(closed.pk, score=5, actor=WEB)
    time.forward(40 * DAY)
    complaints.close_unanswered(actor=system("timer"))
    complaints.rate_complaint(closed.pk, score=3, actor=WEB)
    complaints.rate_complaint(closed.pk, score=3, actor=WEB)  # a slow phone sends twice
    complaints.rate_complaint(closed.pk, score=4, actor=WEB)
    rows = Journal.objects.filter(kind="complaint.rated").order_by("seq")
    assert [row.body for row in rows] == [{"score": 3}, {"score": 4}]
    put("survey.rate_days", 2)
    time.forward(2 * DAY)
    with pytest.raises(Refused):
        complaints.rate_complaint(closed.pk, score=1, actor=WEB)
    closed.refresh_from_db()
    assert closed.score == 4


# --- low marks ----------------------------------------------------------------------------


def test_a_low_mark_asks_the_supervisor_to_look_into_it_once(
    closed: Complaint, actor: Who, browser_of: Callable[[str], Client]
) -> None:
    complaints.confirm_complaint(closed.pk, score=2, actor=WEB)
    complaints.rate_complaint(closed.pk, score=1, actor=WEB)
    task = FollowUp.objects.get()
    assert (task.subject, task.score, task.state) == (f"complaint:{closed.pk}", 2, "open")
    alarm = Alarm.objects.get(code="low_mark")
    assert (alarm.owner, alarm.state) == ("supervisor", "new")
    with pytest.raises(Refused):  # it stands until somebody has looked into it
        close_alarm(alarm.pk, actor=actor("supervisor"))
    boss = browser_of("supervisor")
    assert closed.number in boss.get("/survey").content.decode()
    given = {"reason": "talked", "note": "Sudah ditelepon", "version": task.version}
    assert boss.post(f"/survey/follow-ups/{task.pk}/close", given).status_code == 302
    task.refresh_from_db()
    alarm.refresh_from_db()
    assert (task.state, task.reason, alarm.state) == ("closed", "talked", "done")
    row = Journal.objects.get(kind="follow_up.close")
    assert row.body["reason"] == "talked" and "telepon" not in str(row.body)
    assert "Sudah ditelepon" in boss.get("/survey").content.decode()


def test_a_low_mark_is_put_away_only_with_a_reason_and_by_a_supervisor(
    closed: Complaint, actor: Who, browser_of: Callable[[str], Client]
) -> None:
    complaints.confirm_complaint(closed.pk, score=1, actor=WEB)
    task = FollowUp.objects.get()
    for reason in ("", "sembarang"):
        with pytest.raises(Invalid):
            close_follow_up(task.pk, reason=reason, actor=actor("supervisor"))
    with pytest.raises(Forbidden):
        close_follow_up(task.pk, reason="talked", actor=actor("call_taker"))
    page = browser_of("call_taker").get("/survey").content.decode()
    assert "follow-title" not in page and closed.number not in page
    close_follow_up(task.pk, reason="talked", actor=actor("supervisor"))
    with pytest.raises(Refused):
        close_follow_up(task.pk, reason="talked", actor=actor("supervisor"))


def test_the_low_mark_of_a_caller_is_looked_into_as_well(ended: Ended, actor: Who) -> None:
    survey = ask_survey(ended().pk, actor=actor("call_taker"))
    answer_survey(survey.pk, score=1, actor=actor("call_taker"))
    assert FollowUp.objects.get().subject == f"incident:{survey.incident_id}"


@proves("survey.low_score")
def test_the_city_says_which_mark_is_low(
    closed: Complaint, put: Callable[[str, float], None]
) -> None:
    put("survey.low_score", 0)
    complaints.confirm_complaint(closed.pk, score=1, actor=WEB)
    assert not FollowUp.objects.exists()
    put("survey.low_score", 3)
    complaints.rate_complaint(closed.pk, score=3, actor=WEB)
    assert FollowUp.objects.exists()


def test_the_citizen_reads_nothing_of_what_follows(closed: Complaint, client: Client) -> None:
    complaints.confirm_complaint(closed.pk, score=1, actor=WEB)
    before = client.get(f"/lacak/{closed.token}").content.decode()
    close_follow_up(
        FollowUp.objects.get().pk, reason="talked", note="warga marah", actor=system("desk")
    )
    after = client.get(f"/lacak/{closed.token}").content.decode()
    assert "warga marah" not in after and after.count("<li") == before.count("<li")


def test_what_was_noted_of_a_low_mark_is_forgotten_with_the_words_of_its_complaint(
    closed: Complaint, actor: Who, time: clock.Frozen
) -> None:
    complaints.confirm_complaint(closed.pk, score=1, actor=WEB)
    task = FollowUp.objects.get()
    close_follow_up(
        task.pk, reason="talked", note="Bu Sari sudah ditelepon", actor=actor("supervisor")
    )
    time.forward(1826 * DAY)
    erase_old(actor=WEB)
    task.refresh_from_db()
    assert task.note is not None and task.note.body == ""
