"""The supervisor's screen: figures that can be checked by hand."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from sigap.calls.actions import close_call, open_incident_for_call, report_event, take_call
from sigap.calls.models import Call
from sigap.config.worker import JOBS
from sigap.console import workload
from sigap.console.words.names import job_names
from sigap.core import clock
from sigap.core.actions.alarms import raise_alarm
from sigap.core.actions.shifts import start_shift
from sigap.core.actors import Actor, system
from sigap.core.models import JobRun
from sigap.core.names import reasons
from sigap.dispatch.actions import send_units
from sigap.evaluation import period
from sigap.evaluation.evaluate import evaluate
from sigap.evaluation.models import Target
from sigap.incidents.actions import merge_incident

Ring = Callable[..., Call]
Who = Callable[[str], Actor]


@pytest.fixture
def boss(browser_of: Callable[[str | None], Client]) -> Client:
    """The supervisor's browser."""
    return browser_of("supervisor")


def test_load_counts_what_each_desk_did_today(
    ring: Ring, actor: Who, time: clock.Frozen, boss: Client
) -> None:
    taker = actor("call_taker")
    start_shift(role="call_taker", desk="CT-01", actor=taker)
    for number in ("0811111111", "0822222222"):
        close_call(take_call(ring(number).pk, actor=taker).pk, "silent", actor=taker)
    talking = take_call(ring("0833333333").pk, actor=taker)
    [desk] = workload.rows()["desks"]
    assert (desk.taken, desk.closed, [t.call.pk for t in desk.talking]) == (3, 2, [talking.pk])
    assert desk.shift and desk.shift.desk == "CT-01"
    page = boss.get("/supervisor")
    assert page.status_code == 200 and "CT-01" in page.content.decode()
    time.forward(86_400)
    [desk] = workload.rows()["desks"]
    assert (desk.taken, desk.closed) == (0, 0)


def test_queue_and_missed_calls_are_listed(ring: Ring, boss: Client, time: clock.Frozen) -> None:
    waiting = ring("0811111111")
    missed = ring("0822222222")
    time.forward(5)
    report_event(
        "ended",
        source="pbx",
        external_id=missed.external_id or "",
        at=clock.now(),
        actor=system("pbx"),
    )
    found = workload.rows()
    assert [row.call.pk for row in found["queue"]] == [waiting.pk]
    assert [row.call.pk for row in found["callbacks"]] == [missed.pk]
    mark = found["revision"]
    assert boss.get(f"/supervisor/rows?seen={mark}").status_code == 204
    ring("0833333333")
    assert boss.get(f"/supervisor/rows?seen={mark}").status_code == 200


