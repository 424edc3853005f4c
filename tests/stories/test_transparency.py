"""What anybody reads of the city's work, and what is said where nothing can be."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, timedelta

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sigap.calls.models import Call
from sigap.complaints.models import Category, Complaint
from sigap.config.worker import JOBS, Aside
from sigap.core import clock
from sigap.core.actions.configuration import define, set_parameter
from sigap.core.actors import system
from sigap.core.models import Deployment, Journal
from sigap.core.queries import deployment
from sigap.evaluation.open_month import month_of, open_month
from sigap.fleet.models import Agency
from sigap.places.models import Area
from sigap.places.queries import forget
from sigap.public import pace
from sigap.public.actions import digest_of
from sigap.public.models import Edition
from sigap.public.transparency import figures

from .opening import (
    FILES,
    OCTOBER,
    PAGES,
    TIMER,
    a_usual_month,
    areas,
    at,
    calls,
    complaints,
    published,
    text_of,
)
from .proofs import proves
from .test_monev import incident, sent

SETUP = system("setup")
TODAY = date(2026, 11, 2)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_came_before() -> Iterator[None]:
    pace._counted.storage.reset()
    yield
    pace._counted.storage.reset()


def to(time: clock.Frozen, day: date, hour: int = 10) -> None:
    """Go to a day."""
    time.at = at(day, hour).astimezone(UTC)
    figures.forget()


@pytest.fixture
def month(time: clock.Frozen) -> Edition:
    """October, published."""
    a_usual_month()
    to(time, date(2026, 11, 8))
    assert published() == 1
    return Edition.objects.get()


# --- so far ---------------------------------------------------------------------------


def test_today_is_told_in_rounded_counts_and_few_are_not_told(client: Client) -> None:
    calls(TODAY, hour=7, silent=23, prank=4, emergency=1)
    page = text_of(client, "/transparansi")
    assert "Keadaan 2 November 2026 08:00 WIB" in page
    assert "Panggilan kosong (ghost call) 20 atau lebih" in page
    assert "Panggilan iseng (prank call) sedikit" in page
    assert "Semua panggilan 25 atau lebih" in page


def test_a_month_is_told_until_yesterday_so_that_a_second_look_tells_nothing(
    client: Client, time: clock.Frozen
) -> None:
    calls(date(2026, 11, 1), silent=12)
    before = text_of(client, "/transparansi")
    calls(TODAY, hour=7, prank=3)
    time.forward(600)
    after = text_of(client, "/transparansi")
    assert "Semua panggilan 0 10 atau lebih" in before
    assert "Semua panggilan sedikit 10 atau lebih" in after


@proves("transparency.fresh_min")
def test_the_database_is_asked_once_in_a_while_however_many_look(
    client: Client, time: clock.Frozen
) -> None:
    set_parameter("transparency.fresh_min", 10, actor=SETUP)
    calls(TODAY, hour=7, silent=20)
    text_of(client, "/transparansi")
    calls(TODAY, hour=7, silent=20)
    time.forward(599)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert "20 atau lebih" in text_of(client, "/transparansi")
    assert not [q for q in asked if 'FROM "calls_call"' in q["sql"]]
    time.forward(1)
    assert "40 atau lebih" in text_of(client, "/transparansi")


def test_at_midnight_yesterday_is_not_told_as_today(client: Client, time: clock.Frozen) -> None:
    to(time, date(2026, 12, 31), 23)
    calls(date(2026, 12, 31), hour=22, silent=30)
    assert "30 atau lebih" in text_of(client, "/transparansi")
    time.forward(3600)  # 00:00 WIB, the first of January
    page = text_of(client, "/transparansi")
    assert "1 Januari 2027" in page
    assert "Semua panggilan 0 30 atau lebih" in page, "December is over, and not public yet"


# --- editions ---------------------------------------------------------------------------


@proves("transparency.settle_days")
def test_a_month_is_published_once_it_has_settled(
    time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    set_parameter("transparency.settle_days", 3, actor=SETUP)
    a_usual_month()
    to(time, date(2026, 11, 3), 23)
    assert published() == 0
    to(time, date(2026, 11, 4), 0)
    assert published(2) == 1
    assert journal()[-1] == "edition.published"
    row, edition = Journal.objects.latest("seq"), Edition.objects.get()
    assert row.body == {"month": "2026-10", "digest": edition.digest}
    assert edition.digest == digest_of(edition.body)


def test_the_worker_publishes_them_once(time: clock.Frozen) -> None:
    calls(date(2026, 10, 31), silent=40)
    to(time, date(2026, 11, 8))
    [job] = [job for job in JOBS if job.name == "editions"]
    assert isinstance(job.run, Aside)
    for _turn in range(2):
        job.run._go(TIMER)  # in this thread, which sees what the story has done
    assert [str(one) for one in Edition.objects.all()] == ["2026-10"]


def test_months_from_before_are_published_one_after_the_other(
    time: clock.Frozen, client: Client
) -> None:
    for month in (3, 5, 9):
        calls(date(2026, month, 31 if month != 9 else 30), silent=40)
    to(time, date(2026, 11, 8))
    assert published() == 3
    assert "sedang dihitung" in client.get("/transparansi/2026-09").content.decode()
    assert published(3) == 5
    assert [str(one) for one in Edition.objects.order_by("month")] == [
        *(f"2026-{n:02}" for n in range(3, 11))
    ]
    april = Edition.objects.get(month=date(2026, 4, 1)).body["calls"]
    assert april["total"] == 0 and april["lines"]["valid"] == 0
    assert [deployment()] and published() == 0


def test_what_was_published_stays_whatever_is_corrected(month: Edition, client: Client) -> None:
    before = client.get("/transparansi/2026-10").content.split(b"<h1>")[1]
    Call.objects.filter(call_class="prank").update(call_class="silent")
    complaints(OCTOBER, "pju", areas()[0], 3)
    assert published() == 0
    assert client.get("/transparansi/2026-10").content.split(b"<h1>")[1] == before


def test_names_are_those_of_their_time(month: Edition, client: Client) -> None:
    define(Category, key={"code": "pju"}, actor=SETUP, name="Cahaya kota", name_en="City light")
    area = Area.objects.get(code=areas()[0])
    old = area.name
    define(Area, key={"code": area.code}, actor=SETUP, name="Kelurahan Baru", boundary=None)
    forget()
    page = text_of(client, "/transparansi/2026-10")
    assert "Cahaya kota" not in page and "Kelurahan Baru" not in page and old in page


def test_an_agency_that_became_another_keeps_the_times_that_it_had(
    client: Client, time: clock.Frozen
) -> None:
    calls(date(2026, 10, 5), emergency=12)
    for n in range(12):
        sent(incident(str(n), "2026-10-05 09:00"), "AMB-01", 30, 60, 300 + n)
    to(time, date(2026, 11, 8))
    published()
    agency = Agency.objects.get(units__call_sign="AMB-01")
    old = agency.name
    define(Agency, key={"code": agency.code}, actor=SETUP, name="Dinas Gabungan")
    page = text_of(client, "/transparansi/2026-10")
    assert "Dinas Gabungan" not in page and f"{old} 12 5 mnt" in page


# --- a month, a year ------------------------------------------------------------------------


def test_a_month_has_its_calls_with_shares_and_what_they_mean(
    month: Edition, client: Client
) -> None:
    page = text_of(client, "/transparansi/2026-10")
    assert "Panggilan kosong (ghost call) 9.300" in page
    assert "Valid (ditindaklanjuti di lapangan) 45 0,36 %" in page
    english = Client()
    english.cookies["sigap_language"] = "en"
    assert "Ghost calls 9,300" in text_of(english, "/transparansi/2026-10")


def test_complaints_are_told_by_category_and_kelurahan_but_few_are_hidden(
    month: Edition, client: Client
) -> None:
    told = month.body["complaints"]
    first, second, *_ = areas()
    assert told["total"] == 26
    cells = {(area, kind): n for area, kind, n in told["cells"]}
    assert cells[first, "sampah"] is None and cells[second, "bansos"] is None
    page = text_of(client, "/transparansi/2026-10")
    assert "disembunyikan" in page
    assert "<title id=" in client.get("/transparansi/2026-10").content.decode()


def test_response_times_are_those_of_the_evaluation(client: Client, time: clock.Frozen) -> None:
    for n in range(12):
        sent(incident(str(n), "2026-10-05 09:00"), "AMB-01", 30, 60, 300 + n)
    for n in range(3):
        calls(date(2026, 10, 6), emergency=1)
        sent(incident(f"fire-{n}", "2026-10-06 09:00"), "DAM-01", 30, 60, 600)
    to(time, date(2026, 11, 8))
    published()
    told = Edition.objects.get().body["response"]
    assert told["clocks"]["total"] == {"n": 15, "mean_s": 364, "p50_s": 307, "p90_s": 600}
    # Those of the other would be the city's minus these.
    assert {one["clocks"]["total"]["n"] for one in told["agencies"]} == {None}


def test_nine_in_ten_are_told_only_where_they_are_not_one_case(time: clock.Frozen) -> None:
    for n in range(6):
        sent(incident(str(n), "2026-10-05 09:00"), "AMB-01", 30, 60, 300 + n)
    told = open_month(month_of(OCTOBER))["response"]["clocks"]["total"]
    assert told == {"n": 6, "mean_s": 302, "p50_s": 302, "p90_s": None}


def test_deadlines_states_and_the_survey_have_their_n(client: Client, time: clock.Frozen) -> None:
    late, done = at(date(2026, 10, 20)), at(date(2026, 10, 9))
    first = areas()[0]
    for n in range(10):
        complaints(
            date(2026, 10, 5),
            "pju",
            first,
            state="closed",
            disposed_at=done,
            answered_at=done if n < 7 else late + timedelta(days=1),
            forward_due_at=late,
            solve_due_at=late,
            done_at=done,
            closed_at=late,
            score=5 if n < 8 else None,
        )
    to(time, date(2026, 11, 8))
    published()
    told = Edition.objects.get().body
    assert told["complaints"]["states"] == {"closed": 10}
    assert told["survey"] == {"asked": 10, "n": 8, "response_percent": 80.0, "mean": 5.0}
    assert told["complaints"]["deadlines"]["forwarded"]["within"] == 10
    assert told["complaints"]["deadlines"]["solved"]["within"] is None, "three were late"
    page = text_of(client, "/transparansi/2026-10")
    assert "10 8 80,00 % 5,00" in page


@proves("transparency.least")
def test_the_city_says_what_is_few(time: clock.Frozen) -> None:
    complaints(OCTOBER, "pju", areas()[0], 7)
    assert open_month(month_of(OCTOBER))["complaints"]["total"] == 7
    set_parameter("transparency.least", 8, actor=SETUP)
    found = open_month(month_of(OCTOBER))
    assert found["complaints"]["total"] is None and found["least"] == 8


def test_a_year_is_what_its_public_months_add_up_to(month: Edition, client: Client) -> None:
    page = text_of(client, "/transparansi/2026")
    assert "Oktober 2026 45 2.945 9.300" in page
    assert "November" not in page.split("Bersama")[0].split("Oktober 2026")[1]


# --- where nothing can be said ---------------------------------------------------------------


@pytest.mark.parametrize("path", [*PAGES, *FILES])
def test_an_empty_city_says_that_there_is_not_enough(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "Content-Language" in answer.headers


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/transparansi", "Belum cukup data"),
        ("/transparansi/2026-10", "Belum cukup data"),
        ("/transparansi/2027", "belum dimulai"),
        ("/transparansi/2026-12", "belum dimulai"),
    ],
)
def test_of_nothing_and_of_the_future_there_is_no_number(
    client: Client, path: str, words: str
) -> None:
    assert words in text_of(client, path)


@pytest.mark.parametrize(
    "path",
    [
        *("2026-13", "2026-0", "1999", "99999999999999999999", "2026-99999999999999999999"),
        *("0-1", "10000-1", "data/rahasia.csv", "data/aduan.xlsx", "data/aduan.csv.exe"),
    ],
)
def test_an_unknown_period_or_file_is_not_there(client: Client, path: str) -> None:
    assert client.get(f"/transparansi/{path}").status_code == 404


def test_before_the_record_there_is_nothing(month: Edition, client: Client) -> None:
    assert "dimulai pada Oktober 2026" in text_of(client, "/transparansi/2026-09")
    assert "Belum" in text_of(client, "/transparansi/2026-11")


def test_a_leap_day_and_the_last_minute_of_a_year_count_where_they_are(time: clock.Frozen) -> None:
    calls(date(2028, 2, 29), hour=23, silent=6)
    calls(date(2028, 12, 31), hour=23, silent=7)
    calls(date(2029, 1, 1), hour=0, silent=8)
    leap = open_month(month_of(date(2028, 2, 29)))["calls"]
    assert len(leap["days"]) == 29 and leap["days"]["2028-02-29"]["ghost"] == 6
    assert open_month(month_of(date(2028, 12, 1)))["calls"]["total"] == 7
    assert open_month(month_of(date(2029, 1, 1)))["calls"]["days"]["2029-01-01"]["total"] == 8


def test_a_month_without_calls_says_nought_and_has_no_times(
    client: Client, time: clock.Frozen
) -> None:
    calls(date(2026, 9, 30), silent=9)
    to(time, date(2026, 11, 8))
    assert published() == 2
    page = text_of(client, "/transparansi/2026-10")
    assert "Semua panggilan 0" in page and "mnt" not in page


# --- how it is sent ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*PAGES, *FILES])
def test_who_has_it_already_gets_it_not_again(month: Edition, client: Client, path: str) -> None:
    first = client.get(path)
    again = client.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    other = Client()
    other.cookies["sigap_language"] = "en"
    if path in PAGES:
        assert other.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
        assert "private" in first["Cache-Control"]
    else:
        assert "public" in first["Cache-Control"] and "max-age" in first["Cache-Control"]


def test_nobody_takes_more_than_is_fair(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from sigap.public.views import opendata, transparency

    monkeypatch.setattr(transparency, "MOST", "2/minute")
    monkeypatch.setattr(opendata, "MOST_FILES", "2/minute")
    assert [client.get("/transparansi").status_code for _ in range(3)] == [200, 200, 429]
    path = "/transparansi/data/aduan.csv"
    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light_and_needs_no_script(month: Edition, client: Client, path: str) -> None:
    html = client.get(path).content
    style = finders.find("public/public.css")
    with open(str(style), "rb") as file:
        size = len(html) + len(file.read())
    assert size <= 100 * 1024, size
    assert b"<script" not in html and html.count(b'<link rel="stylesheet"') == 1


def test_the_ways_there(client: Client) -> None:
    assert 'href="/transparansi"' in client.get("/sign-in").content.decode()
    assert 'href="/transparansi"' in client.get("/aduan").content.decode()
    assert 'href="/aduan"' in client.get("/transparansi").content.decode()


def test_the_rules_say_what_is_published_of_which_kind(client: Client) -> None:
    define(Category, key={"code": "pju"}, actor=SETUP, publish="summary")
    page = text_of(client, "/transparansi/aturan")
    name = Category.objects.get(code="pju").name
    assert f"{name} jenis, kelurahan, hari" in page
    assert (
        page.count("tidak ada: hanya dihitung") == Category.objects.filter(active=True).count() - 1
    )


@pytest.mark.parametrize("path", [*PAGES, *FILES])
def test_in_a_drill_every_page_and_file_says_so(month: Edition, client: Client, path: str) -> None:
    from sigap.core.actions.days import close_days

    close_days(actor=TIMER)
    Deployment.objects.update(drill=True)
    figures.forget()
    assert b"LATIHAN" in client.get(path).content


def test_everything_answers_at_once_with_many_complaints(
    client: Client, time: clock.Frozen
) -> None:
    """A page asks the database as often for many as for few."""
    complaints(OCTOBER, "pju", areas()[0], 3)
    with CaptureQueriesContext(connection) as few:
        figures.forget()
        client.get("/transparansi")
    complaints(OCTOBER, "pju", areas()[0], 300)
    with CaptureQueriesContext(connection) as many:
        figures.forget()
        client.get("/transparansi")
    assert len(many) <= len(few)
    assert Complaint.objects.count() == 303
