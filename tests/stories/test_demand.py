"""What is forecast from the record, how it is kept and shown, and what little data says."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import translation

from sigap.calls.models import Call
from sigap.config import worker
from sigap.core import clock
from sigap.core.actors import system
from sigap.core.models import Deployment, User
from sigap.incidents.actions import import_incident
from sigap.insight.cli import insight
from sigap.insight.demand import backtest, outlook, roster
from sigap.insight.demand import load as record
from sigap.insight.demand.report import notes, verdict
from sigap.insight.demand.staffing import PATTERNS

from .proofs import proves

WIB = ZoneInfo("Asia/Jakarta")
MIDNIGHT = datetime(2026, 11, 2, tzinfo=WIB)  # of the day of START
Put = Callable[[str, float], None]


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.ENV = settings.ENV.model_copy(update={"data_dir": tmp_path})
    with translation.override("en"):
        yield


@pytest.fixture
def evaluator(browser_of: Callable[[str | None], Client]) -> Client:
    """Signed in, and reads English."""
    User.objects.filter(username="evaluator").update(language="en")
    return browser_of("evaluator")


def rang(
    days: int,
    until: datetime = MIDNIGHT,
    by_hour: Callable[[datetime], float] = lambda at: 3 if 7 <= at.hour < 22 else 1,
    **more: Any,
) -> None:
    """So many days of calls up to a midnight, a day longer because the very first is left out."""
    chance, made = np.random.default_rng(days), []
    for n in range((days + 1) * 24):
        at = until.astimezone(UTC) - timedelta(hours=n + 1)
        for _call in range(chance.poisson(by_hour(at.astimezone(WIB)))):
            began = at + timedelta(seconds=int(chance.integers(3600)))
            made.append(call(began, float(chance.exponential(60)), **more))
    Call.objects.bulk_create(made)


def call(at: datetime, seconds: float, **more: Any) -> Call:
    """One that was answered after three seconds, and in hand for so long."""
    answered = at + timedelta(seconds=3)
    facts = {
        "source": "pbx",
        "state": "closed",
        "call_class": "silent",
        "presented_at": at,
        "began_at": at,
        "answered_at": answered,
        "answered_source": "exchange",
        "closed_at": answered + timedelta(seconds=seconds),
        "ended_at": answered + timedelta(seconds=seconds),
    }
    return Call(**(facts | more))


def gave_up(at: datetime, after_s: float) -> Call:
    lost = dict.fromkeys(("answered_at", "closed_at"))
    return call(
        at,
        0,
        **lost,
        answered_source="",
        call_class="abandoned",
        ended_at=at + timedelta(seconds=after_s),
    )


def kept_off(at: datetime) -> Call:
    more = {"answered_at": None, "answered_source": "", "gate": "silent", "set_aside_at": at}
    return call(at, 20, **more)


def week() -> outlook.Outlook:
    return outlook.look_ahead()


# --- what is said where little is known -----------------------------------------------


def test_an_empty_city_has_no_forecast_and_the_pages_say_so(
    evaluator: Client,
) -> None:
    page = evaluator.get("/insight/demand")
    assert page.status_code == 200
    assert "Nothing has been forecast yet" in page.content.decode()
    outlook.keep(week())
    for address in ("/insight/demand", "/insight/staffing"):
        words = evaluator.get(address).content.decode()
        assert "Not enough data" in words, address
        assert "<svg" not in words.split("<main")[1], address


def test_one_week_is_not_enough() -> None:
    rang(7)
    found = week()
    assert (found.hours, found.notes, round(found.known_days)) == ([], ["few_days"], 7)
    assert "7 days are known, and at least 14" in notes(found)[0]


def test_two_weeks_give_plain_means_whose_worth_is_not_known_yet() -> None:
    rang(16)
    found = week()
    assert len(found.hours) == 7 * 24
    assert found.hours[0].at == MIDNIGHT
    assert found.backtest is None
    assert "no_regression" in found.notes
    assert "is not known" in verdict(found.backtest)
    by_day = [day.mean for day in found.days]
    assert sum(by_day) / 7 == pytest.approx(15 * 3 + 9, rel=0.1)
    assert max(by_day) < 1.4 * min(by_day)


def test_a_regression_is_tried_from_120_days_on_and_said_how_it_fared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backtest, "WEEKS", 3)  # more takes its time
    rang(125)
    found = week()
    assert found.backtest is not None
    assert {r.method for r in found.backtest.results} >= {"last_week", "same_hours", "regression"}
    used = next(r for r in found.backtest.results if r.method == found.backtest.used)
    assert 74 <= used.covered_percent <= 86  # of three weeks
    assert "smaller than that of last week's numbers" in verdict(found.backtest)
    assert "no_regression" not in found.notes


def test_holidays_ahead_of_which_nothing_is_learned_are_named(time: clock.Frozen) -> None:
    time.forward(52 * 86_400)  # Christmas Eve
    rang(20, until=MIDNIGHT + timedelta(days=52))
    assert any("holidays" in note for note in notes(week()))


def test_all_calls_in_one_hour_are_doubted() -> None:
    rang(30, by_hour=lambda at: 24 if at.hour == 0 else 0)
    found = week()
    assert "one_hour" in found.notes
    assert found.hours[0].mean == pytest.approx(24, rel=0.15)
    assert found.hours[12].mean < 0.5


def test_a_month_without_calls_is_left_out_and_shown(
    evaluator: Client,
) -> None:
    rang(30, until=MIDNIGHT - timedelta(days=50))
    rang(20)
    Call.objects.filter(began_at__gte=MIDNIGHT - timedelta(days=50)).filter(
        began_at__lt=MIDNIGHT - timedelta(days=20)
    ).delete()
    found = week()
    (gap,) = found.gaps
    assert gap.hours == pytest.approx(30 * 24, abs=4)
    assert sum(day.mean for day in found.days) / 7 == pytest.approx(54, rel=0.1)
    outlook.keep(found)
    words = evaluator.get("/insight/demand").content.decode()
    assert "no call for longer than chance allows" in words
    assert str(gap.hours) in words


def test_an_outage_of_the_citys_file_is_left_out(tmp_path: Path) -> None:
    rang(20)
    (tmp_path / "insight").mkdir()
    (tmp_path / "insight" / "calendar.csv").write_text(
        "kind,first,last\noutage,2026-10-20T08:00,2026-10-20T12:00\n"
    )
    found = week()
    assert [(gap.hours, gap.told) for gap in found.gaps] == [(4, True)]


def test_a_file_that_cannot_be_read_is_named_on_the_page_and_the_command_line(
    tmp_path: Path, evaluator: Client
) -> None:
    (tmp_path / "insight").mkdir()
    (tmp_path / "insight" / "calendar.csv").write_text("kind,first,last\nfeast,1,2\n")
    for address in ("/insight/demand", "/insight/staffing"):
        page = evaluator.get(address)
        assert page.status_code == 200
        assert "calendar.csv, line 2" in page.content.decode()
    done = CliRunner().invoke(insight, ["demand"])
    assert (done.exit_code, "line 2" in done.output) == (1, True)


def test_hours_are_those_of_the_city_also_about_midnight() -> None:
    """17:30 in Greenwich is half past midnight of the next day in Kediri."""
    rang(15, by_hour=lambda at: 0.2)
    at = datetime(2026, 10, 25, 17, 30, tzinfo=UTC)
    before = record.load().past
    Call.objects.bulk_create([call(at, 10), call(at - timedelta(minutes=31), 10)])
    after = record.load().past
    changed = [h for h, a, b in zip(after.hours, after.calls, before.calls, strict=True) if a != b]
    assert changed == [
        datetime(2026, 10, 25, 23, tzinfo=WIB),
        datetime(2026, 10, 26, 0, tzinfo=WIB),
    ]


def test_calls_by_which_we_ring_back_are_none_that_come_in() -> None:
    rang(15)
    n = record.load().calls
    lost = Call.objects.order_by("-began_at")[0]
    Call.objects.bulk_create([call(MIDNIGHT - timedelta(hours=5), 30, returns=lost)])
    assert record.load().calls == n


# --- kept and shown -------------------------------------------------------------------


def test_a_drills_forecast_is_never_the_citys(
    evaluator: Client,
) -> None:
    rang(15)
    outlook.keep(week())
    assert outlook.kept() is not None
    Deployment.objects.update(drill=True)
    assert outlook.kept() is None
    outlook.keep(week())
    found = outlook.kept()
    assert found is not None and found.drill
    page = evaluator.get("/insight/demand").content.decode()
    assert "these are not figures of the city" in page
    named = evaluator.get("/insight/demand?format=csv")["Content-Disposition"]
    assert named.startswith('attachment; filename="latihan-')
    Deployment.objects.update(drill=False)
    found = outlook.kept()
    assert found is not None and not found.drill


def test_another_citys_file_or_a_broken_one_is_none(tmp_path: Path) -> None:
    rang(15)
    outlook.keep(week())
    kept = tmp_path / "insight" / "demand.json"
    kept.write_text(kept.read_text().replace('"city": "kediri"', '"city": "blitar"'))
    assert outlook.kept() is None
    kept.write_text("{")
    assert outlook.kept() is None
    assert outlook.is_due()


def test_it_is_made_when_there_is_none_and_then_by_night(time: clock.Frozen) -> None:
    rang(15)
    assert outlook.is_due()
    outlook.keep(week())  # at eight in the morning
    assert not outlook.is_due()
    time.forward(16 * 3600)  # midnight
    assert not outlook.is_due()
    time.forward(4.5 * 3600)
    assert outlook.is_due()
    time.forward(4 * 3600)  # in the morning: it can wait for the night
    assert not outlook.is_due()
    time.forward(13 * 3600)  # unless it is old
    assert outlook.is_due()


def test_the_worker_has_it_made_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    class Done:
        returncode = 0

    def run(command: list[str], **_more: object) -> Done:
        asked.append(command)
        return Done()

    monkeypatch.setattr(worker.subprocess, "run", run)
    assert worker.look_ahead_by_night() == 1
    assert asked[0][-3:] == ["insight", "demand", "--by-night"]
    outlook.keep(week())
    assert worker.look_ahead_by_night() == 0
    Done.returncode = 1
    outlook.kept_file(False).unlink()
    with pytest.raises(RuntimeError, match="exit 1"):
        worker.look_ahead_by_night()


def test_the_command_prints_all_hours_and_keeps_them_where_asked() -> None:
    rang(16)
    done = CliRunner().invoke(insight, ["demand", "--days", "2", "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(done.output)))
    assert (len(rows), rows[0]["at"]) == (48, "2026-11-02T00:00:00+07:00")
    assert all(
        int(r["low95"]) <= int(r["low80"]) <= int(r["high80"]) <= int(r["high95"]) for r in rows
    )
    assert outlook.kept() is None
    told = json.loads(CliRunner().invoke(insight, ["demand", "--format", "json", "--keep"]).output)
    assert (len(told["hours"]), len(told["days"]), told["drill"]) == (168, 7, False)
    assert told["method"] == "same_hours"
    assert outlook.kept() is not None
    text = CliRunner().invoke(insight, ["demand", "--days", "1"]).output
    assert "2026-11-02 07:00" in text and "Only plain means yet" in text


def test_a_drills_database_needs_the_word_drill() -> None:
    Deployment.objects.update(drill=True)
    done = CliRunner().invoke(insight, ["demand"])
    assert done.exit_code == 1 and "--drill" in done.output
    assert "LATIHAN" in CliRunner().invoke(insight, ["demand", "--drill"]).output


@pytest.mark.parametrize("address", ["/insight/demand", "/insight/staffing"])
@pytest.mark.parametrize("role", ["call_taker", "dispatcher", "agency", "crew"])
def test_only_who_evaluates_sees_it(
    role: str, address: str, browser_of: Callable[[str | None], Client]
) -> None:
    assert browser_of(role).get(address).status_code == 403


def test_files_are_to_be_had_and_a_wrong_one_is_refused(
    evaluator: Client,
) -> None:
    assert evaluator.get("/insight/demand?format=csv").status_code == 404
    rang(15)
    outlook.keep(week())
    assert json.loads(evaluator.get("/insight/demand?format=json").content)["format"] == 1
    assert len(evaluator.get("/insight/demand?format=csv").content.splitlines()) == 169
    assert evaluator.get("/insight/demand?format=xml").status_code == 400


# --- shares ---------------------------------------------------------------------------


def test_shares_stand_with_their_counts_and_never_by_hour(
    evaluator: Client,
) -> None:
    for n in range(40):
        import_incident(
            "kebakaran_bangunan" if n % 4 else "kecelakaan_lalin",
            source="old",
            external_id=str(n),
            priority=2,
            received_at=MIDNIGHT - timedelta(days=n + 1),
            actor=system("import"),
        )
    found = week()
    assert (found.types.n, found.types.unknown, found.areas.n, found.areas.unknown) == (
        40,
        0,
        0,
        40,
    )
    first = found.types.rows[0]
    assert (first.code, first.n) == ("kebakaran_bangunan", 30)
    assert first.low95 < 0.75 < first.high95
    assert found.areas.rows == []
    outlook.keep(found)
    words = evaluator.get("/insight/demand").content.decode()
    assert "Of 40 incidents" in words
    assert "Not enough data: 0 incidents" in words


# --- operators ------------------------------------------------------------------------


def wish(**more: float) -> roster.Wish:
    return roster.Wish(**({"percent": 90, "within_s": 10, "load_percent": 90} | more))


def planned(found: outlook.Outlook, **more: float) -> roster.Roster:
    plan = roster.roster(found, wish(**more), PATTERNS)
    assert plan is not None
    return plan


def test_operators_are_planned_from_what_was_measured_here(
    evaluator: Client,
) -> None:
    rang(20, by_hour=lambda at: 40 if 7 <= at.hour < 22 else 1)
    at = MIDNIGHT - timedelta(days=3)
    Call.objects.bulk_create([gave_up(at + timedelta(minutes=n), 20) for n in range(12)])
    found = week()
    assert found.handled[0].mean_s == pytest.approx(60, rel=0.05)
    assert (found.patience.gave_up, found.patience.mean_s is not None) == (12, True)
    plan = planned(found)
    assert plan.need[3] == 1 and plan.need[12] >= 3
    assert plan.plan is not None and plan.plan.best
    assert all(t >= n for t, n in zip(plan.plan.there, plan.need, strict=True))
    now, one_more = plan.cases
    assert one_more.full.over < now.full.over < 0.1
    assert now.usual.over < now.full.over
    outlook.keep(found)
    words = evaluator.get("/insight/staffing").content.decode()
    assert "With these shifts nothing less is possible." in words
    assert "12 of" in words and "plan + 1" in words


def test_what_the_gate_changes_stands_beside_it() -> None:
    rang(20, by_hour=lambda at: 20)
    off = [kept_off(MIDNIGHT - timedelta(minutes=7 * n + 1)) for n in range(2000)]
    Call.objects.bulk_create(off)
    found = week()
    assert found.gated is not None
    assert found.gated.kept_off == 2000
    assert found.gated.low < found.gated.share < found.gated.high
    plan = planned(found)
    assert [(case.gate, case.more) for case in plan.cases] == [
        (True, 0),
        (True, 1),
        (False, 0),
        (False, 1),
    ]
    by = {(case.gate, case.more): case.full.over for case in plan.cases}
    assert by[True, 1] < by[True, 0] < by[False, 0]
    assert plan.load[0] < outlook.planned(found, 90)[0]


def test_without_a_measured_gate_or_patience_that_is_said(
    evaluator: Client,
) -> None:
    rang(20)
    found = week()
    assert found.gated is None and found.patience.mean_s is None
    assert [case.gate for case in planned(found).cases] == [None, None]
    outlook.keep(found)
    words = evaluator.get("/insight/staffing").content.decode()
    assert "what it would change is not known" in words
    assert "Too few have given up" in words


def test_calls_that_nobody_at_a_desk_had_give_no_handling_time(
    evaluator: Client,
) -> None:
    rang(20, answered_source="manual")
    found = week()
    assert found.hours and found.handled == []
    assert roster.roster(found, wish(), PATTERNS) is None
    outlook.keep(found)
    assert "Not enough data" in evaluator.get("/insight/staffing").content.decode()


def test_a_forgotten_call_counts_as_an_hour() -> None:
    Call.objects.bulk_create([call(MIDNIGHT - timedelta(days=2), 86_400)])
    assert record.handling(MIDNIGHT)[0].mean_s == 3600


def test_the_citys_own_shifts_are_used_and_a_gap_in_them_is_said(
    tmp_path: Path, evaluator: Client
) -> None:
    rang(20)
    outlook.keep(week())
    (tmp_path / "insight" / "shifts.csv").write_text("start,length\n0,12\n12,12\n")
    words = evaluator.get("/insight/staffing").content.decode()
    assert "00:00–12:00" in words and "07:00–15:00" not in words
    (tmp_path / "insight" / "shifts.csv").write_text("start,length\n7,8\n")
    words = evaluator.get("/insight/staffing").content.decode()
    assert "no shift reaches" in words


@proves("insight.answer_percent")
@proves("insight.answer_s")
@proves("insight.load_percent")
def test_what_is_wanted_is_the_citys(put: Put, evaluator: Client) -> None:
    rang(20, by_hour=lambda at: 30)
    found = week()
    usual = sum(planned(found).need)
    assert sum(planned(found, percent=99).need) > usual
    assert sum(planned(found, within_s=60).need) < usual
    assert sum(planned(found, load_percent=99).need) > usual
    outlook.keep(found)
    put("insight.answer_percent", 99)
    put("insight.answer_s", 60)
    put("insight.load_percent", 95)
    words = evaluator.get("/insight/staffing").content.decode()
    assert "So many that 99 % of the callers are answered within 60 s" in words
    assert "no more calls than 95 % of such hours" in words
    wanted = planned(found, percent=99, within_s=60, load_percent=95)
    assert f"for {sum(wanted.need)} hours needed" in words