def test_breaches_are_those_later_than_the_target(
    ring: Ring, actor: Who, time: clock.Frozen, boss: Client
) -> None:
    call = ring()
    time.forward(10)
    take_call(call.pk, actor=actor("call_taker"))
    late = ring("0822222222")
    time.forward(11)
    take_call(late.pk, actor=actor("call_taker"))
    incident = open_incident_for_call(late.pk, "kecelakaan_lalin", actor=actor("call_taker"))
    time.forward(61)
    send_units(incident.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    found = [(b.clock, b.id, b.seconds) for b in workload.late()["newest"]]
    assert found == [("processing", incident.pk, 61), ("answer", late.pk, 11)]
    assert workload.late()["total"] == len(found)
    assert f"/incidents/{incident.pk}" in boss.get("/supervisor/figures").content.decode()


def test_a_group_with_a_target_of_its_own_goes_by_that(
    ring: Ring, actor: Who, time: clock.Frozen, boss: Client
) -> None:
    Target.objects.create(clock="processing", group="fire", percent=90, seconds=30)
    taker, cases = actor("call_taker"), {}
    for number, kind in (("0811111111", "kebakaran_bangunan"), ("0822222222", "ambulans")):
        call = take_call(ring(number).pk, actor=taker)
        cases[kind] = open_incident_for_call(call.pk, kind, actor=taker)
    time.forward(40)
    for kind, unit in (("kebakaran_bangunan", "DAM-01"), ("ambulans", "AMB-01")):
        send_units(cases[kind].pk, [unit], actor=actor("dispatcher"), choice="radio")
    late = [b.id for b in workload.late()["newest"]]
    assert late == [cases["kebakaran_bangunan"].pk]
    board = boss.get("/console/state").json()
    assert board["targets"]["processing"] == {"": 60, "fire": 30}
    assert board["targets"]["total"] == {"fire": 900, "medical": 900}
    assert {i["group"] for i in board["incidents"]} == {"fire", "medical"}


def test_a_breach_is_read_as_the_evaluation_reads_it(
    ring: Ring, actor: Who, time: clock.Frozen
) -> None:
    taker, sender = actor("call_taker"), actor("dispatcher")
    both = []
    for number in ("0811111111", "0822222222"):
        call = take_call(ring(number).pk, actor=taker)
        both.append(open_incident_for_call(call.pk, "kecelakaan_lalin", actor=taker))
        time.forward(40)
    kept, merged = both
    merge_incident(merged.pk, kept.pk, actor=taker)
    send_units(kept.pk, ["AMB-01"], actor=sender, choice="radio")
    assert [(b.clock, b.id, b.seconds) for b in workload.late()["newest"]] == [
        ("processing", kept.pk, 80)
    ]
    processing = evaluate(period.today()).clocks["processing"]
    assert (processing.n, processing.p90_s) == (1, 80)
    Target.objects.create(clock="processing", percent=100, seconds=90, source="x")
    Target.objects.filter(clock="processing").exclude(seconds=90).delete()
    assert workload.late()["newest"] == [] and workload.late()["limits"]["processing"] == 90


def test_the_alarm_rate_is_per_operator_on_shift(
    ring: Ring, actor: Who, person: Callable[[str], object], time: clock.Frozen
) -> None:
    start_shift(role="dispatcher", desk="D-1", actor=actor("dispatcher"))
    for n in range(3):
        raise_alarm("ringing", ring(f"08{n:09}"), owner="dispatcher", actor=system("timer"))
    rates = {r["role"]: r for r in workload.alarm_rates()}
    mine = next(r for r in rates.values() if r["alarms"])
    assert (mine["alarms"], mine["operators"], mine["rate"]) == (3, 1, 3)
    time.forward(601)
    assert all(r["alarms"] == 0 for r in workload.alarm_rates())


def test_a_claim_of_a_silent_console_is_taken_over_with_a_reason(
    answered: Ring, actor: Who, boss: Client, time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    start_shift(role="call_taker", desk="CT-01", actor=actor("call_taker"))
    call = answered()
    assert workload.rows()["stale"] == []
    time.forward(46)
    assert [c.pk for c in workload.rows()["stale"]] == [call.pk]
    address = f"/supervisor/calls/{call.pk}/take-over"
    assert str(address) in boss.get("/supervisor").content.decode()
    assert boss.post(address).status_code == 409
    assert boss.post(address, {"reason": "made_up"}).status_code == 400
    answer = boss.post(address, {"reason": reasons("takeover")[0][0]})
    assert (answer.status_code, answer["Location"]) == (302, "/calls")
    assert "call.claimed" in journal()
    call.refresh_from_db()
    assert call.operator and call.operator.username == "supervisor"


def test_every_job_of_the_worker_has_a_name() -> None:
    assert {job.name for job in JOBS} <= set(job_names())


def test_a_job_that_did_not_run_is_overdue(boss: Client) -> None:
    def ran(name: str, ago: float, every: float = 5, error: str = "") -> None:
        at = clock.now() - timedelta(seconds=ago)
        JobRun.objects.create(name=name, every_s=every, ended_at=at, error=error)

    ran("alarms", 4)
    ran("retention", 7200, every=3600)
    ran("inbox", 120)
    ran("reports", 1, error="Busy")
    assert [(j.row.name, j.overdue) for j in workload.jobs()] == [
        ("inbox", True),
        ("reports", False),
        ("alarms", False),
        ("retention", False),
    ]
    assert workload.jobs()[0].name in boss.get("/supervisor/figures").content.decode()


def test_disk_and_journal_are_shown(
    ring: Ring, boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring()
    figures = workload.figures()
    assert figures["disk"]["free_gb"] > 0
    assert figures["journal"].hash[:12] in boss.get("/supervisor/figures").content.decode()
    assert settings.ENV.data_dir.exists()
