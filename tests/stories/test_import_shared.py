"""A week of a real fire department: after its import the clocks are known to the second."""

from datetime import date
from pathlib import Path
from statistics import quantiles
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from sigap.core.actors import system
from sigap.core.journal import verify
from sigap.core.queries import city_zone
from sigap.dispatch.models import Assignment
from sigap.evaluation.evaluate import evaluate
from sigap.evaluation.period import Period
from sigap.evaluation.rows import load_cases, measure
from sigap.fleet.models import Unit
from sigap.gateways.imports.cad import import_cad
from sigap.gateways.imports.mapping import read_cad_map
from sigap.gateways.imports.outcome import Outcome
from sigap.incidents.models import Incident, IncidentType

pytestmark = pytest.mark.shared

ROOT = Path(__file__).resolve().parents[2]
WEEK = ROOT.parent / "shared" / "data" / "sf_fire_calls_2016-12-31_week.csv"
ROWS, CALLS, UNITS = 7704, 3560, 178


def bring_in() -> Outcome:
    outcome = Outcome()
    used = read_cad_map("sffd")
    with translation.override("en"):
        return import_cad(WEEK, used, outcome, encoding="utf-8", actor=system("import")).run()


def test_the_real_week_is_measured_to_the_second() -> None:
    outcome = bring_in()
    assert (outcome.read, outcome.refused) == (ROWS, [])
    assert dict(outcome.new) == {"assignments": ROWS, "incidents": CALLS}
    assert Incident.objects.filter(source="sffd").count() == CALLS
    assert Assignment.objects.filter(incident__source="sffd").count() == ROWS

    # Faults are taken as they are, and each is named.
    assert {code: n for code, n in outcome.flags.items() if code != "disposition_unknown"} == {
        "negative.to_destination-at_destination": 25,
        "negative.on_scene-to_destination": 2,
        "negative.en_route-on_scene": 1,
        "zero.answered-notified": 70,
        "zero.notified-en_route": 505,
        "zero.en_route-on_scene": 257,
        "zero.on_scene-to_destination": 1,
        "zero.at_destination-completed": 1,
    }
    assert dict(outcome.missing) == {
        "en_route": 214,
        "on_scene": 1554,
        "to_destination": 5441,
        "at_destination": 5496,
        "completed": 5,
    }

    # What the city does not have is made as history, never as something to send.
    made = Unit.objects.filter(agency__code="sffd")
    assert made.count() == UNITS
    assert not made.filter(active=True).exists()
    assert not made.filter(example=True).exists()
    assert IncidentType.objects.filter(code__startswith="sffd-", active=False).count() == 18

    period = Period(date(2016, 12, 30), date(2017, 1, 9), city_zone())
    found = evaluate(period)
    assert found.incidents.total == CALLS
    processing, total = found.clocks["processing"], found.clocks["total"]
    assert (processing.n, processing.p90_s, processing.zero) == (CALLS, 265, 70)
    (target,) = processing.targets
    assert (target.seconds, round(target.value or 0, 1), target.met) == (60, 23.2, False)
    assert (total.n, round(total.mean_s or 0), total.p90_s) == (3429, 518, 1035)
    assert (total.missing, total.excluded, total.derived) == (131, 0, 0)
    assert found.clocks["travel"].excluded == 1
    assert (found.clocks["answer"].n, found.clocks["answer"].missing) == (0, CALLS)

    # Their final priority 3 is our P2.
    urgent = next(g for g in found.by_priority if g.code == "2").clocks["total"]
    assert (urgent.n, urgent.p90_s) == (2038, 512)
    fires = next(g for g in found.by_type if g.code == "sffd-structure-fire").clocks
    assert (fires["processing"].n, fires["processing"].p90_s) == (149, 134)
    assert (fires["total"].n, fires["total"].p90_s) == (135, 338)

    _averaging_daily_percentiles_would_be_wrong(period)
    _a_second_import_changes_nothing()
    assert verify().broken_seq is None


def _averaging_daily_percentiles_would_be_wrong(period: Period) -> None:
    days: dict[date, list[float]] = {}
    for case in load_cases(period):
        reading = measure(case).readings["total"]
        assert case.received
        if reading.seconds is not None:
            there = case.received.at.astimezone(ZoneInfo("America/Los_Angeles")).date()
            days.setdefault(there, []).append(reading.seconds)
    n = sum(map(len, days.values()))
    wrong = sum(quantiles(day, n=10, method="inclusive")[8] * len(day) for day in days.values()) / n
    assert round(wrong) == 1028


def _a_second_import_changes_nothing() -> None:
    before = (Incident.objects.count(), Assignment.objects.count(), Unit.objects.count())
    again = bring_in()
    assert (again.new.total(), again.known["assignments"], again.refused) == (0, ROWS, [])
    assert before == (Incident.objects.count(), Assignment.objects.count(), Unit.objects.count())
    assert again.made == []
