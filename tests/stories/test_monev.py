"""What the evaluation counts, and what it leaves out and says so."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import translation

from sigap.calls.actions import (
    close_call,
    enter_call,
    import_call,
    link_call,
    open_incident_for_call,
    report_call_back,
    report_event,
)
from sigap.calls.models import Call
from sigap.console.rows import incident_rows, iso
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Invalid, Missing
from sigap.core.models import Deployment
from sigap.dispatch.actions import (
    cancel_assignment,
    correct_time,
    import_assignment,
    send_units,
    step,
    unmerge_incident,
)
from sigap.evaluation import report
from sigap.evaluation.cli import monev
from sigap.evaluation.evaluate import Evaluation, evaluate
from sigap.evaluation.models import Target
from sigap.evaluation.period import period_of, this_month
from sigap.fleet.models import Unit
from sigap.incidents.actions import cancel_incident, import_incident, merge_incident
from sigap.incidents.models import Incident

WIB = ZoneInfo("Asia/Jakarta")
SETUP = system("import")
TODAY = date(2026, 11, 2)
TYPE = "kebakaran_bangunan"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def today(agency: str = "") -> Evaluation:
    return evaluate(period_of(TODAY, TODAY), agency)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


def count(call_class: str, at: str = "2026-11-02 01:00", n: int = 1, **more: object) -> None:
    for i in range(n):
        import_call(
            source="old",
            external_id=f"{call_class}-{at}-{i}-{len(more)}",
            call_class=call_class,
            began_at=local(at),
            actor=SETUP,
            **more,  # type: ignore[arg-type]
        )


def incident(
    key: str = "1", at: str = "2026-11-02 02:00", priority: int = 2, **more: object
) -> Incident:
    return import_incident(
        TYPE,
        source="old",
        external_id=key,
        priority=priority,
        received_at=local(at),
        answered_at=local(at) + timedelta(seconds=5),
        actor=SETUP,
        **more,  # type: ignore[arg-type]
    )


def sent(to: Incident, sign: str, notified: int, en_route: int | None, there: int | None) -> None:
    """A unit's work, in seconds after the incident was received."""
    assert to.received_at
    offsets = {"notified": notified, "en_route": en_route, "on_scene": there}
    import_assignment(
        to,
        Unit.objects.get(call_sign=sign),
        source="old",
        external_id=f"{to.external_id}-{sign}",
        times={
            s: to.received_at + timedelta(seconds=n) for s, n in offsets.items() if n is not None
        },
        actor=SETUP,
    )


def clocks(found: Evaluation) -> dict[str, tuple[int, float | None]]:
    return {name: (result.n, result.p90_s) for name, result in found.clocks.items()}


@pytest.fixture
def called(
    time: clock.Frozen, ring: Callable[..., Call], actor: Callable[[str], Actor]
) -> Callable[..., Incident]:
    """A call that rang, was answered after so many seconds, and became an incident."""

    def call(answer_s: float = 4, number: str = "081233451190") -> Incident:
        ringing = ring(number)
        time.forward(answer_s)
        report_event(
            "answered",
            source="pbx",
            external_id=str(ringing.external_id),
            at=clock.now(),
            actor=system("pbx"),
        )
        return open_incident_for_call(ringing.pk, TYPE, actor=actor("supervisor"))

    return call


def test_the_table_has_the_four_classes_with_shares_and_the_rest_apart() -> None:
    for call_class, n in {
        "emergency": 2,
        "prank": 3,
        "misdial": 1,
        "silent": 2,
        "noise": 1,
        "information": 1,
        "abandoned": 4,
        "test": 1,
        "out_of_area": 1,
        "complaint": 2,
    }.items():
        count(call_class, n=n)
    count("complaint", field_action=True)
    found = today().calls
    assert {line.key: (line.calls, line.share_percent) for line in found.classes} == {
        "valid": (3, 27.27),
        "prank": (3, 27.27),
        "ghost": (4, 36.36),
        "information": (1, 9.09),
    }
    assert found.classes[0].parts == {"emergency": 2, "complaint": 1, "repeat": 0}
    assert found.classes[2].parts == {"misdial": 1, "silent": 2, "noise": 1}
    assert found.other == {
        "abandoned": 4,
        "test": 1,
        "out_of_area": 1,
        "complaint_without_action": 2,
        "repeat_without_action": 0,
        "unclassified": 0,
    }
    assert (found.total, found.all) == (11, 19)
    assert found.abandon_rate_percent == round(100 * 4 / 19, 2)
    assert found.emergency_without_unit == 2


