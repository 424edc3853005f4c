"""A city whose figures anybody may read: calls and complaints of days gone by, in bulk."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import Client

from sigap.calls.models import Call
from sigap.complaints.models import Category, Complaint
from sigap.core.actors import system
from sigap.places.models import Area
from sigap.public.actions import publish_due
from sigap.public.transparency import figures

WIB = ZoneInfo("Asia/Jakarta")
TIMER = system("timer")
OCTOBER = date(2026, 10, 1)
PAGES = [
    "/transparansi",
    "/transparansi/2026",
    "/transparansi/2026-10",
    "/transparansi/2026-11",
    "/transparansi/aturan",
    "/transparansi/data",
    "/transparansi/jurnal",
]
SETS = ("panggilan", "respons", "aduan", "survei", "jurnal")
FILES = [
    *(f"/transparansi/data/{name}.{form}" for name in SETS for form in ("csv", "json", "parquet")),
    "/transparansi/data/katalog.jsonld",
    "/transparansi/data/kamus.json",
    "/transparansi/jurnal/heads.json",
    "/transparansi/jurnal/check_case.py",
]
_numbers = count(1)


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A time of that day in the city."""
    return datetime.combine(day, time(hour, minute), WIB)


def calls(day: date, hour: int = 10, **classes: int) -> None:
    """So many closed calls of each class."""
    for name, n in classes.items():
        if n:
            began = at(day, hour)
            one = Call.objects.create(state="closed", source="old", call_class=name, began_at=began)
            _copy(one, n - 1)


def _copy(one: Call, n: int) -> None:
    """So many more of it. The database does it, far quicker than row by row: a month has 12,000."""
    table = Call._meta.db_table
    columns = ", ".join(f.column for f in Call._meta.concrete_fields if not f.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns})"
            " WITH RECURSIVE copies(i) AS"
            " (SELECT 1 WHERE %s > 0 UNION ALL SELECT i + 1 FROM copies WHERE i < %s)"
            f" SELECT {columns} FROM {table}, copies WHERE id = %s",
            [n, n, one.pk],
        )


def complaints(
    day: date, category: str = "pju", area: str = "", n: int = 1, **more: object
) -> list[Complaint]:
    """So many reports of a kind in a kelurahan."""
    known = {
        "category": Category.objects.get(code=category) if category else None,
        "area": Area.objects.get(code=area) if area else None,
        "state": "filed",
        "channel": "web",
        "filed_at": at(day),
    }
    found = []
    for _ in range(n):
        number = f"T{next(_numbers):08}"
        found.append(Complaint(number=number, token=f"token-{number}", **(known | more)))
    return Complaint.objects.bulk_create(found)


def days_of(month: date) -> Iterator[date]:
    """Every day of a month."""
    day = month
    while day.month == month.month:
        yield day
        day += timedelta(days=1)


def areas() -> list[str]:
    """The codes of the kelurahan."""
    return list(Area.objects.order_by("code").values_list("code", flat=True))


def a_usual_month(month: date = OCTOBER) -> None:
    """Many ghost calls, few real ones, complaints here and there."""
    first, second, *_rest = areas()
    for n, day in enumerate(days_of(month)):
        calls(day, emergency=n % 4, prank=80 + n, silent=300, information=9 + n % 3)
    complaints(month, "pju", first, 12)
    complaints(month, "sampah", first, 2)
    complaints(month, "sampah", second, 9)
    complaints(month, "bansos", second, 3)


def published(at_once: int = 1) -> int:
    """The worker has come by; what was counted before is forgotten."""
    done = sum(publish_due(actor=TIMER) for _ in range(at_once))
    figures.forget()
    return done


def text_of(client: Client, path: str) -> str:
    """What a person reads on a page."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    words = re.sub(r"<(script|style|svg).*?</\1>|<[^>]*>", " ", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", words)
