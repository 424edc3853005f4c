"""Outreach: what is noted, and what was counted before and after."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from sigap.calls.actions import import_call
from sigap.complaints.models import Complaint
from sigap.complaints.outreach.actions import (
    Event,
    add_outreach,
    change_outreach,
    remove_outreach,
)
from sigap.complaints.outreach.models import Outreach
from sigap.complaints.retention import erase_old
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Missing
from sigap.core.models import Journal, Text
from sigap.evaluation.outreach import Change, Effect, effects
from sigap.incidents.actions import import_incident
from sigap.places.models import Area

from .proofs import proves

WIB = ZoneInfo("Asia/Jakarta")
SETUP = system("import")
DAY = date(2026, 10, 1)  # the clock stands at 2 November
Who = Callable[[str], Actor]


def event(**more: Any) -> Event:
    told: dict[str, Any] = {"day": DAY, "audience": "pkk", "people": 40, "area": code()}
    return Event(**told | more)


def code(n: int = 0) -> str:
    return Area.objects.order_by("code")[n].code


def at(day: date, clock_time: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day} {clock_time}").replace(tzinfo=WIB)


def prank(when: datetime, n: int = 1) -> None:
    for i in range(n):
        import_call(
            source="old",
            external_id=f"prank-{when}-{i}",
            call_class="prank",
            began_at=when,
            actor=SETUP,
        )


def emergency(when: datetime, area: str = "", n: int = 1) -> None:
    for i in range(n):
        key = f"e-{when}-{area}-{i}"
        incident = import_incident(
            "kecelakaan_lalin",
            source="old",
            external_id=key,
            priority=2,
            received_at=when,
            area_code=area,
            actor=SETUP,
        )
        import_call(
            source="old",
            external_id=key,
            call_class="emergency",
            began_at=when,
            incident_id=incident.pk,
            actor=SETUP,
        )


def complaint(when: datetime, area: str = "", channel: str = "web") -> None:
    fields = {"area": Area.objects.get(code=area) if area else None, "filed_at": when}
    n = Complaint.objects.count()
    Complaint.objects.create(channel=channel, number=f"N{n}", token=f"T{n}", **fields)


def the_effect() -> Effect:
    (found,) = effects(Outreach.objects.select_related("area"))
    return found


def pair(change: Change | None) -> tuple[int, int]:
    assert change is not None
    return change.before, change.after


def test_use_is_counted_in_the_kelurahan_and_pranks_in_the_city(actor: Who) -> None:
    add_outreach(event(), actor=actor("supervisor"))
    before, after = DAY - timedelta(days=5), DAY + timedelta(days=5)
    emergency(at(before), code(0))
    emergency(at(after), code(0), n=2)
    emergency(at(after), code(1))
    emergency(at(after))  # nobody knows where
    complaint(at(after), code(0))
    complaint(at(after), code(0), channel="call")  # it is counted as a call
    complaint(at(after), code(0), channel="import")
    prank(at(before), n=3)
    prank(at(after), n=2)
    found = the_effect()
    assert pair(found.use) == (1, 3)
    assert pair(found.city_use) == (1, 5)
    assert pair(found.city_pranks) == (3, 2)


def test_the_day_itself_counts_on_neither_side_and_days_are_the_citys(actor: Who) -> None:
    """Midnight in Kediri is 17:00 of the day before by the world's clock."""
    add_outreach(event(), actor=actor("supervisor"))
    yesterday, tomorrow = DAY - timedelta(days=1), DAY + timedelta(days=1)
    prank(at(yesterday, "23:59"))
    prank(at(DAY, "00:00"))
    prank(at(DAY, "23:59"))
    prank(at(tomorrow, "00:00"), n=2)
    first, last = DAY - timedelta(days=30), DAY + timedelta(days=30)
    prank(at(first, "00:00"), n=4)
    prank(at(first - timedelta(days=1), "23:59"))
    prank(at(last, "23:59"), n=8)
    prank(at(last + timedelta(days=1), "00:00"))
    assert pair(the_effect().city_pranks) == (5, 10)


def test_days_that_are_not_over_are_left_out_on_both_sides(actor: Who, time: clock.Frozen) -> None:
    today = clock.now().astimezone(WIB).date()
    held = today - timedelta(days=4)
    add_outreach(event(day=held), actor=actor("supervisor"))
    prank(at(held - timedelta(days=3)))
    prank(at(held - timedelta(days=4)))  # further away than there are days behind it
    prank(at(held + timedelta(days=3)))
    found = the_effect()
    assert found.days == 3 and pair(found.city_pranks) == (1, 1)
    add_outreach(event(day=today + timedelta(days=3)), actor=actor("supervisor"))
    assert effects(Outreach.objects.order_by("-day"))[0].days == 0


@proves("outreach.days")
def test_the_city_says_how_many_days_are_compared(
    actor: Who, put: Callable[[str, float], None]
) -> None:
    add_outreach(event(), actor=actor("supervisor"))
    prank(at(DAY - timedelta(days=10)))
    prank(at(DAY + timedelta(days=10)))
    assert pair(the_effect().city_pranks) == (1, 1)
    put("outreach.days", 7)
    assert pair(the_effect().city_pranks) == (0, 0)