def test_a_caller_who_was_rung_back_is_counted_as_what_it_was_and_as_abandoned(
    ring: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    mine, call = actor("call_taker"), ring()
    time.forward(20)
    report_event(
        "ended",
        source="pbx",
        external_id=str(call.external_id),
        at=clock.now(),
        actor=system("pbx"),
    )
    report_call_back(call.pk, reached=True, actor=mine)
    case = open_incident_for_call(call.pk, TYPE, actor=mine)
    closed = close_call(call.pk, "emergency", actor=mine)
    assert (closed.state, closed.answered_at, case.received_at) == ("closed", None, call.began_at)
    found = today().calls
    assert (found.classes[0].calls, found.other["abandoned"], found.all) == (1, 0, 1)
    assert found.abandon_rate_percent == 100


def test_every_call_is_counted_exactly_once(ring: Callable[..., Call]) -> None:
    ring()
    count("prank", n=2)
    found = today().calls
    assert found.other["unclassified"] == 1
    assert found.all == Call.objects.count() == 3


def test_a_repeat_is_valid_when_what_it_repeats_is() -> None:
    real, idle = incident("real"), incident("idle")
    count("emergency", incident_id=real.pk)
    count("repeat", "2026-11-02 01:10", incident_id=real.pk)
    count("information", incident_id=idle.pk)
    count("repeat", "2026-11-02 01:20", incident_id=idle.pk)
    count("repeat", "2026-11-02 01:30")
    found = today().calls
    assert found.classes[0].parts == {"emergency": 1, "complaint": 0, "repeat": 1}
    assert found.other["repeat_without_action"] == 2


def test_a_complaint_that_ended_as_a_false_report_led_to_no_field_action() -> None:
    for key, disposition in (("1", "false_report"), ("2", "handled")):
        case = incident(key, disposition=disposition)
        sent(case, "DAM-01", 60, 90, 200)
        count("complaint", f"2026-11-02 0{key}:00", incident_id=case.pk)
    found = today().calls
    assert found.classes[0].parts["complaint"] == 1
    assert found.other["complaint_without_action"] == 1


def test_a_repeat_of_yesterdays_emergency_is_valid_today() -> None:
    yesterday = incident(at="2026-11-01 23:50")
    count("emergency", "2026-11-01 23:50", incident_id=yesterday.pk)
    count("repeat", "2026-11-02 00:05", incident_id=yesterday.pk)
    assert today().calls.classes[0].parts == {"emergency": 0, "complaint": 0, "repeat": 1}


def test_a_complaint_to_which_a_unit_was_sent_led_to_field_action() -> None:
    case = incident()
    sent(case, "DAM-01", 60, 120, 300)
    count("complaint", incident_id=case.pk)
    assert today().calls.classes[0].parts["complaint"] == 1


def test_the_repeat_of_a_merged_incident_counts_with_the_one_that_carries_on(
    called: Callable[..., Incident], actor: Callable[[str], Actor]
) -> None:
    first, second = called(), called(number="081200000001")
    merge_incident(second.pk, first.pk, actor=actor("dispatcher"))
    close_call(first.calls.get().pk, "emergency", actor=actor("supervisor"))
    close_call(second.calls.get().pk, "repeat", actor=actor("supervisor"))
    found = today()
    assert found.calls.classes[0].parts == {"emergency": 1, "complaint": 0, "repeat": 1}
    assert (found.incidents.total, found.incidents.merged) == (1, 1)


def test_the_five_clocks_are_of_the_first_unit(
    called: Callable[..., Incident], time: clock.Frozen, actor: Callable[[str], Actor]
) -> None:
    case = called(answer_s=4)
    boss = actor("dispatcher")
    time.forward(50)
    (slow,) = send_units(case.pk, ["DAM-01"], actor=boss, choice="radio")
    time.forward(10)
    (fast,) = send_units(case.pk, ["DAM-02"], actor=boss, choice="radio")
    time.forward(30)
    step(fast.pk, "depart", actor=boss, source="crew")
    time.forward(60)
    step(slow.pk, "depart", actor=boss, source="crew")
    time.forward(100)
    step(fast.pk, "arrive", actor=boss, source="crew")
    time.forward(100)
    step(slow.pk, "arrive", actor=boss, source="crew")
    assert clocks(today()) == {
        "answer": (1, 4),
        "processing": (1, 50),
        "turnout": (1, 30),  # of DAM-02, which arrived first
        "travel": (1, 160),
        "total": (1, 254),
    }


def test_without_an_arrival_turnout_is_of_the_first_notified_that_did_not_decline(
    called: Callable[..., Incident], time: clock.Frozen, actor: Callable[[str], Actor]
) -> None:
    case, boss = called(), actor("dispatcher")
    (first,) = send_units(case.pk, ["DAM-01"], actor=boss, choice="radio")
    step(first.pk, "decline", actor=boss, source="crew", reason="no_crew")
    time.forward(20)
    (second,) = send_units(case.pk, ["DAM-02"], actor=boss, choice="radio")
    time.forward(40)
    step(second.pk, "depart", actor=boss, source="crew")
    found = today().clocks
    assert (found["processing"].p90_s, found["turnout"].p90_s) == (0, 40)
    assert found["processing"].zero == 1
    assert (found["travel"].missing, found["total"].missing) == (1, 1)


def test_a_derived_time_is_counted_and_left_out(
    called: Callable[..., Incident], time: clock.Frozen, actor: Callable[[str], Actor]
) -> None:
    case, boss = called(), actor("dispatcher")
    (job,) = send_units(case.pk, ["DAM-01"], actor=boss, choice="radio")
    time.forward(30)
    step(job.pk, "depart", actor=boss, source="crew")
    time.forward(60)
    step(job.pk, "arrive", actor=boss, source="derived")
    found = today().clocks
    assert (found["turnout"].n, found["turnout"].derived) == (1, 0)
    for name in ("travel", "total"):
        assert (found[name].n, found[name].derived, found[name].cases) == (0, 1, 1)


def test_a_correction_replaces_the_time_before_it(
    called: Callable[..., Incident], time: clock.Frozen, actor: Callable[[str], Actor]
) -> None:
    case, boss = called(), actor("dispatcher")
    (job,) = send_units(case.pk, ["DAM-01"], actor=boss, choice="radio")
    at = clock.now()
    time.forward(30)
    step(job.pk, "depart", actor=boss, source="derived")
    assert today().clocks["turnout"].derived == 1
    really = at + timedelta(seconds=20)
    correct_time(job.pk, "en_route", really, reason="radio", actor=boss, source="dispatcher")
    found = today().clocks["turnout"]
    assert (found.n, found.p90_s, found.derived) == (1, 20, 0)


def test_a_negative_interval_is_excluded_and_a_zero_shown() -> None:
    case = incident()
    sent(case, "DAM-01", 60, 60, 40)
    found = today().clocks
    assert (found["travel"].n, found["travel"].excluded) == (0, 1)
    assert (found["turnout"].n, found["turnout"].zero) == (1, 1)
    assert found["processing"].p90_s == 55


def test_an_unknown_ring_is_missing_and_not_zero(
    actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    call = enter_call(actor=actor("call_taker"))
    case = open_incident_for_call(call.pk, TYPE, actor=actor("call_taker"))
    (job,) = send_units(case.pk, ["DAM-01"], actor=actor("dispatcher"), choice="radio")
    time.forward(200)
    step(job.pk, "arrive", actor=actor("dispatcher"), source="crew")
    found = today().clocks
    assert (found["answer"].n, found["answer"].missing) == (0, 1)
    assert (found["total"].n, found["total"].derived) == (0, 1)
    assert (found["processing"].n, found["processing"].derived) == (1, 0)


def test_after_an_outage_only_the_times_that_were_told_are_measured(
    actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    boss, began = actor("dispatcher"), clock.now() - timedelta(hours=3)
    cases = [
        open_incident_for_call(
            enter_call(actor=actor("call_taker"), occurred_at=began).pk,
            TYPE,
            actor=actor("call_taker"),
        )
        for _ in range(2)
    ]
    sent_at = began + timedelta(seconds=50)
    (told,) = send_units(cases[0].pk, ["DAM-01"], occurred_at=sent_at, actor=boss, choice="radio")
    (silent,) = send_units(cases[1].pk, ["DAM-02"], actor=boss, choice="radio")
    for job, seconds in ((told, 90), (silent, None)):
        left = None if seconds is None else began + timedelta(seconds=seconds)
        step(job.pk, "depart", actor=boss, source="dispatcher", occurred_at=left)
    found = today().clocks
    assert [(found[c].n, found[c].p90_s, found[c].derived) for c in ("processing", "turnout")] == [
        (1, 50, 1),
        (1, 40, 1),
    ]


def test_a_merged_incident_counts_once_with_the_earliest_ring_and_all_units(
    called: Callable[..., Incident], time: clock.Frozen, actor: Callable[[str], Actor]
) -> None:
    boss = actor("dispatcher")
    first = called(answer_s=3)
    time.forward(57)
    second = called(answer_s=2, number="081200000001")
    merge_incident(first.pk, second.pk, actor=boss)
    time.forward(38)
    (job,) = send_units(second.pk, ["DAM-01"], actor=boss, choice="radio")
    time.forward(100)
    step(job.pk, "arrive", actor=boss, source="crew")
    found = today()
    assert found.incidents.total == 1
    assert clocks(found) == {
        "answer": (1, 3),
        "processing": (1, 97),
        "turnout": (0, None),
        "travel": (0, None),
        "total": (1, 200),
    }
    [row] = incident_rows(Incident.objects.filter(pk=second.pk))
    assert row["received_at"] == iso(first.received_at)
    unmerge_incident(first.pk, actor=boss)
    [row] = incident_rows(Incident.objects.filter(pk=second.pk))
    assert row["received_at"] == iso(second.received_at)
    assert (today().incidents.total, clocks(today())["total"]) == (2, (1, 140))


def test_a_second_call_that_rang_earlier_starts_the_clocks(
    called: Callable[..., Incident], ring: Callable[..., Call], actor: Callable[[str], Actor]
) -> None:
    case = called(answer_s=3)
    other = ring("081200000002")
    link_call(other.pk, case.pk, actor=actor("supervisor"))
    assert today().clocks["answer"].p90_s == 3


def test_a_cancelled_incident_is_counted_as_such(
    called: Callable[..., Incident], actor: Callable[[str], Actor]
) -> None:
    case = called()
    cancel_incident(case.pk, reason="not_needed", actor=actor("dispatcher"))
    found = today().incidents
    assert (found.total, found.cancelled, found.without_unit) == (1, 1, 1)


def test_a_unit_that_was_called_back_did_not_act(
    called: Callable[..., Incident], actor: Callable[[str], Actor]
) -> None:
    case = called()
    (job,) = send_units(case.pk, ["DAM-01"], actor=actor("dispatcher"), choice="radio")
    close_call(case.calls.get().pk, "emergency", actor=actor("supervisor"))
    assert today().calls.emergency_without_unit == 0
    cancel_assignment(job.pk, reason="not_needed", actor=actor("dispatcher"))
    found = today().calls
    assert (found.classes[0].calls, found.emergency_without_unit) == (1, 1)


def test_the_period_ends_at_midnight_of_the_city() -> None:
    count("prank", "2026-11-01 23:59:59")
    count("prank", "2026-11-02 00:00:00")
    count("silent", "2026-11-01 23:59:59.999999")
    incident("before", "2026-11-01 23:59:59.999999")
    incident("first", "2026-11-02 00:00:00")
    found = today()
    assert (found.calls.all, found.incidents.total) == (1, 1)
    both = evaluate(period_of(date(2026, 11, 1), TODAY))
    assert (both.calls.all, both.incidents.total, both.days) == (3, 2, 2)
    assert evaluate(period_of(date(2026, 10, 1), date(2026, 10, 31))).calls.all == 0


def test_the_last_day_is_included(time: clock.Frozen) -> None:
    time.forward(86400)
    count("prank", "2026-11-02 23:59:59.999999")
    assert today().calls.all == 1


def test_an_agency_has_the_clocks_of_its_own_first_unit() -> None:
    case = incident()
    sent(case, "DAM-01", 30, 90, 300)
    sent(case, "AMB-01", 60, 100, 250)
    incident("2")
    fire, medical = today("damkar"), today("psc119")
    assert (fire.incidents.total, fire.clocks["total"].p90_s) == (1, 300)
    assert (medical.clocks["processing"].p90_s, medical.clocks["total"].p90_s) == (55, 250)
    whole = today()
    assert whole.clocks["total"].p90_s == 250
    assert {g.code: (g.incidents, g.clocks["total"].p90_s) for g in whole.by_agency} == {
        "damkar": (1, 300),
        "psc119": (1, 250),
    }
    assert [(g.code, g.incidents) for g in whole.by_type] == [(TYPE, 2)]
    with pytest.raises(Missing):
        today("nobody")


def test_kelurahan_and_priority_have_their_own_lines() -> None:
    incident("1", area_code="35.71.01.1001")
    incident("2")
    incident("3", priority=1)
    found = today()
    assert [(g.code, g.name, g.incidents) for g in found.by_area] == [
        ("", "unknown", 2),
        ("35.71.01.1001", "Bandar Lor", 1),
    ]
    assert [(g.name, g.incidents) for g in found.by_priority] == [("P1", 1), ("P2", 2)]


def test_a_target_for_a_group_counts_that_group_only() -> None:
    case = incident()
    sent(case, "AMB-01", 30, 100, 300)  # turnout 70 s
    found = today().clocks
    turnout = {t.group: (t.n, t.value, t.met) for t in found["turnout"].targets}
    assert turnout == {"medical": (1, 0.0, False), "fire": (0, None, None)}
    total = {(t.group, t.statistic): (t.n, t.value, t.met) for t in found["total"].targets}
    assert total["fire", "mean"] == (1, 300.0, True)
    assert total["medical", "mean"] == (0, None, None)
    assert "(Medical)" in report.wanted(found["turnout"].targets[0]), "a name, not the code"
    assert len(found["answer"].targets) == Target.objects.filter(clock="answer").count()


def test_a_period_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid):
        period_of(TODAY, TODAY - timedelta(days=1))
    with pytest.raises(Invalid):
        period_of(date(1, 1, 1), date(9999, 12, 31))


def test_this_month_is_the_citys_month(time: clock.Frozen) -> None:
    time.at = local("2026-12-01 00:30")  # still November in UTC
    assert (this_month().first, this_month().last) == (date(2026, 12, 1), date(2026, 12, 1))


def test_the_json_has_the_keys_that_are_promised() -> None:
    count("prank")
    found = json.loads(report.as_json(today()))
    assert list(found) == [
        "format",
        "city",
        "city_name",
        "drill",
        "days",
        "time_zone",
        "made_at",
        "agency",
        "agency_name",
        "from",
        "to",
        "calls",
        "incidents",
        "clocks",
        "by_agency",
        "by_type",
        "by_area",
        "by_priority",
        "complaints",
        "case_survey",
        "definitions",
    ]
    assert (found["from"], found["to"], found["drill"]) == ("2026-11-02", "2026-11-02", False)
    assert set(found["clocks"]) == {"answer", "processing", "turnout", "travel", "total"}
    assert set(found["clocks"]["total"]) == {*report.MEASURES, "targets"}


def test_the_csv_has_one_figure_per_line_and_no_formula() -> None:
    count("prank", n=2)
    case = incident()
    sent(case, "DAM-01", 30, 90, 300)
    Unit.objects.get(call_sign="DAM-01").agency.__class__.objects.filter(code="damkar").update(
        name_en="=1+1"
    )
    rows = list(csv.DictReader(io.StringIO(report.as_csv(today()))))
    figures = {(r["section"], r["code"], r["clock"], r["measure"]): r["value"] for r in rows}
    assert figures["calls", "prank", "", "calls"] == "2"
    assert figures["clocks", "", "total", "p90_s"] == "300.0"
    assert figures["clocks", "", "processing", "share_within_60_s"] == "100.0"
    assert figures["by_agency", "damkar", "total", "n"] == "1"
    assert {r["name"] for r in rows if r["section"] == "by_agency"} == {"'=1+1"}


def run(*more: str) -> tuple[int, str]:
    days = ["--from", "2026-11-02", "--to", "2026-11-02"]
    result = CliRunner().invoke(monev, [*days, *more])
    return result.exit_code, result.output


def test_the_command_prints_text_csv_and_json() -> None:
    count("prank")
    status, text = run()
    assert status == 0
    assert "Prank calls" in text
    assert "nearest rank" in text.lower()
    assert "LATIHAN" not in text
    assert run("--format", "csv")[1].startswith("section,code,clock,measure,value,name")
    assert json.loads(run("--format", "json")[1])["calls"]["all"] == 1


def test_the_text_writes_numbers_as_indonesians_do() -> None:
    count("prank", n=2)
    count("silent")
    with translation.override("id"):
        assert "66,67 %" in report.as_text(today())
        assert report.whole(86161) == "86.161"


def test_the_command_refuses_what_makes_no_sense() -> None:
    assert run("--agency", "nobody")[0] == 1
    assert CliRunner().invoke(monev, ["--from", "x", "--to", "y"]).exit_code == 2


def test_a_drill_is_shown_only_when_asked_for_and_says_that_it_is_one() -> None:
    assert run("--drill")[0] == 1
    Deployment.objects.update(drill=True)
    status, text = run()
    assert status == 1
    assert "--drill" in text
    status, text = run("--drill")
    assert status == 0
    assert text.startswith("*** LATIHAN")
    assert json.loads(run("--drill", "--format", "json")[1])["drill"] is True


def test_without_a_city_there_is_nothing_to_evaluate() -> None:
    Deployment.objects.all().delete()
    assert run()[0] == 1


def test_the_screen_shows_the_same_figures_and_gives_them_as_files(
    browser_of: Callable[[str | None], Client],
) -> None:
    count("prank", n=3)
    evaluator = browser_of("evaluator")
    query = "/monev?from=2026-11-02&to=2026-11-02"
    page = evaluator.get(query)
    assert page.status_code == 200
    assert page.context["classes"][1]["calls"] == "3"
    assert json.loads(evaluator.get(query + "&format=json").content)["calls"]["all"] == 3
    answer = evaluator.get(query + "&format=csv")
    assert answer["Content-Disposition"] == (
        'attachment; filename="monev-2026-11-02-2026-11-02.csv"'
    )
    assert evaluator.get("/monev").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-11-03&to=2026-11-02",
        "from=yesterday",
        "from=0001-01-01",
        "agency=nobody",
        "format=xlsx",
        "from=2026-11-03&to=2026-11-02&format=csv",
    ],
)
def test_the_screen_refuses_what_makes_no_sense(
    browser_of: Callable[[str | None], Client], query: str
) -> None:
    assert 400 <= browser_of("evaluator").get(f"/monev?{query}").status_code < 500


def test_a_drills_screen_says_so(browser_of: Callable[[str | None], Client]) -> None:
    Deployment.objects.update(drill=True)
    evaluator = browser_of("evaluator")
    assert "LATIHAN" in evaluator.get("/monev").content.decode()
    answer = evaluator.get("/monev?format=csv")
    assert "latihan-" in answer["Content-Disposition"]


@pytest.mark.parametrize("role", ["call_taker", "dispatcher", "agency", "crew"])
def test_only_those_who_evaluate_see_it(
    browser_of: Callable[[str | None], Client], role: str
) -> None:
    assert browser_of(role).get("/monev").status_code == 403
