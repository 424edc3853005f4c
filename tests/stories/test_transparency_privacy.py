"""Somebody tries to find a person in all that is public: by reading every byte, by subtracting
totals, and by looking again the day after."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.test import Client
from PIL import Image
from scipy.optimize import linprog

from sigap.complaints import actions as complaint_actions
from sigap.complaints.files import checked
from sigap.complaints.models import Category, Complaint
from sigap.complaints.retention import erase_old
from sigap.core import clock
from sigap.core.actions.configuration import define
from sigap.core.actors import system
from sigap.public import pace
from sigap.public.models import Edition
from sigap.public.transparency import figures

from .opening import (
    FILES,
    OCTOBER,
    PAGES,
    a_usual_month,
    areas,
    at,
    calls,
    complaints,
    days_of,
    published,
    text_of,
)
from .test_citizen_report import picture

LEAST = 5
WEB, SETUP = system("web"), system("setup")
NAME, NUMBER = "Kenanga Wulandari", "081298765432"
STREET, WORDS = "Gang Kamboja 17", "tetangga saya Bagaskara memukul anaknya"
PLANTED = ("kenanga", "wulandari", "98765432", "kamboja", "bagaskara", "7.8123", "112.0123")
LISTS = ["/aduan", "/peringatan", "/open311/v2/requests.json", "/open311/v2/services.json"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_city_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    changed = settings.ENV.model_copy(update={"data_dir": tmp_path})
    monkeypatch.setattr(settings, "ENV", changed)
    pace._counted.storage.reset()
    yield
    pace._counted.storage.reset()


def to(time: clock.Frozen, day: date) -> None:
    time.at = at(day).astimezone(UTC)
    figures.forget()


def planted(**more: Any) -> Complaint:
    """A report full of what nobody may read."""
    told = {"channel": "web", "body": WORDS, "address": STREET, "name": NAME, "number": NUMBER}
    told |= {"category": "sosial", "lat": -7.8123, "lng": 112.0123}
    return complaint_actions.file_complaint(actor=WEB, **(told | more))


def every_byte(client: Client) -> Iterator[tuple[str, str]]:
    """All that is public, in both languages and all forms, as words."""
    english = Client()
    english.cookies["sigap_language"] = "en"
    for reader, path in product((client, english), [*PAGES, *FILES, *LISTS]):
        data = reader.get(path).content
        if path.endswith(".parquet"):
            yield path, str(pq.read_table(io.BytesIO(data)).to_pylist())
        yield path, data.decode(errors="replace").lower()


def rows_of(client: Client, name: str) -> list[dict[str, str]]:
    text = client.get(f"/transparansi/data/{name}.csv").content.decode()
    return list(csv.DictReader(io.StringIO(text)))


def most(sums: list[tuple[list[int], int]], many: int, wanted: int) -> int:
    """The most that one unknown count can be, by all equations that an attacker has."""
    lines = np.zeros((len(sums), many))
    for line, (members, _n) in zip(lines, sums, strict=True):
        line[members] = 1
    goal = np.zeros(many)
    goal[wanted] = -1
    found = linprog(goal, A_eq=lines, b_eq=[n for _m, n in sums], bounds=(0, None))
    assert found.status == 0
    return round(-found.fun)


def test_no_byte_tells_a_name_a_number_a_street_a_word_or_a_point(
    client: Client, time: clock.Frozen, ring: Callable[..., Any]
) -> None:
    to(time, OCTOBER)
    for more in ({}, {"secret": True}, {"anonymous": True}, {"category": "pju"}):
        planted(**more)
    ring(NUMBER)
    a_usual_month()
    define(Category, key={"code": "pju"}, actor=SETUP, publish="summary")
    define(Category, key={"code": "sosial"}, actor=SETUP, publish="full")
    to(time, date(2026, 11, 8))
    published()
    every = [(path, text.lower()) for path, text in every_byte(client)]
    found = [(path, word) for path, text in every for word in PLANTED if word in text]
    assert found == []


def test_a_photo_tells_neither_where_nor_by_whose_phone_it_was_taken() -> None:
    data = checked(picture()).data
    assert not Image.open(io.BytesIO(data)).getexif()
    assert b"PhoneOfSomebody" not in data and b"PhoneOfSomebody" not in gzip.compress(data)


def test_no_published_count_is_small(client: Client, time: clock.Frozen) -> None:
    a_usual_month()
    complaints(date(2026, 10, 9), "sosial", areas()[4])  # the only one of its kind and place
    to(time, date(2026, 11, 8))
    published()
    for name, column in (("panggilan", "calls"), ("aduan", "complaints"), ("respons", "n")):
        told = [row[column] for row in rows_of(client, name) if row[column]]
        assert told and not [n for n in told if 0 < int(n) < LEAST], name


def test_no_day_and_class_follows_from_the_totals(client: Client, time: clock.Frozen) -> None:
    a_usual_month()
    to(time, date(2026, 11, 8))
    published()
    rows = rows_of(client, "panggilan")
    days, kinds = sorted({r["date"] for r in rows}), sorted({r["class"] for r in rows} - {"all"})
    index = {pair: n for n, pair in enumerate(product(days, kinds))}
    sums = [
        ([index[r["date"], k] for k in kinds], int(r["calls"]))
        for r in rows
        if r["class"] == "all" and r["calls"]
    ]
    sums += [
        ([index[r["date"], r["class"]]], int(r["calls"]))
        for r in rows
        if r["class"] != "all" and r["calls"]
    ]
    for kind, n in Edition.objects.get().body["calls"]["lines"].items():
        if n is not None:  # on the page of the month
            sums.append(([index[day, kind] for day in days], n))
    real = {(day.isoformat(), "valid"): n % 4 for n, day in enumerate(days_of(OCTOBER))}
    small = [pair for pair, n in real.items() if 0 < n < LEAST]
    assert len(small) > 20
    assert all(most(sums, len(index), index[pair]) >= LEAST for pair in small)


def test_no_kelurahan_and_category_follows_even_with_the_public_list_in_hand(
    client: Client, time: clock.Frozen
) -> None:
    """What the list shows can be counted, so it hides nothing: with it subtracted, one report of a
    kind that is never published is still not to be found."""
    define(Category, key={"code": "pju"}, actor=SETUP, publish="summary")
    first, second, third, *_ = areas()
    alone = (third, "sosial")
    complaints(OCTOBER, "pju", third, 40)
    complaints(OCTOBER, "pju", third, 1, secret=True)
    complaints(OCTOBER, "sosial", third, 1)
    complaints(OCTOBER, "sosial", first, 14)
    complaints(OCTOBER, "sampah", first, 11)
    complaints(OCTOBER, "sampah", second, 13)
    to(time, date(2026, 11, 8))
    published()
    rows = rows_of(client, "aduan")
    kinds = sorted({r["category"] for r in rows} - {"all"} | {"-"})
    places = sorted({r["area"] for r in rows} - {"all"} | {"-"})
    index = {pair: n for n, pair in enumerate(product(places, kinds))}
    told = {(r["area"], r["category"]): r["complaints"] for r in rows}
    sums = [([index[third, "pju"]], 40)]  # counted on the list
    for (place, kind), n in told.items():
        if not n or (place, kind) == (third, "pju"):
            continue
        inside = [
            index[p, k]
            for p in (places if place == "all" else [place])
            for k in (kinds if kind == "all" else [kind])
        ]
        sums.append((inside, int(n)))
    # Nothing stands in the file for those that had none.
    sums += [([n], 0) for pair, n in index.items() if pair not in told]
    assert told[alone] == ""
    assert most(sums, len(index), index[alone]) >= LEAST
    assert told[third, "pju"] in ("40", ""), "the secret one is not among them"


def test_looking_again_the_day_after_tells_no_single_case(
    client: Client, time: clock.Frozen
) -> None:
    """Every figure of the pages is read each day; between two days it stays, or moves by as many
    as are not few."""
    seen: list[dict[str, int | None]] = []
    for day in (date(2026, 11, n) for n in range(2, 30)):
        calls(day, hour=1, emergency=day.day % 3, silent=7, prank=1)
        complaints(day, "bansos", areas()[0], day.day % 2)
        to(time, day)
        told = figures.so_far().months[0]
        seen.append({**told.lines, "total": told.total, "complaints": told.complaints})
    moves = {
        (after[key] or 0) - (before[key] or 0)
        for before, after in zip(seen, seen[1:], strict=False)
        for key in after
    }
    assert moves - {0} and all(move % LEAST == 0 for move in moves)


def test_looking_every_minute_of_today_tells_no_single_call(time: clock.Frozen) -> None:
    seen = []
    for _ in range(12):
        calls(date(2026, 11, 2), hour=8, emergency=1)
        time.forward(60)
        figures.forget()
        seen.append(figures.so_far().today.lines["valid"])
    assert seen == [None] * 4 + [5] * 5 + [10] * 3


def test_a_month_and_its_days_after_the_end_tell_no_day_of_before(
    client: Client, time: clock.Frozen
) -> None:
    """On the last day a rounded month was public; its full edition does not tell that day's few."""
    a_usual_month()
    to(time, date(2026, 10, 31))
    before = figures.so_far().months[0].lines["valid"]
    to(time, date(2026, 11, 8))
    published()
    told = Edition.objects.get().body["calls"]
    last = (told["lines"]["valid"] or 0) - (before or 0)
    assert told["days"]["2026-10-31"]["valid"] is None
    real = 30 % 4
    # Of the rounded one only its five possibilities are known.
    assert {last - n for n in range(LEAST)} > {real}


