"""Early warnings: what is found, what is not, who answers, and what the thresholds learn."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client

from sigap.calls.actions import declare_surge, end_surge
from sigap.complaints.models import Category, Complaint
from sigap.config.insights import seek_bursts, seek_returns, seek_trends
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Refused
from sigap.core.models import Journal, Text
from sigap.fleet.models import Agency
from sigap.incidents.models import Incident, IncidentType
from sigap.insight.warning.watch import due, watch_days, watch_hours
from sigap.places.models import Area
from sigap.proposals.actions import (
    accept_proposal,
    dismiss_proposal,
    erase_old_notes,
    finish_proposal,
    note_scan,
    pass_proposal_on,
)
from sigap.proposals.found import Finding
from sigap.proposals.machine import STEPS, after_answer
from sigap.proposals.models import Advice, Proposal, Scan, Threshold

from .proofs import proves

TIMER = system("timer")
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # 08:00 WIB
UNTIL = datetime(2026, 11, 1, 23, 0, tzinfo=UTC)  # 06:00 WIB
DAY = timedelta(days=1)
Who = Callable[[str], Actor]
Put = Callable[[str, float], None]


def report(
    at: datetime, n: int = 1, *, area: int | None = 0, category: str = "pju", **more: Any
) -> list[Complaint]:
    """Complaints of this moment, in one of the areas by their order."""
    start = Complaint.objects.count()
    where = Area.objects.order_by("code")[area] if area is not None else None
    kind = Category.objects.get(code=category)
    rows = [
        Complaint(
            channel="web",
            number=f"N{start + i}",
            token=f"T{start + i}",
            category=kind,
            area=where,
            filed_at=at,
            **more,
        )
        for i in range(n)
    ]
    return Complaint.objects.bulk_create(rows)


def usual(days: int = 200, a_day: float = 1.0, category: str = "pju") -> None:
    """Days on which nothing is unusual: reports all over the city, and none at its beginning
    that could be missed."""
    dice = np.random.default_rng(7)
    areas = list(Area.objects.order_by("code"))
    kind = Category.objects.get(code=category)
    rows = [
        Complaint(
            channel="web",
            number=f"U{category}{day}-{i}",
            token=f"U{category}{day}-{i}",
            category=kind,
            area=areas[dice.integers(len(areas))],
            filed_at=UNTIL - (days - day) * DAY + timedelta(hours=float(dice.uniform(0, 23))),
        )
        for day in range(days - 14)
        for i in range(int(dice.poisson(a_day)) if day else 1)
    ]
    Complaint.objects.bulk_create(rows)


def outbreak(a_day: int = 3, days: int = 4, area: int = 5, category: str = "pju") -> None:
    """More than usual in one kelurahan, up to the last scan."""
    for day in range(days):
        report(UNTIL - day * DAY - timedelta(hours=5), a_day, area=area, category=category)


def the_alarm() -> Proposal:
    assert seek_trends(TIMER) == 1
    return Proposal.objects.get()


def finding(**more: Any) -> Finding:
    told: dict[str, Any] = {
        "kind": "cluster",
        "stream": "category:pju",
        "agency": "dishub",
        "areas": [Area.objects.order_by("code")[5].code],
        "cases": ["complaint:1"],
        "since": NOW - 3 * DAY,
        "until": NOW,
        "seen": 9,
        "expected": 0.4,
        "once_in": 200.0,
    }
    return Finding(**told | more)


def opened(actor: Who, **more: Any) -> Proposal:
    """A proposal, as a scan of this very moment opens it."""
    n = Scan.objects.count()
    (row,) = note_scan("days", NOW + timedelta(minutes=n), [finding(**more)], actor=TIMER)
    return row


# --- what is found --------------------------------------------------------------------


def test_more_than_usual_in_one_kelurahan_is_one_proposal_for_one_agency(
    journal: Callable[[], list[str]],
) -> None:
    usual()
    outbreak()
    row = the_alarm()
    area = Area.objects.order_by("code")[5]
    assert (row.kind, row.stream, row.state) == ("cluster", "category:pju", "proposed")
    assert row.agency == Agency.objects.get(code="dishub")
    assert area.code in row.areas
    assert row.seen >= 12 and row.expected is not None and row.expected < 3
    assert row.once_in is not None and row.once_in >= 30
    assert len(row.cases) == row.seen
    assert UNTIL - 14 * DAY <= row.since < row.until == UNTIL
    assert journal() == ["threshold.calibrated", "proposal.opened"]


def test_an_alarm_changes_no_case() -> None:
    usual()
    outbreak()
    before = list(Complaint.objects.order_by("pk").values())
    the_alarm()
    assert list(Complaint.objects.order_by("pk").values()) == before


def test_a_usual_day_is_no_alarm() -> None:
    usual()
    assert seek_trends(TIMER) == 0
    assert Scan.objects.get().why == ""


def test_more_than_usual_all_over_the_city_names_no_kelurahan() -> None:
    usual(a_day=0.3)
    for n in range(30):
        report(UNTIL - timedelta(hours=4 * n + 1), area=None if n % 2 else n)
    row = the_alarm()
    assert (row.kind, row.areas) == ("rise", [])


def test_an_empty_city_has_none_and_says_that_it_cannot_know() -> None:
    assert seek_trends(TIMER) == seek_bursts(TIMER) == seek_returns(TIMER) == 0
    assert Scan.objects.get(kind="days").why == "short"


@proves("insight.least_days")
def test_after_a_week_there_is_no_alarm_whatever_comes(put: Put) -> None:
    usual(days=40)
    outbreak()
    assert watch_days(UNTIL).why == "short"
    put("insight.least_days", 30)
    assert watch_days(UNTIL).why == ""
    assert watch_days(UNTIL).findings


@proves("insight.least_cases")
def test_few_cases_are_no_alarm_however_rare(put: Put) -> None:
    usual()
    outbreak(a_day=3, days=2)
    assert watch_days(UNTIL).findings
    put("insight.least_cases", 20)
    assert not watch_days(UNTIL).findings


@proves("insight.near_areas")
def test_a_neighbourhood_has_so_many_kelurahan_at_most(put: Put) -> None:
    usual()
    for area in (5, 6, 9, 10):  # side by side
        outbreak(a_day=2, area=area)
    (wide,) = watch_days(UNTIL).findings
    assert len(wide.areas) > 1
    put("insight.near_areas", 1)
    (narrow,) = watch_days(UNTIL).findings
    assert len(narrow.areas) <= 1


@proves("insight.near_m")
def test_nor_is_one_of_them_far_away(put: Put) -> None:
    usual()
    for area in (5, 6, 9, 10):
        outbreak(a_day=2, area=area)
    put("insight.near_m", 500)
    (narrow,) = watch_days(UNTIL).findings
    assert len(narrow.areas) <= 1


@proves("insight.scan_h")
def test_the_daily_scan_ends_at_an_hour_of_the_citys_day(put: Put) -> None:
    assert due(NOW) == UNTIL
    put("insight.scan_h", 9)  # not yet today
    assert due(NOW) == datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
    put("insight.scan_h", 0)
    assert due(datetime(2027, 12, 31, 17, 0, tzinfo=UTC)).astimezone(UTC) == datetime(
        2027, 12, 31, 17, 0, tzinfo=UTC
    )
    assert due(datetime(2028, 2, 29, 3, 0, tzinfo=UTC)) == datetime(2028, 2, 28, 17, tzinfo=UTC)


def test_a_month_without_a_case_breaks_nothing() -> None:
    usual()
    Complaint.objects.filter(filed_at__gte=UNTIL - 60 * DAY, filed_at__lt=UNTIL - 14 * DAY).delete()
    outbreak()
    assert the_alarm().seen >= 12


def test_what_was_joined_or_became_an_incident_counts_once() -> None:
    usual()
    (first,) = report(UNTIL - timedelta(hours=1), area=5)
    report(UNTIL - timedelta(hours=1), 15, area=5, state="attached", attached_to=first)
    report(UNTIL - timedelta(hours=1), 15, area=5, state="archived")
    assert seek_trends(TIMER) == 0


def test_a_merged_incident_counts_once() -> None:
    kind = IncidentType.objects.get(code="banjir")
    usual()
    area = Area.objects.order_by("code")[5]
    at = UNTIL - timedelta(hours=2)
    row = {"type": kind, "priority": 3, "area": area, "opened_at": at}
    first = Incident.objects.create(**row)
    Incident.objects.bulk_create(
        [Incident(**row, state="merged", merged_into=first) for _n in range(20)]
    )
    assert not watch_days(UNTIL).findings


def test_cases_of_an_unknown_place_count_for_the_city_only() -> None:
    usual()
    outbreak()
    report(UNTIL - timedelta(hours=3), 5, area=None)
    (found,) = watch_days(UNTIL).findings
    assert found.kind == "cluster"
    assert found.seen < 5 + 12 + 5


def test_a_kind_that_is_not_in_use_any_more_raises_none() -> None:
    usual()
    outbreak()
    Category.objects.filter(code="pju").update(active=False)
    assert not watch_days(UNTIL).findings


# --- a mass event ---------------------------------------------------------------------


def test_a_declared_surge_raises_no_alarm_in_any_category(actor: Who, time: clock.Frozen) -> None:
    usual()
    time.at = UNTIL - 3 * DAY
    declare_surge(reason="storm", actor=actor("supervisor"))
    for category in ("pju", "pohon", "sampah", "banjir"):
        outbreak(a_day=9, days=2, category=category)
    time.at = NOW
    assert seek_trends(TIMER) == seek_bursts(TIMER) == 0
    assert set(Scan.objects.values_list("why", flat=True)) == {"surge"}
    end_surge(actor=actor("supervisor"))
    assert not watch_days(NOW).findings  # nor afterwards: it is known what that was


@proves("proposals.at_once")
def test_one_scan_proposes_a_few_at_most_the_rarest_first(put: Put) -> None:
    put("proposals.at_once", 2)
    many = [finding(stream=f"category:c{n}", once_in=40 + n) for n in range(50)]
    opened = note_scan("days", NOW, many, actor=TIMER)
    assert [row.stream for row in opened] == ["category:c49", "category:c48"]
    assert Scan.objects.get().held == 48


# --- bursts ---------------------------------------------------------------------------


def burst(n: int = 5, ago_h: float = 0.5) -> None:
    for i in range(n):
        report(NOW - timedelta(hours=ago_h, minutes=3 * i), area=(5, 6, 9)[i % 3])


def test_five_lamps_in_two_hours_are_one_feeder(browser_of: Callable[[str], Client]) -> None:
    usual()
    burst()
    assert seek_bursts(TIMER) == 1
    row = Proposal.objects.get()
    assert (row.kind, row.seen) == ("burst", 5)
    assert row.until - row.since <= timedelta(hours=3)
    page = browser_of("supervisor").get("/insight/alarms").content.decode()
    assert "penyulang" in page or "feeder" in page


def test_reports_that_are_spread_over_the_city_are_none() -> None:
    usual()
    for area in (0, 20, 32, 40, 45):
        report(NOW - timedelta(minutes=20), area=area)
    assert not watch_hours(NOW).findings


@proves("insight.burst_cases")
def test_a_burst_has_so_many_cases_at_least(put: Put) -> None:
    usual()
    burst(4)
    assert watch_hours(NOW).findings
    put("insight.burst_cases", 5)
    assert not watch_hours(NOW).findings


def test_a_burst_elsewhere_is_told_within_the_week_the_same_one_is_not(actor: Who) -> None:
    far, near = [Area.objects.order_by("code")[n].code for n in (40, 5)]
    opened(actor, kind="burst", areas=[near])
    again = note_scan("hours", NOW, [finding(kind="burst", areas=[near])], actor=TIMER)
    other = note_scan("hours", NOW + DAY, [finding(kind="burst", areas=[far])], actor=TIMER)
    trend = note_scan("days", NOW + DAY, [finding(areas=[far])], actor=TIMER)
    assert (len(again), len(other), len(trend)) == (0, 1, 0)


# --- once -----------------------------------------------------------------------------


def test_a_scan_that_is_run_twice_raises_one_alarm() -> None:
    usual()
    outbreak()
    found = watch_days(UNTIL)  # two workers look at the same time
    first = note_scan("days", UNTIL, found.findings, calibrated=found.calibrated, actor=TIMER)
    second = note_scan("days", UNTIL, found.findings, calibrated=found.calibrated, actor=TIMER)
    assert (len(first), second) == (1, [])
    assert seek_trends(TIMER) == 0
    assert Proposal.objects.count() == Scan.objects.count() == 1


def test_a_category_has_one_alarm_in_a_week(time: clock.Frozen, actor: Who) -> None:
    opened(actor)
    time.forward(6 * 86_400)
    assert not note_scan("days", clock.now(), [finding()], actor=TIMER)
    time.forward(86_400)
    assert note_scan("days", clock.now(), [finding()], actor=TIMER)


# --- answers --------------------------------------------------------------------------


def test_the_agency_accepts_and_finishes(actor: Who, journal: Callable[[], list[str]]) -> None:
    row = opened(actor, agency="psc119")
    accept_proposal(row.pk, planned_for=date(2026, 11, 9), actor=actor("agency"))
    finish_proposal(row.pk, date(2026, 11, 2), note="Panel diganti", actor=actor("agency"))
    row.refresh_from_db()
    assert (row.state, row.done_on, row.planned_for) == (
        "done",
        date(2026, 11, 2),
        date(2026, 11, 9),
    )
    assert row.note is not None and row.note.body == "Panel diganti"
    assert journal() == ["proposal.opened", "proposal.accept", "proposal.finish"]
    with pytest.raises(Refused):
        dismiss_proposal(row.pk, "noise", actor=actor("agency"))


def test_a_dismissal_says_why(actor: Who) -> None:
    row = opened(actor, agency="psc119")
    for reason in ("", "because"):
        with pytest.raises(Invalid):
            dismiss_proposal(row.pk, reason, actor=actor("agency"))
    dismiss_proposal(row.pk, "known", actor=actor("agency"))
    row.refresh_from_db()
    assert (row.state, row.reason) == ("dismissed", "known")


def test_days_that_cannot_be_are_refused(actor: Who) -> None:
    row = opened(actor, agency="psc119")
    with pytest.raises(Invalid):
        accept_proposal(row.pk, planned_for=date(2026, 11, 1), actor=actor("agency"))
    accept_proposal(row.pk, actor=actor("agency"))
    for day in (date(2026, 11, 1), date(2026, 11, 3), date.min):
        with pytest.raises(Invalid):
            finish_proposal(row.pk, day, actor=actor("agency"))


def test_another_agency_and_other_roles_answer_nothing(actor: Who) -> None:
    row = opened(actor)  # dishub's
    for role in ("agency", "agency_head", "evaluator", "call_taker", "dispatcher", "crew"):
        with pytest.raises(Forbidden):
            accept_proposal(row.pk, actor=actor(role))
    accept_proposal(row.pk, actor=actor("supervisor"))


def test_two_who_answer_at_once_do_not_overwrite_each_other(actor: Who) -> None:
    row = opened(actor, agency="psc119")
    accept_proposal(row.pk, version=row.version, actor=actor("agency"))
    with pytest.raises(Conflict):
        dismiss_proposal(row.pk, "noise", version=row.version, actor=actor("agency_head"))


def test_a_supervisor_passes_on_what_is_another_agencys_or_nobodys(actor: Who) -> None:
    row = opened(actor, agency="gone")
    assert row.agency is None
    with pytest.raises(Forbidden):
        pass_proposal_on(row.pk, "psc119", actor=actor("agency"))
    pass_proposal_on(row.pk, "psc119", actor=actor("supervisor"))
    accept_proposal(row.pk, planned_for=date(2026, 11, 9), actor=actor("agency"))
    with pytest.raises(Invalid):
        pass_proposal_on(row.pk, "psc119", actor=actor("supervisor"))
    pass_proposal_on(row.pk, "damkar", actor=actor("supervisor"))
    row.refresh_from_db()
    assert (row.state, row.planned_for) == ("proposed", None)


def test_an_agency_that_was_renamed_keeps_its_proposals(
    actor: Who, browser_of: Callable[[str], Client]
) -> None:
    opened(actor, agency="psc119")
    Agency.objects.filter(code="psc119").update(short="PSC BARU")
    assert "PSC BARU" in browser_of("evaluator").get("/insight/alarms").content.decode()


def test_an_area_that_is_not_on_the_map_any_more_is_named_by_its_code(
    actor: Who, browser_of: Callable[[str], Client]
) -> None:
    opened(actor, areas=["35.71.09.1001"])
    page = browser_of("evaluator").get("/insight/alarms")
    assert (page.status_code, "35.71.09.1001" in page.content.decode()) == (200, True)


def test_words_about_a_proposal_are_erased_with_those_of_cases(
    actor: Who, time: clock.Frozen
) -> None:
    row = opened(actor, agency="psc119")
    accept_proposal(row.pk, note="Bu Sri menunggu", actor=actor("agency"))
    time.forward(1824 * 86_400)
    assert erase_old_notes(actor=TIMER) == 0
    time.forward(2 * 86_400)
    assert erase_old_notes(actor=TIMER) == 1
    assert Text.objects.get(subject=f"proposal:{row.pk}").body == ""


# --- what the thresholds learn --------------------------------------------------------


def test_noise_makes_it_harder_acceptance_easier_within_bounds(actor: Who) -> None:
    seen = []
    for n in range(7):
        row = opened(actor, stream="category:pju", kind="burst", areas=[f"a{n}"])
        dismiss_proposal(row.pk, "noise", actor=actor("supervisor"))
        seen.append(Threshold.objects.get().period)
    assert seen == [45, 60, 90, 120, 180, 180, 180]
    row = opened(actor, kind="burst", areas=["b"])
    accept_proposal(row.pk, actor=actor("supervisor"))
    assert Threshold.objects.get().period == 120
    moves = Journal.objects.filter(kind="threshold.moved").order_by("seq")
    assert [(m.body["before"], m.body["after"]) for m in moves][-1] == (180, 120)
    assert moves.count() == 6


@pytest.mark.parametrize("reason", ["known", "not_authority", "no_budget", "other_way", "other"])
def test_other_reasons_teach_nothing(actor: Who, reason: str) -> None:
    row = opened(actor)
    dismiss_proposal(row.pk, reason, actor=actor("supervisor"))
    assert not Threshold.objects.exists()


def test_the_rule_never_leaves_its_steps() -> None:
    for period in STEPS:
        for command, reason in (("dismiss", "noise"), ("accept", ""), ("finish", "")):
            assert after_answer(period, command, reason) in STEPS


def test_what_was_noise_must_be_rarer_the_next_time() -> None:
    usual()
    for days in (0, 4, 9):
        report(UNTIL - days * DAY - timedelta(hours=5), area=5)
    (found,) = watch_days(UNTIL).findings
    assert found.once_in is not None and 30 <= found.once_in < 180
    Threshold.objects.create(stream="category:pju", period=180)
    assert not watch_days(UNTIL).findings


def test_thresholds_are_made_anew_when_they_are_old_or_the_past_has_grown() -> None:
    usual()
    outbreak()
    found = watch_days(UNTIL)
    assert [c.stream for c in found.calibrated] == ["category:pju"]
    note_scan("days", UNTIL, [], calibrated=found.calibrated, actor=TIMER)
    assert not watch_days(UNTIL).calibrated
    kept = Threshold.objects.get()
    again = watch_days(UNTIL).findings
    assert [(f.once_in, f.seen) for f in again] == [
        (pytest.approx(f.once_in, rel=0.01), f.seen) for f in found.findings
    ]
    Threshold.objects.update(calibrated_at=UNTIL - 8 * DAY)
    assert watch_days(UNTIL).calibrated
    Threshold.objects.update(calibrated_at=UNTIL, cases=kept.cases // 2)
    assert watch_days(UNTIL).calibrated


# --- screens --------------------------------------------------------------------------


def test_the_page_says_what_where_since_when_and_how_unusual(
    browser_of: Callable[[str], Client],
) -> None:
    usual()
    outbreak()
    row = the_alarm()
    page = browser_of("supervisor").get("/insight/alarms", HTTP_ACCEPT_LANGUAGE="id")
    text = page.content.decode()
    assert page.status_code == 200
    assert Area.objects.get(code=row.areas[0]).name in text
    assert f'href="/complaints/{row.cases[0].partition(":")[2]}"' in text
    assert 'class="here"' in text
    assert Advice.objects.get(stream="category:pju").trend in text


def test_an_evaluator_reads_and_has_no_button(browser_of: Callable[[str], Client]) -> None:
    usual()
    outbreak()
    row = the_alarm()
    page = browser_of("evaluator").get("/insight/alarms").content.decode()
    assert "<form" not in page.split("<main")[1]
    assert "/complaints/" not in page
    refused = browser_of("evaluator").post(f"/insight/proposals/{row.pk}/accept")
    assert refused.status_code == 403


def test_the_agency_answers_on_its_own_page(
    actor: Who, browser_of: Callable[[str], Client]
) -> None:
    row, other = opened(actor, agency="psc119"), opened(actor, stream="category:pohon")
    browser = browser_of("agency")
    assert "1" in browser.get("/agency").content.decode()
    page = browser.get("/agency/proposals").content.decode()
    assert f"proposal-{row.pk}-title" in page
    assert f"proposal-{other.pk}-title" not in page
    base = f"/agency/proposals/{row.pk}"
    answer = browser.post(f"{base}/dismiss", {"reason": "noise", "version": 0}, follow=True)
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.state == "dismissed"
    again = browser.post(f"{base}/accept", {"version": row.version}, follow=True)
    assert 'role="alert"' in again.content.decode()
    assert browser.post(f"/agency/proposals/{other.pk}/accept").status_code == 404
    assert browser.post(f"{base}/explode").status_code == 404


def test_bad_input_is_told_and_breaks_nothing(
    actor: Who, browser_of: Callable[[str], Client]
) -> None:
    row = opened(actor, agency="psc119")
    browser = browser_of("supervisor")
    for command, given in (
        ("accept", {"planned_for": "x"}),
        ("accept", {"version": "x"}),
        ("finish", {}),
        ("dismiss", {"reason": "<b>"}),
        ("pass_on", {"agency": "nobody"}),
    ):
        answer = browser.post(f"/insight/proposals/{row.pk}/{command}", given)
        assert answer.status_code in (400, 404)
    row.refresh_from_db()
    assert row.state == "proposed"


@pytest.mark.parametrize("role", ["supervisor", "agency"])
def test_a_refused_answer_keeps_what_was_typed(
    role: str, actor: Who, browser_of: Callable[[str], Client]
) -> None:
    row = opened(actor, agency="psc119")
    base = "/agency/proposals" if role == "agency" else "/insight/proposals"
    typed = {"planned_for": "2020-01-01", "note": "Kami <ganti> kabelnya", "version": row.version}
    answer = browser_of(role).post(f"{base}/{row.pk}/accept", typed)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'role="alert"' in page
    assert 'value="Kami &lt;ganti&gt; kabelnya"' in page
    assert 'value="2020-01-01"' in page