@proves("outreach.least")
def test_of_small_numbers_no_change_is_given(
    actor: Who, put: Callable[[str, float], None], browser_of: Callable[[str], Client]
) -> None:
    add_outreach(event(), actor=actor("supervisor"))
    prank(at(DAY - timedelta(days=2)), n=8)
    prank(at(DAY + timedelta(days=2)), n=6)
    small = the_effect().city_pranks
    assert small.few and small.percent is None
    put("outreach.least", 14)
    assert the_effect().city_pranks.percent == -25.0
    page = browser_of("supervisor").get("/outreach?year=2026").content.decode()
    assert "8 → 6" in page and "-25,0 %" in page


def test_from_nothing_to_something_is_no_percentage() -> None:
    assert Change(0, 40, few=False).percent is None


def test_an_event_of_the_whole_city_has_no_kelurahan_to_compare(actor: Who) -> None:
    add_outreach(event(area=""), actor=actor("supervisor"))
    assert the_effect().use is None


def test_an_event_is_noted_changed_and_taken_out_with_its_words(actor: Who) -> None:
    boss = actor("supervisor")
    row = add_outreach(event(note="Bu RT hadir", materials=["prank", "emergency"]), actor=boss)
    assert row.materials == ["emergency", "prank"]
    changed = change_outreach(row.pk, event(people=55), version=row.version, actor=boss)
    assert (changed.people, changed.note) == (55, None)
    with pytest.raises(Conflict):
        change_outreach(row.pk, event(), version=row.version, actor=boss)
    remove_outreach(row.pk, actor=boss)
    assert not Outreach.objects.exists()
    assert not Text.objects.filter(subject=f"outreach:{row.pk}").exclude(body="").exists()
    kinds = list(
        Journal.objects.filter(kind__startswith="outreach.").values_list("kind", flat=True)
    )
    assert kinds == ["outreach.added", "outreach.changed", "outreach.removed"]
    assert "RT hadir" not in str(list(Journal.objects.values_list("body", flat=True)))


def test_what_cannot_be_is_refused(actor: Who) -> None:
    boss = actor("supervisor")
    for wrong in (
        {"audience": "semua"},
        {"people": -1},
        {"people": 10**7},
        {"materials": ["x"]},
        {"day": date(1999, 1, 1)},
    ):
        with pytest.raises(Invalid):
            add_outreach(event(**wrong), actor=boss)
    with pytest.raises(Missing):
        add_outreach(event(area="99"), actor=boss)
    with pytest.raises(Forbidden):
        add_outreach(event(), actor=actor("call_taker"))
    assert not Outreach.objects.exists()


def test_the_page_lists_adds_edits_and_removes(browser_of: Callable[[str], Client]) -> None:
    boss = browser_of("supervisor")
    form = {
        "day": "2026-10-01",
        "area": code(),
        "audience": "school",
        "people": "120",
        "materials": ["prank", "whatsapp"],
        "note": "SDN 1 <b>",
    }
    assert boss.post("/outreach/add", form)["Location"] == "/outreach?year=2026"
    row = Outreach.objects.get()
    assert row.materials == ["prank", "whatsapp"]
    page = boss.get("/outreach?year=2026").content.decode()
    assert "120" in page and "SDN 1 &lt;b&gt;" in page
    assert boss.post("/outreach/add", form | {"audience": ""}).status_code == 400
    assert boss.post("/outreach/add", form | {"day": "kemarin"}).status_code == 400
    assert boss.get(f"/outreach/{row.pk}").status_code == 200
    edit = form | {"people": "90", "version": row.version, "day": "2025-10-01"}
    assert boss.post(f"/outreach/{row.pk}/edit", edit)["Location"] == "/outreach?year=2025"
    assert boss.post(f"/outreach/{row.pk}/edit", edit).status_code == 409
    assert boss.post(f"/outreach/{row.pk}/remove").status_code == 302
    assert boss.get("/outreach?year=1").status_code == 400


def test_a_note_is_forgotten_after_the_period_of_words_and_the_event_stays(
    actor: Who, time: clock.Frozen
) -> None:
    boss = actor("supervisor")
    row = add_outreach(event(note="Bu Sari minta diundang lagi"), actor=boss)
    change_outreach(row.pk, event(note="Pak Budi minta diundang lagi"), actor=boss)
    add_outreach(event(day=date(2031, 1, 1), note="masih muda"), actor=boss)
    time.forward(1700 * 86_400)
    assert erase_old(actor=SETUP)["outreach"] == 0
    time.forward(200 * 86_400)
    assert erase_old(actor=SETUP)["outreach"] == 2  # what it said before, too
    kept = Text.objects.filter(subject__startswith="outreach:").exclude(body="")
    assert [text.body for text in kept] == ["masih muda"]
    assert Outreach.objects.get(pk=row.pk).people == 40
    assert erase_old(actor=SETUP)["outreach"] == 0
