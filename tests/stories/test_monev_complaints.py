"""What the evaluation says of complaints, and what it leaves out and says so."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from sigap.complaints import actions as complaints
from sigap.complaints.models import Category, Complaint, Referral
from sigap.core import clock
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, system
from sigap.evaluation import report
from sigap.evaluation.complaints import ComplaintTable, Kept
from sigap.evaluation.complainttimes import by_key
from sigap.evaluation.evaluate import Evaluation, evaluate
from sigap.evaluation.period import period_of
from sigap.fleet.models import Agency

TIMER, WEB, SETUP = system("timer"), system("web"), system("setup")
DAY = 24 * 3600
TODAY = date(2026, 11, 2)
Who = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _city(db: None) -> None:
    for code, agency in (("pju", "dishub"), ("pohon", "damkar")):
        define(
            Category,
            key={"code": code},
            actor=SETUP,
            name=code,
            name_en=code,
            group="jalan",
            agency=Agency.objects.get(code=agency),
        )


def today(agency: str = "") -> Evaluation:
    return evaluate(period_of(TODAY, TODAY), agency)


def table(agency: str = "") -> ComplaintTable:
    return today(agency).complaints


def filed(channel: str = "web", category: str = "pju", **more: Any) -> Complaint:
    told = {"body": "Lampu jalan mati", "number": "081234567890", "category": category}
    return complaints.file_complaint(actor=WEB, channel=channel, **(told | more))


def sent(complaint: Complaint, *agencies: str) -> Complaint:
    return complaints.dispose_complaint(complaint.pk, agencies or ["dishub"], actor=SETUP)


def answered(complaint: Complaint) -> Complaint:
    for referral in Referral.objects.filter(complaint=complaint):
        complaints.answer_referral(referral.pk, answer="Sudah", actor=SETUP)
    return complaint


def told(complaint: Complaint) -> Complaint:
    return complaints.approve_answer(complaint.pk, actor=TIMER)


def closed(complaint: Complaint, score: int | None = None) -> Complaint:
    told(answered(sent(complaint)))
    return complaints.confirm_complaint(complaint.pk, score=score, actor=WEB)


def test_every_complaint_is_counted_exactly_once_and_some_apart() -> None:
    filed()
    complaints.archive_complaint(filed().pk, reason="spam", actor=SETUP)
    filed(channel="import", external_id="old-1")
    found = table()
    assert (found.complaints, found.all) == (1, 3)
    assert found.other == {"archived": 1, "attached": 0, "promoted": 0, "imported": 1}
    assert [(g.code, g.complaints) for g in found.by_channel] == [("web", 1)]


def test_only_those_filed_in_the_period_count(time: clock.Frozen) -> None:
    filed()
    time.forward(DAY)
    filed()
    assert table().all == 1


def test_sets_by_class_category_channel_state_and_agency(time: clock.Frozen) -> None:
    closed(filed())
    sent(filed(channel="desk"), "dishub", "damkar")
    filed(category="pohon")
    found = table()
    assert [(g.code, g.complaints) for g in found.by_class] == [("complaint", 3)]
    assert {g.code: g.complaints for g in found.by_category} == {"pju": 2, "pohon": 1}
    assert {g.code: g.complaints for g in found.by_channel} == {"web": 2, "desk": 1}
    assert {g.code: g.complaints for g in found.by_state} == {
        "closed": 1,
        "disposed": 1,
        "filed": 1,
    }
    # A complaint counts once for each agency; one that waits for the desk is nobody's.
    assert {g.code: g.complaints for g in found.by_agency} == {"dishub": 2, "damkar": 1}
    assert [(g.code, g.name) for g in found.by_area] == [("", "unknown")]
    assert table("damkar").all == 1


def test_within_the_deadline_late_and_not_due(time: clock.Frozen) -> None:
    on_time, late, never = filed(), filed(), filed()
    answered(sent(on_time))
    sent(filed())  # not answered, and not due
    time.forward(7 * DAY)  # forwarding was due after three working days
    sent(late)
    found = table().deadlines
    assert found["forwarded"] == Kept(4, 2, 2, 1, 0, 0, 50.0)
    assert found["solved"] == Kept(4, 1, 0, 0, 0, 3, 100.0)
    assert never.disposed_at is None
    time.forward(60 * DAY)
    assert table().deadlines["solved"] == Kept(4, 1, 2, 2, 0, 1, 33.33)


def test_an_agency_that_plans_or_answers_in_time_is_within(time: clock.Frozen) -> None:
    complaint = sent(filed(), "dishub", "damkar")
    plans, silent = complaint.referrals.order_by("pk")
    complaints.plan_referral(plans.pk, plan="Besok", actor=SETUP)
    answered(sent(filed()))
    time.forward(30 * DAY)
    found = table()
    assert found.deadlines["planned"] == Kept(3, 2, 1, 1, 0, 0, 66.67)
    of = {g.code: g.deadlines["planned"].within_percent for g in found.by_agency}
    assert of == {"dishub": 100.0, "damkar": 0.0}
    assert silent.state == "sent"


def test_a_clock_that_stands_still_is_neither_late_nor_within(time: clock.Frozen) -> None:
    complaint = sent(filed())
    complaints.hold_complaint(complaint.pk, reason="place", question="Di mana?", actor=SETUP)
    time.forward(90 * DAY)
    kept = table().deadlines["solved"]
    assert (kept.stopped, kept.late, kept.within_percent) == (1, 0, None)
    complaints.resume_complaint(complaint.pk, actor=SETUP)
    answered(complaint)
    assert table().deadlines["solved"].within == 1


def test_a_contested_complaint_is_reopened_and_keeps_its_first_answer(time: clock.Frozen) -> None:
    complaint = answered(sent(filed()))
    time.forward(2 * DAY)
    told(complaint)
    time.forward(DAY)
    complaints.contest_complaint(complaint.pk, why="Masih mati", actor=WEB)
    time.forward(DAY)
    told(answered(complaint))
    complaints.confirm_complaint(complaint.pk, actor=WEB)
    closed(filed())
    found = table()
    assert (found.reopened, found.answered, found.reopened_percent) == (1, 1, 100.0)
    first, end = found.times["first_answer"], found.times["closing"]
    assert (first.n, first.mean_s, first.p90_s) == (1, 2 * DAY, 2 * DAY)
    assert (end.n, end.missing, end.p50_s) == (1, 0, 4 * DAY)


def test_what_is_not_answered_is_missing_and_percentiles_are_nearest_ranks(
    time: clock.Frozen,
) -> None:
    complaints_of_today = [filed() for _ in range(5)]
    for complaint in complaints_of_today[:4]:
        told(answered(sent(complaint)))
        time.forward(DAY)
    first = table().times["first_answer"]
    assert (first.cases, first.n, first.missing) == (5, 4, 1)
    assert (first.mean_s, first.p50_s, first.p90_s) == (1.5 * DAY, DAY, 3 * DAY)


def test_a_mean_of_the_survey_never_stands_without_its_n_and_response_rate() -> None:
    closed(filed(), 5)
    closed(filed(), 2)
    closed(filed())
    told(answered(sent(filed())))
    survey = table().survey
    assert (survey.mean, survey.n, survey.asked, survey.response_percent) == (3.5, 2, 3, 66.67)
    assert survey.scores == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1}
    assert "mean 3.50, n 2, response rate 66.67 % of 3" in report.as_text(today())


def test_each_group_has_its_own_times(time: clock.Frozen) -> None:
    fast, slow = sent(filed()), sent(filed(category="pohon"), "damkar")
    time.forward(DAY)
    told(answered(fast))
    time.forward(4 * DAY)
    told(answered(slow))
    found = table()
    for groups, keys in (
        (found.by_category, ("pju", "pohon")),
        (found.by_agency, ("dishub", "damkar")),
    ):
        times = {g.code: g.times["first_answer"] for g in groups}
        assert [(times[k].n, times[k].p90_s) for k in keys] == [(1, DAY), (1, 5 * DAY)]
    assert found.times["first_answer"].mean_s == 3 * DAY
    assert table("damkar").times["first_answer"].mean_s == 5 * DAY


def test_a_time_that_runs_backwards_is_counted_apart() -> None:
    of = by_key(["a", "a", "a", "b"], [-5.0, 10.0, None, 3.0])
    assert (of["a"].cases, of["a"].n, of["a"].missing, of["a"].excluded) == (3, 1, 1, 1)
    assert (of["a"].p50_s, of["b"].p90_s) == (10.0, 3.0)


def test_states_are_those_of_the_periods_end_and_those_of_now(time: clock.Frozen) -> None:
    done, waits = filed(), filed()
    aside = filed()
    closed(filed())
    sent(done)
    complaints.archive_complaint(aside.pk, reason="spam", actor=SETUP)
    running = table().states
    assert running["disposed"] == {"end": 1, "now": 1}
    time.forward(DAY)
    told(answered(done))
    complaints.restore_complaint(aside.pk, actor=SETUP)
    sent(waits)
    found = table().states
    assert {state: n["end"] for state, n in found.items() if n["end"]} == {
        "filed": 1,
        "disposed": 1,
        "closed": 1,
        "archived": 1,
    }
    assert {state: n["now"] for state, n in found.items() if n["now"]} == {
        "filed": 1,
        "disposed": 1,
        "done": 1,
        "closed": 1,
    }


def test_an_imported_complaint_is_in_no_state_and_no_time() -> None:
    filed(channel="import", external_id="old-1")
    found = table()
    assert (found.states, found.by_agency, found.times["closing"].cases) == ({}, [], 0)


def test_nothing_is_said_of_nothing() -> None:
    found = table()
    assert (found.survey.mean, found.survey.response_percent) == (None, None)
    assert found.deadlines["solved"].within_percent is None
    assert found.times["closing"].mean_s is None and found.reopened_percent is None


def test_text_csv_and_json_tell_the_same() -> None:
    closed(filed(), 4)
    found = today()
    plain = json.loads(report.as_json(found))["complaints"]
    assert plain["deadlines"]["solved"]["within"] == 1
    assert plain["by_category"][0]["survey"]["mean"] == 4.0
    rows = list(csv.DictReader(io.StringIO(report.as_csv(found))))
    [mean] = [r for r in rows if r["section"] == "complaints" and r["measure"] == "mean"]
    assert (mean["clock"], mean["value"]) == ("survey", "4.0")
    of_pju = [r for r in rows if r["section"] == "complaints_by_category" and r["code"] == "pju"]
    assert {r["measure"] for r in of_pju} >= {"complaints", "within", "response_percent"}
    text = report.as_text(found)
    assert "Complaints of the period: 1; counted: 1" in text
    assert "Survey of callers of 112: mean –, n 0, response rate – of 0" in text
    states = {r["measure"]: r["value"] for r in rows if r["code"] == "state.closed"}
    assert states == {"at_the_end": "1", "now": "1"}
    assert plain["states"]["closed"] == {"end": 1, "now": 1}
    times = [r for r in of_pju if r["clock"] == "first_answer" and r["measure"] == "n"]
    assert [r["value"] for r in times] == ["1"]
    case = [r for r in rows if r["section"] == "case_survey" and r["measure"] == "asked"]
    assert [r["value"] for r in case] == ["0"]


def test_the_screen_shows_them(browser_of: Callable[[str | None], Client]) -> None:
    closed(filed(), 4)
    page = browser_of("evaluator").get("/monev?from=2026-11-02&to=2026-11-02")
    assert page.status_code == 200
    assert 'id="complaints_by_agency"' in page.text and 'id="complaints-title"' in page.text


def test_their_number_does_not_change_the_number_of_statements() -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            table()
        return len(asked)

    closed(filed())
    few = statements()
    for _ in range(6):
        closed(filed())
    assert statements() == few
