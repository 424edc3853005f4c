"""Every figure of a report leads to as many records as it says; and it says nothing that is not
known."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from django.utils import translation

from sigap.calls.actions import close_call
from sigap.calls.actions.recordings import KEEPING
from sigap.calls.models import Call
from sigap.complaints.actions import file_complaint
from sigap.complaints.models import Category, Complaint
from sigap.complaints.outreach.actions import Event, add_outreach
from sigap.complaints.survey.actions import enter_answers
from sigap.complaints.survey.ikm import ELEMENTS
from sigap.console.words.names import class_names
from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actions.personal import erase_contacts
from sigap.core.actors import Actor, system
from sigap.core.models import Contact, Deployment
from sigap.core.transaction import transaction
from sigap.dispatch.models import Assignment, AssignmentTime
from sigap.evaluation.chapters import report_of
from sigap.evaluation.paper import Paper, shown, thawed
from sigap.evaluation.period import period_of
from sigap.evaluation.records import Wanted, count
from sigap.evaluation.scorecard import scorecard
from sigap.places.models import Area

from .exchange import say, sets_aside
from .opening import calls
from .proofs import proves
from .test_monev import count as imported
from .test_monev import incident, sent
from .test_monev_complaints import closed, filed

Browser = Callable[[str | None], Client]
TODAY = "2026-11-02"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def days(
    first: str, last: str = "", agency: str = "", before: tuple[str, str] | None = None
) -> Paper:
    compared = period_of(*(date.fromisoformat(one) for one in before)) if before else None
    whole = period_of(date.fromisoformat(first), date.fromisoformat(last or first))
    return report_of(whole, agency, compared)


def value(paper: Paper, *place: str) -> Any:
    return paper.figures()[place]  # type: ignore[index]


def linked(paper: Paper) -> Iterator[tuple[str, Any, Wanted]]:
    """Each figure that leads to records, and the question that it asks."""
    for table in paper.tables:
        for line in table.lines:
            for column, cell in zip(table.columns, line.cells, strict=True):
                if cell.records:
                    asked = {k: v[0] for k, v in parse_qs(cell.records).items()}
                    where = f"{table.key}/{line.key}/{column.key} {cell.records}"
                    yield where, cell, Wanted.model_validate(asked)


@pytest.fixture
def lively(ring: Callable[..., Call], actor: Callable[[str], Actor]) -> None:
    """A day with some of everything that is counted, beside other days."""
    for call_class, n in {
        "emergency": 2,
        "prank": 7,
        "misdial": 1,
        "silent": 3,
        "information": 6,
        "abandoned": 2,
        "test": 1,
        "complaint": 1,
        "repeat": 1,
    }.items():
        imported(call_class, "2026-11-02 01:00", n)
    imported("prank", "2026-11-01 23:59", 4)
    imported("complaint", "2026-11-02 01:30", 2, field_action=True)
    first = incident("1", area_code=Area.objects.order_by("code")[0].code)
    sent(first, "DAM-01", 30, 90, 400)
    sent(first, "AMB-01", 40, 80, None)
    sent(incident("2", "2026-11-02 03:00"), "DAM-01", 20, 10, 300)
    incident("3", "2026-11-02 04:00", priority=1)
    for n, category in enumerate(Category.objects.order_by("code")[:3]):
        file_complaint(
            channel="desk",
            body=f"lampu mati {n}",
            category=category.code,
            actor=actor("call_taker"),
        )
    ring()


def test_every_count_leads_to_as_many_records_as_it_says(lively: None) -> None:
    paper = days("2026-11-02", before=("2026-11-01", "2026-11-01"))
    asked = 0
    for where, cell, wanted in linked(paper):
        if cell.unit != "count":
            continue
        assert count(wanted) == cell.value, where
        asked += 1
    assert asked > 200
    assert value(paper, "calls", "prank", "calls") == 7
    assert value(paper, "incidents", "total", "incidents") == 3


def test_a_share_a_time_and_a_mark_lead_to_the_records_behind_a_count_beside_them(
    lively: None,
) -> None:
    closed(filed(), score=4)
    paper = days("2026-11-02", before=("2026-11-01", "2026-11-01"))
    units: set[str] = set()
    for table in paper.tables:
        if table.key in ("gate", "targets", "compared_shares", "categories"):  # proven below
            continue
        for line in table.lines:
            if line.key == "abandon_rate":  # so is this
                continue
            counts = {cell.records: cell.value for cell in line.cells if cell.unit == "count"}
            for cell in line.cells:
                if cell.unit != "count" and cell.records:
                    assert cell.records in counts, f"{table.key}/{line.key}"
                    units.add(cell.unit)
    assert units == {"percent", "seconds", "days", "mark"}


def test_the_time_that_the_gate_saved_leads_to_the_calls_that_it_kept_off_rightly(
    answered: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    ghost = answered()
    time.forward(20)
    close_call(ghost.pk, "silent", actor=actor("call_taker"))
    kept_off = []
    for name in "abc":
        sets_aside(name)
        kept_off.append(say("ended", name).pk)
    Call.objects.filter(pk=kept_off[0]).update(reviewed_at=clock.now(), was_somebody=True)
    told = {where.split()[0]: (cell.value, wanted) for where, cell, wanted in linked(days(TODAY))}
    assert told["gate/saved_hours/value"][0] == pytest.approx(2 * 20 / 3600)
    assert count(told["gate/saved_hours/value"][1]) == 2
    assert count(told["gate/saved_share/value"][1]) == 2
    timed, behind = told["gate/ghosts_n/value"]
    assert count(behind) == timed == 1


def test_the_abandon_rate_leads_to_those_that_nobody_answered(lively: None) -> None:
    told = {where.split()[0]: (cell.value, wanted) for where, cell, wanted in linked(days(TODAY))}
    every, (rate, lost) = told["calls/all/calls"][0], told["calls/abandon_rate/share"]
    assert count(lost) == 2 and rate == round(100 * 2 / every, 2)


def test_the_yearly_survey_leads_to_its_answers_and_to_nobody(
    actor: Callable[[str], Actor], browser_of: Browser
) -> None:
    best = dict.fromkeys(ELEMENTS, "4")
    enter_answers(2026, best, agency="dishub", age="30-39", sex="P", actor=actor("evaluator"))
    enter_answers(2026, best | {"u9": "1"}, actor=actor("evaluator"))
    enter_answers(2025, best, actor=actor("evaluator"))
    told = {where.split()[0]: (cell, wanted) for where, cell, wanted in linked(days(TODAY))}
    answers, behind = told["ikm/2026/n"]
    assert count(behind) == answers.value == 2
    page = browser_of("evaluator").get(f"/monev/records?{answers.records}").content.decode()
    assert "U9" in page and "dishub" in page and "30-39" not in page


def test_what_was_counted_around_an_event_leads_to_calls_and_complaints(
    actor: Callable[[str], Actor], browser_of: Browser, time: clock.Frozen
) -> None:
    area = Area.objects.order_by("code")[0]
    event = Event(day=date(2026, 10, 20), audience="pkk", people=40, area=area.code)
    add_outreach(event, actor=actor("supervisor"))
    imported("prank", "2026-10-12 01:00", 4)
    imported("prank", "2026-10-20 01:00", 9)  # the day itself is on neither side
    imported("prank", "2026-10-25 01:00", 3)
    for day, where in ((10, area), (15, area), (22, area), (22, None)):
        Complaint.objects.create(
            channel="web",
            number=f"N{day}{where}",
            token=f"{day}{where}",
            area=where,
            filed_at=datetime(2026, 10, day, 3, tzinfo=UTC),
        )
    paper = days("2026-10-01", "2026-10-31")
    told = {
        where.split()[0].rpartition("/")[2]: (cell, wanted)
        for where, cell, wanted in linked(paper)
        if where.startswith("outreach/")
    }
    expected = {"before": 2, "after": 1, "pranks_before": 4, "pranks_after": 3}

    def seen() -> dict[str, int]:
        return {side: count(wanted) for side, (_cell, wanted) in told.items()}

    assert {side: cell.value for side, (cell, _wanted) in told.items()} == seen() == expected
    address = f"/monev/records?{told['before'][0].records}"
    assert 'href="/complaints/' in browser_of("supervisor").get(address).content.decode()
    assert 'href="/complaints/' not in browser_of("evaluator").get(address).content.decode()
    # A document that was signed keeps the days that it was counted of.
    time.forward(40 * 86_400)
    imported("prank", "2026-11-15 01:00", 5)
    assert seen() == expected


def test_a_categorys_share_in_time_leads_to_those_that_were(lively: None) -> None:
    closed(filed(), score=4)
    figure = {
        where: (cell.value, count(wanted))
        for where, cell, wanted in linked(days("2026-11-02"))
        if where.startswith("categories/pju/share")
    }
    assert list(figure.values()) == [(100.0, 1)]


def test_a_share_beside_that_of_another_period_leads_to_the_records_of_its_own(
    lively: None,
) -> None:
    paper = days("2026-11-02", before=("2026-11-01", "2026-11-01"))
    (shares,) = [t for t in paper.tables if t.key == "compared_shares"]
    for line in shares.lines:
        for cell, day in zip(line.cells, ("2026-11-02", "2026-11-01"), strict=False):
            if line.key.startswith("calls."):
                asked = Wanted.model_validate({k: v[0] for k, v in parse_qs(cell.records).items()})
                assert asked.first.isoformat() == day
                every = Wanted.model_validate(
                    {"of": "calls", "from": day, "to": day, "line": "total"}
                )
                assert cell.value == round(100 * count(asked) / count(every), 2), line.key


def test_a_share_within_a_target_leads_to_those_that_were_within(lively: None) -> None:
    (targets,) = [t for t in days("2026-11-02").tables if t.key == "targets"]
    checked = 0
    for line in targets.lines:
        n, share, _verdict = line.cells
        if share.unit == "percent" and "within" in share.records:
            within = {k: v[0] for k, v in parse_qs(share.records).items()}
            found = count(Wanted.model_validate(within))
            assert share.value == round(100 * found / int(n.value or 0), 2), line.key
            checked += 1
    assert checked


def test_with_an_agency_too(lively: None) -> None:
    paper = days("2026-11-02", agency="damkar")
    for where, cell, wanted in linked(paper):
        if cell.unit == "count":
            assert count(wanted) == cell.value, where
    assert value(paper, "incidents", "total", "incidents") == 2


def test_the_list_shows_the_records_and_nobodys_data(lively: None, browser_of: Browser) -> None:
    Contact.objects.update(number="+6281298765432")
    for of, line in (("calls", "all"), ("incidents", ""), ("complaints", "counted")):
        address = f"/monev/records?of={of}&from=2026-11-02&to=2026-11-02&line={line}"
        told = browser_of("evaluator").get(address).content.decode()
        assert "98765432" not in told and "lampu mati" not in told
        assert 'id="total"' in told
        # An evaluator is led to no screen with people's data; a supervisor is.
        assert 'href="/incidents/' not in told and 'href="/complaints/' not in told
    assert (
        'href="/incidents/'
        in browser_of("supervisor")
        .get("/monev/records?of=incidents&from=2026-11-02&to=2026-11-02")
        .content.decode()
    )


def test_a_code_is_named_by_its_column(browser_of: Browser) -> None:
    imported("silent", "2026-11-02 01:00", 1)
    imported("prank", "2026-11-02 02:00", 1)
    records = "/monev/records?from=2026-11-02&to=2026-11-02"
    told = browser_of("evaluator").get(f"{records}&of=calls&line=all").content.decode()
    with translation.override("id"):
        names = {code: str(name) for code, name in class_names().items()}
    assert f"<td>{names['silent']}</td>" in told and f"<td>{names['prank']}</td>" in told
    told = browser_of("evaluator").get(f"{records}&of=uses&line=pranks").content.decode()
    assert f"<td>{names['prank']}</td>" in told


@pytest.mark.parametrize(
    "asked",
    [
        "of=people&from=2026-11-02&to=2026-11-02",
        "of=calls&from=2026-11-02",
        "of=calls&from=2026-11-02&to=2026-11-01&line=all",
        "of=calls&from=2026-11-02&to=2026-11-02&line=nothing",
        "of=incidents&from=2026-11-02&to=2026-11-02&clock=travel",
        "of=incidents&from=2026-11-02&to=2026-11-02&clock=travel&fate=lost",
        "of=complaints&from=2026-11-02&to=2026-11-02&line=counted&section=by_name",
        "of=calls&from=2026-11-02&to=2026-11-02&line=all&page=0",
    ],
)
def test_a_question_that_no_figure_asks_is_refused(browser_of: Browser, asked: str) -> None:
    assert browser_of("evaluator").get(f"/monev/records?{asked}").status_code == 400


def test_many_records_come_in_pages(browser_of: Browser) -> None:
    imported("prank", "2026-11-02 01:00", 120)
    address = "/monev/records?of=calls&from=2026-11-02&to=2026-11-02&line=prank"
    first = browser_of("evaluator").get(address).content.decode()
    second = browser_of("evaluator").get(f"{address}&page=2").content.decode()
    assert first.count("<tr>") == 101 and second.count("<tr>") == 21
    assert "page=2" in first and "page=1" in second


def test_an_empty_city_has_a_report_without_a_made_up_number() -> None:
    paper = days("2026-10-01", "2026-10-31", before=("2026-09-01", "2026-09-30"))
    assert value(paper, "calls", "all", "calls") == 0
    assert value(paper, "calls", "valid", "share") is None
    for clock_name in ("answer", "processing", "turnout", "travel", "total"):
        assert value(paper, "clocks", clock_name, "p90") is None
    assert value(paper, "surveys", "survey", "mean") is None
    assert thawed(paper.frozen()) == paper


def test_where_all_times_are_derived_there_is_not_enough_data_and_no_number() -> None:
    lone = incident("1")
    sent(lone, "DAM-01", 30, 90, 400)
    AssignmentTime.objects.update(source="derived")
    paper = days("2026-11-02")
    lines = {line.key: line for t in paper.tables if t.key == "clocks" for line in t.lines}
    cells = {c.key: f for c, f in zip(_columns(paper), lines["travel"].cells, strict=True)}
    assert (cells["n"].value, cells["derived"].value) == (0, 1)
    assert cells["p90"].value is None and cells["mean"].value is None
    assert cells["data"].value == "not enough data"
    verdicts = [
        line.cells[2].value
        for t in paper.tables
        if t.key == "targets"
        for line in t.lines
        if line.key.startswith("travel")
    ]
    assert set(verdicts) == {"not enough data"}


def _columns(paper: Paper) -> list[Any]:
    return next(t.columns for t in paper.tables if t.key == "clocks")


def test_one_week_is_told_by_weeks_and_a_year_by_months() -> None:
    week = days("2026-10-26", "2026-11-01")
    assert [line.key for line in _trend(week)] == ["2026-10-26"]
    year = days("2025-11-03", "2026-11-02")
    assert len(_trend(year)) == 13
    assert [line.cells[0].value for line in _trend(year)][:2] == [28, 31]
    assert sum(int(line.cells[0].value or 0) for line in _trend(year)) == 365


def _trend(paper: Paper) -> list[Any]:
    return next(t.lines for t in paper.tables if t.key == "trend")


def test_a_month_without_calls_stands_there_with_zeros() -> None:
    imported("prank", "2026-08-10 10:00", 3)
    imported("prank", "2026-10-10 10:00", 5)
    paper = days("2026-08-01", "2026-10-31")
    assert [line.cells[2].value for line in _trend(paper)] == [3, 0, 5]
    assert value(paper, "calls", "prank", "calls") == 8


def test_the_citys_own_seven_months_stand_on_the_paper_as_the_city_printed_them() -> None:
    """April to October 2025: only what this table needs, the simulator makes the rest of it."""
    whole = period_of(date(2025, 4, 1), date(2025, 10, 31))
    tally = {"emergency": 496, "prank": 18_557, "silent": 65_024, "information": 2_084}
    for n in range(whole.days):
        day = whole.first + timedelta(days=n)
        # Of each as many a day as of any other, but for the rest.
        calls(day, **{name: (of + n) // whole.days for name, of in tally.items()})
    with translation.override("id"):
        paper = report_of(whole)
        told = _texts(paper, "calls")
    assert paper.days == 214
    for figure in ("496", "18.557", "65.024", "2.084", "86.161"):
        assert figure in told
    for share in ("0,58 %", "21,54 %", "75,47 %", "2,42 %"):
        assert share in told
    lines = _texts(paper, "trend")
    assert len(lines) == 7 * 6  # seven months


def test_a_leap_day_counts_once() -> None:
    imported("prank", "2024-02-29 12:00", 2)
    assert value(days("2024-02-29"), "calls", "prank", "calls") == 2
    february = days("2024-02-01", "2024-02-29")
    assert february.days == 29 and value(february, "calls", "prank", "calls") == 2
    assert value(days("2024-03-01"), "calls", "prank", "calls") == 0


def test_midnight_and_the_end_of_the_year_are_the_citys_own() -> None:
    imported("prank", "2025-12-31 23:59:59")
    imported("prank", "2026-01-01 00:00:00", 2)
    assert value(days("2025-12-31"), "calls", "prank", "calls") == 1
    assert value(days("2026-01-01"), "calls", "prank", "calls") == 2
    turn = days("2025-12-01", "2026-01-31")
    assert value(turn, "calls", "prank", "calls") == 3
    assert {line.key for t in turn.tables if t.key == "ikm" for line in t.lines} == {"2025", "2026"}


def test_who_was_erased_is_still_counted(
    answered: Callable[..., Call], actor: Callable[[str], Actor]
) -> None:
    close_call(answered().pk, "prank", actor=actor("call_taker"))
    before = days("2026-11-02").figures()
    erase_contacts(Contact.objects.all(), actor=system("timer"))
    assert days("2026-11-02").figures() == before


def test_two_periods_stand_side_by_side_with_their_difference() -> None:
    imported("prank", "2026-10-10 10:00", 30)
    imported("silent", "2026-10-10 10:00", 10)
    imported("prank", "2026-09-10 10:00", 20)
    imported("silent", "2026-09-10 10:00", 20)
    paper = days("2026-10-01", "2026-10-31", before=("2026-09-01", "2026-09-30"))
    row = [
        value(paper, "compared_counts", "calls.prank", key)
        for key in ("now", "before", "difference", "percent")
    ]
    assert row == [30, 20, 10, 50.0]
    shares = [
        value(paper, "compared_shares", "calls.prank", k) for k in ("now", "before", "points")
    ]
    assert shares == [75.0, 50.0, 25.0]


@proves("report.few")
def test_a_small_count_is_marked(put: Callable[[str, float], None]) -> None:
    imported("prank", "2026-11-02 01:00", 4)
    assert "4 *" in _texts(days("2026-11-02"), "calls")
    put("report.few", 4)
    assert "4 *" not in _texts(days("2026-11-02"), "calls")


def _texts(paper: Paper, key: str) -> list[str]:
    sections = shown(paper)["sections"]
    blocks = [b for s in sections for b in s["blocks"] if b.get("key") == key]
    return [cell["text"] for line in blocks[0]["lines"] for cell in line["cells"]]


def test_a_drill_beside_real_data_is_marked_and_the_city_is_not() -> None:
    assert not days("2026-11-02").drill
    Deployment.objects.update(drill=True)
    paper = days("2026-11-02")
    assert paper.drill and shown(paper)["drill"] == "LATIHAN"


def test_what_of_the_service_failed_is_told(
    actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    with transaction():
        raise_alarm("unkept", KEEPING, owner="supervisor", actor=system("timer"))
    time.forward(7200)
    with transaction():
        finish_alarm("unkept", KEEPING, actor=system("timer"))
    paper = days("2026-11-02")
    row = [value(paper, "service", "unkept", key) for key in ("times", "hours", "now")]
    assert row == [1, 2.0, 0]


def test_the_map_knows_each_area_and_marks_few(lively: None) -> None:
    paper = days("2026-11-02")
    (drawn,) = [b for s in paper.sections for b in s.blocks if b.block == "map"]
    assert len(drawn.areas) == Area.objects.count()
    assert sum(area.count for area in drawn.areas) == 1 and drawn.note
    (hit,) = [area for area in drawn.areas if area.count]
    assert hit.few and hit.name in drawn.alt


def test_an_agencys_page_is_seen_by_its_own_head_and_by_evaluators(
    lively: None, browser_of: Browser
) -> None:
    head = browser_of("agency_head")  # of PSC 119
    assert head.get("/monev/agencies/damkar").status_code == 403
    told = head.get("/monev/agencies/psc119").content.decode()
    # Their records are the evaluators' to open.
    assert "/monev/records" not in told
    assert b"/monev/records" in browser_of("evaluator").get("/monev/agencies/damkar").content
    assert "damkar" not in head.get("/monev/agencies").content.decode()
    for form in ("pdf", "csv"):
        answer = head.get(f"/monev/agencies/psc119?format={form}")
        assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    assert browser_of("evaluator").get("/monev/agencies/nowhere").status_code == 404


def test_what_an_agency_has_left_open_is_counted(
    job: Callable[[], Assignment], actor: Callable[[str], Actor]
) -> None:
    job()
    card = scorecard(period_of(date(2026, 11, 2), date(2026, 11, 2)), "psc119")
    figures = {where: cell.value for where, cell, _wanted in linked(card)}
    assert [n for where, n in figures.items() if where.startswith("agencies_now/psc119/unf")] == [1]
    for where, cell, wanted in linked(card):
        if cell.unit == "count":
            assert count(wanted) == cell.value, where


def test_an_agencys_page_stands_beside_as_many_days_before(lively: None) -> None:
    card = scorecard(period_of(date(2026, 11, 2), date(2026, 11, 8)), "damkar")
    assert card.compared == (date(2026, 10, 26), date(2026, 11, 1))
    figures = card.figures()
    assert figures["compared_counts", "incidents", "now"] == 2
    assert ("compared_counts", "calls.prank", "now") not in figures
    assert figures["agencies_now", "damkar", "unfinished"] == 0
    assert figures["agencies_now", "damkar", "units"]
    for where, cell, wanted in linked(card):
        if cell.unit == "count":
            assert count(wanted) == cell.value, where
