"""Lists of complaints, page by page, and what they cost."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sigap.complaints import actions as complaints
from sigap.complaints import lists
from sigap.complaints.models import Category, Complaint, Referral
from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, system
from sigap.public import published

WEB = system("web")
Who = Callable[[str], Actor]
Browse = Callable[[str | None], Client]


def filed(n: int, category: str = "pju") -> Complaint:
    """A report, about a street light if nothing else is said."""
    return complaints.file_complaint(
        channel="web", body=f"Lampu {n} mati", category=category, number="081234567890", actor=WEB
    )


def sent(n: int, desk: Actor) -> Referral:
    """One that the agency has."""
    complaint = filed(n)
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=desk)
    return Referral.objects.get(complaint=complaint)


def walked(page_after: Callable[[lists.Wanted], lists.Page], tab: str) -> list[int]:
    """What stands in a list, one page after the other."""
    found, after = [], None
    while True:
        page = page_after(lists.Wanted(tab=tab, after=after))
        found += [row["id"] for row in page.rows]
        if page.next is None:
            return found
        after = page.next


def test_every_row_of_an_agency_stands_on_one_page_and_what_has_no_time_is_last(
    actor: Who, time: clock.Frozen
) -> None:
    """While the citizen is asked, the clock of the agency stands still."""
    desk = actor("call_taker")
    rows = []
    for n in range(8):
        rows.append(sent(n, desk))
        time.forward(n % 3 * 86_400)
    waiting = [row.pk for row in rows if row.pk % 2]
    for row in rows:
        if row.pk in waiting:
            complaints.hold_complaint(row.complaint_id, reason="place", actor=desk)
    for most in (1, 2, 3, 100):
        found = walked(lambda wanted, m=most: lists.agency_page("dishub", wanted, most=m), "open")  # type: ignore[misc]
        assert sorted(found) == [row.pk for row in rows]
        assert sorted(found[-len(waiting) :]) == waiting


def test_every_row_of_the_desk_stands_on_one_page(actor: Who, time: clock.Frozen) -> None:
    rows = []
    for n in range(7):
        rows.append(filed(n).pk)
        time.forward(n % 3 * 86_400)
    for tab in ("new", "all"):
        for most in (1, 2, 100):
            found = walked(lambda wanted, m=most: lists.desk_page(wanted, most=m), tab)  # type: ignore[misc]
            assert sorted(found) == rows


def test_an_agency_counts_what_it_has_and_who_has_it(actor: Who) -> None:
    desk = actor("call_taker")
    person = {"name": "Petugas", "password": "kata sandi uji coba", "roles": ["agency"]}
    officer = create_user("pju1", actor=system("setup"), agency="dishub", **person)  # type: ignore[arg-type]
    rows = [sent(n, desk) for n in range(3)]
    complaints.assign_officer(rows[0].pk, officer_id=officer.pk, actor=system("test"))
    complaints.answer_referral(rows[1].pk, answer="Sudah diganti", actor=system("test"))
    counts, load = lists.agency_work("dishub")
    assert counts == {"open": 2, "plan": 2, "late": 0, "escalated": 0, "answered": 1}
    assert [(row["name"], row["n"]) for row in load] == [("Petugas", 1), (None, 1)]


def test_every_row_of_the_public_list_stands_on_one_page(time: clock.Frozen) -> None:
    """Whatever its kind, the newest first, also where several came at one time."""
    kinds = ("pju", "pohon", "sampah")
    for code in kinds[:2]:  # of the third nothing is published
        define(Category, key={"code": code}, actor=system("setup"), publish="full")
    rows = []
    for n in range(70):
        rows.append(filed(n, kinds[n % 3]).pk)
        time.forward(n % 4 * 60)
    shown = [pk for n, pk in enumerate(rows) if n % 3 < 2]
    for asked, wanted in (("", shown), ("pju", rows[::3])):
        first = published.page(asked)
        found, after = [one.pk for one in first.rows], first.next
        while after:
            more = published.page(asked, after=after)
            found, after = found + [one.pk for one in more.rows], more.next
        assert found == wanted[::-1]


@pytest.mark.parametrize("path", ["/complaints", "/complaints?word=081234567890"])
def test_a_list_of_the_desk_asks_three_things(browser_of: Browse, path: str) -> None:
    """Its rows, how many stand in each, what to narrow it by; whatever their number."""
    desk = browser_of("call_taker")
    for n in range(5):
        filed(n)
    desk.get(path)
    assert len(asked(desk, path)) == 3


def test_a_list_of_an_agency_asks_three_things(browser_of: Browse, actor: Who) -> None:
    desk = actor("call_taker")
    for n in range(5):
        sent(n, desk)
    agency = browser_of("agency")
    path = "/agency/complaints"
    agency.get(path)
    assert len(asked(agency, path)) == 3


def asked(client: Client, path: str) -> list[str]:
    """What a page asks of complaints."""
    tables = [f'FROM "complaints_{t}"' for t in ("complaint", "referral", "category")]
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    queries = [query["sql"] for query in caught.captured_queries]
    return [sql for sql in queries if any(table in sql for table in tables)]