def test_between_editions_nothing_moves(client: Client, time: clock.Frozen) -> None:
    a_usual_month()
    to(time, date(2026, 11, 8))
    published()
    before = {path: client.get(path).content for path in FILES if "jurnal" not in path}
    late = complaints(date(2026, 10, 30), "sosial", areas()[4])[0]
    late.category = Category.objects.get(code="bansos")
    late.save()
    calls(date(2026, 10, 30), emergency=1)
    to(time, date(2026, 11, 9))
    published()
    assert {path: client.get(path).content for path in before} == before


def test_the_year_tells_nothing_that_a_month_hides(client: Client, time: clock.Frozen) -> None:
    calls(date(2026, 9, 3), emergency=2, silent=50, prank=40)
    calls(date(2026, 10, 3), emergency=30, silent=50, prank=40)
    to(time, date(2026, 11, 8))
    assert published() == 2
    page = text_of(client, "/transparansi/2026")
    assert "30 atau lebih" in page and " 32 " not in page


def test_of_an_erased_person_the_counts_stay_and_nothing_else(
    client: Client, time: clock.Frozen
) -> None:
    to(time, OCTOBER)
    report = planted()
    a_usual_month()
    to(time, date(2026, 11, 8))
    published()
    before = client.get("/transparansi/2026-10").content.split(b"<h1>")[1]
    Complaint.objects.filter(pk=report.pk).update(state="closed", closed_at=clock.now())
    to(time, date(2036, 11, 8))
    erase_old(actor=system("timer"))
    assert client.get("/transparansi/2026-10").content.split(b"<h1>")[1] == before
