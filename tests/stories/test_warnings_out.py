"""The city warns: one person writes, another one signs, and what is published says only that."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actors import Actor, of_user, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Refused
from sigap.core.models import Alarm, Deployment, Journal
from sigap.gateways.cap.parse import parse
from sigap.gateways.cap.published import document_of
from sigap.places.models import Area
from sigap.warnings.actions import (
    cancel_announcement,
    draft_announcement,
    drop_announcement,
    edit_announcement,
    end_announcements,
    issue_announcement,
    propose_announcement,
    send_back_announcement,
    update_announcement,
)
from sigap.warnings.actions.issuing import Writing
from sigap.warnings.models import Announcement
from sigap.warnings.queries import message_of, own_in_force

from .cap_schema import faults_of
from .proofs import proves

TIMER = system("timer")
HOUR = 3600
Who = Callable[[str], Actor]


def writing(**more: Any) -> Writing:
    said: dict[str, Any] = {
        "category": "Met",
        "severity": "Severe",
        "urgency": "Immediate",
        "certainty": "Observed",
        "hours": 6,
        "event": "Banjir",
        "headline": "Banjir di tepi Brantas <siaga>",
        "description": "Air naik & mengalir ke jalan.",
        "instruction": "Jauhi sungai.",
        "areas": codes(2),
    }
    return Writing(**said | more)


def codes(n: int) -> list[str]:
    return list(Area.objects.order_by("code").values_list("code", flat=True)[:n])


@pytest.fixture
def second() -> Actor:
    return of_user(somebody("second", "supervisor"))


@pytest.fixture
def first(actor: Who) -> Actor:
    return actor("supervisor")


def somebody(name: str, role: str, agency: str = "") -> Any:
    return create_user(
        name,
        name=name.title(),
        password="kata sandi uji coba",
        roles=[role],
        agency=agency,
        unit="",
        actor=system("setup"),
        must_change_password=False,
    )


def issued(first: Actor, second: Actor, **more: Any) -> Announcement:
    made = draft_announcement(writing(**more), actor=first)
    propose_announcement(made.pk, actor=first)
    return issue_announcement(made.pk, actor=second)


def test_two_people_issue_a_warning(first: Actor, second: Actor) -> None:
    made = draft_announcement(writing(), actor=first)
    with pytest.raises(Refused):
        issue_announcement(made.pk, actor=second)  # nobody has proposed it
    propose_announcement(made.pk, actor=first)
    assert Alarm.objects.get(code="unsigned_warning").owner == "supervisor"
    with pytest.raises(Forbidden):
        issue_announcement(made.pk, actor=first)
    assert not own_in_force()
    issue_announcement(made.pk, actor=second)
    assert [a.pk for a in own_in_force()] == [made.pk]
    assert Alarm.objects.get(code="unsigned_warning").state == "done"
    kinds = Journal.objects.filter(subject=f"announcement:{made.pk}").order_by("seq")
    assert list(kinds.values_list("kind", flat=True)) == [
        "announcement.drafted",
        "announcement.propose",
        "announcement.issue",
    ]


def test_who_has_changed_the_words_last_cannot_sign_them_either(
    first: Actor, second: Actor
) -> None:
    made = draft_announcement(writing(), actor=first)
    edit_announcement(made.pk, writing(headline="Lain"), actor=second)
    propose_announcement(made.pk, actor=first)
    with pytest.raises(Forbidden):
        issue_announcement(made.pk, actor=second)


def test_what_is_proposed_cannot_be_changed_under_the_hand_of_whoever_signs(
    first: Actor, second: Actor
) -> None:
    made = draft_announcement(writing(), actor=first)
    propose_announcement(made.pk, actor=first)
    seen = Announcement.objects.get().version
    with pytest.raises(Refused):
        edit_announcement(made.pk, writing(headline="Lain"), actor=first)
    send_back_announcement(made.pk, actor=first)
    edit_announcement(made.pk, writing(headline="Lain"), actor=first)
    propose_announcement(made.pk, actor=first)
    with pytest.raises(Conflict):
        issue_announcement(made.pk, version=seen, actor=second)


def test_the_head_of_the_agency_for_disasters_may_propose_and_not_sign(second: Actor) -> None:
    head = of_user(somebody("kepala", "agency_head", "bpbd"))
    made = draft_announcement(writing(), actor=head)
    propose_announcement(made.pk, actor=head)
    with pytest.raises(Forbidden):
        issue_announcement(made.pk, actor=head)
    issue_announcement(made.pk, actor=second)


@pytest.mark.parametrize("role", ["call_taker", "dispatcher", "agency", "agency_head", "evaluator"])
def test_others_may_not(actor: Who, role: str) -> None:
    with pytest.raises(Forbidden):
        draft_announcement(writing(), actor=actor(role))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"category": "Weather"}, "category"),
        ({"severity": ""}, "severity"),
        ({"hours": 0}, "hours"),
        ({"hours": 25}, "hours"),
        ({"event": " "}, "words"),
        ({"headline": ""}, "words"),
        ({"headline": "x" * 161}, "too_long"),
        ({"headline_en": "Flood"}, "english"),
        ({"instruction_en": "Run"}, "english"),
        ({"areas": []}, "areas"),
        ({"areas": ["35.71.99.9999"]}, "areas"),
        ({"lat": -7.8}, "circle"),
        ({"lat": -7.8, "lng": 112.0, "radius_km": 0}, "circle"),
        ({"lat": -7.8, "lng": 112.0, "radius_km": 101}, "circle"),
        ({"lat": -6.2, "lng": 106.8, "radius_km": 1}, "circle"),
    ],
)
def test_what_is_wrong_is_named(first: Actor, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        draft_announcement(writing(**more), actor=first)
    assert refused.value.code == code
    assert not Announcement.objects.exists()


@proves("warnings.most_hours")
def test_a_warning_lasts_no_longer_than_the_city_allows(
    first: Actor, second: Actor, put: Callable[[str, float], None]
) -> None:
    made = draft_announcement(writing(hours=20), actor=first)
    propose_announcement(made.pk, actor=first)
    put("warnings.most_hours", 12)
    with pytest.raises(Invalid):
        issue_announcement(made.pk, actor=second)


def test_it_ends_at_its_time(first: Actor, second: Actor, time: clock.Frozen) -> None:
    made = issued(first, second)
    time.forward(6 * HOUR - 1)
    assert own_in_force() and end_announcements(actor=TIMER) == 0
    time.forward(1)
    assert not own_in_force() and end_announcements(actor=TIMER) == 1
    made.refresh_from_db()
    assert made.state == "ended"


def test_an_update_and_a_cancellation_need_two_people_too(first: Actor, second: Actor) -> None:
    one = issued(first, second)
    two = update_announcement(one.pk, writing(headline="Banjir surut"), actor=first)
    with pytest.raises(Refused):
        cancel_announcement(one.pk, why="Surut.", actor=second)  # one thing at a time
    propose_announcement(two.pk, actor=first)
    with pytest.raises(Forbidden):
        issue_announcement(two.pk, actor=first)
    assert [a.pk for a in own_in_force()] == [one.pk]
    issue_announcement(two.pk, actor=second)
    assert [a.pk for a in own_in_force()] == [two.pk]
    three = cancel_announcement(two.pk, why="Air sudah surut.", actor=second)
    propose_announcement(three.pk, actor=second)
    assert own_in_force()
    issue_announcement(three.pk, actor=first)
    assert not own_in_force()
    states = list(Announcement.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["replaced", "withdrawn", "issued"]
    message = message_of(Announcement.objects.get(pk=three.pk))
    assert [identifier for _s, identifier, _t in message.references] == [
        message_of(Announcement.objects.get(pk=pk)).identifier for pk in (one.pk, two.pk)
    ]


def test_what_has_ended_meanwhile_cannot_be_updated(
    first: Actor, second: Actor, time: clock.Frozen
) -> None:
    one = issued(first, second)
    two = update_announcement(one.pk, writing(), actor=first)
    propose_announcement(two.pk, actor=first)
    time.forward(6 * HOUR)
    end_announcements(actor=TIMER)
    with pytest.raises(Refused):
        issue_announcement(two.pk, actor=second)
    drop_announcement(two.pk, actor=first)
    assert Announcement.objects.get(pk=two.pk).state == "dropped"


# What is published


def test_the_document_is_valid_and_says_what_was_written(first: Actor, second: Actor) -> None:
    english = {"event_en": "Flood", "headline_en": "Flood", "description_en": "Water rises."}
    circle = {"lat": -7.82, "lng": 112.01, "radius_km": 1.5}
    made = issued(first, second, **english, **circle)
    document = document_of(made)
    assert faults_of(document) == []
    message = parse(document)
    assert message == message_of(made)
    assert message.oddities == ()
    assert (message.status, message.msg_type, message.scope) == ("Actual", "Alert", "Public")
    assert [info.language for info in message.infos] == ["id-ID", "en-US"]
    assert message.infos[0].headline == "Banjir di tepi Brantas <siaga>"
    assert message.infos[0].expires == message.sent + timedelta(hours=6)
    assert b"+07:00</sent>" in document
    *areas, round_one = message.infos[0].regions
    assert [dict(a.geocodes)["Kemendagri"] for a in areas] == codes(2)
    assert all(a.polygons[0][0] == a.polygons[0][-1] for a in areas)
    assert round_one.circles == ((-7.82, 112.01, 1.5),)


def test_in_a_drill_it_is_an_exercise_and_every_text_says_so(first: Actor, second: Actor) -> None:
    Deployment.objects.update(drill=True)
    english = {"event_en": "Flood", "headline_en": "Flood", "description_en": "Water rises."}
    message = parse(document_of(issued(first, second, **english)))
    assert message.status == "Exercise"
    for info in message.infos:
        texts = (info.event, info.headline, info.description, info.instruction)
        assert all(text.startswith("LATIHAN: ") for text in texts if text)
    page = Client().get("/peringatan").content.decode()
    assert "LATIHAN: Banjir di tepi Brantas" in page


def test_what_the_city_publishes_its_own_reader_understands(first: Actor, second: Actor) -> None:
    from sigap.warnings.matching import touched_by

    made = issued(first, second)
    assert set(made.areas) <= set(touched_by(parse(document_of(made))).areas)


def test_programs_read_a_feed_and_each_document_and_ask_only_for_news(
    first: Actor, second: Actor, client: Client
) -> None:
    made = issued(first, second)
    draft_announcement(writing(headline="Belum ditandatangani"), actor=first)
    feed = client.get("/peringatan/feed.xml")
    assert feed["Content-Type"].startswith("application/atom+xml")
    text = feed.content.decode()
    assert f"/peringatan/{made.pk}.xml" in text and "Belum" not in text
    one = client.get(f"/peringatan/{made.pk}.xml")
    assert one["Content-Type"].startswith("application/cap+xml")
    assert "public" in one["Cache-Control"] and not one.cookies
    for address, answer in (("/peringatan/feed.xml", feed), (f"/peringatan/{made.pk}.xml", one)):
        again = client.get(address, headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304


def test_our_own_feed_can_be_read_as_one_of_others(first: Actor, second: Actor) -> None:
    from sigap.gateways.cap.index import links_of
    from sigap.gateways.cap.parse import root_of

    made = issued(first, second)
    feed = Client().get("/peringatan/feed.xml").content
    (link,) = links_of(root_of(feed), "http://x/")
    assert link.endswith(f"/peringatan/{made.pk}.xml")


@proves("warnings.public_days")
def test_what_has_ended_leaves_the_feed_after_some_days(
    first: Actor,
    second: Actor,
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("warnings.public_days", 2)
    made = issued(first, second)
    time.forward(6 * HOUR + 2 * 24 * HOUR - 1)
    end_announcements(actor=TIMER)
    client = Client()
    assert f"/{made.pk}.xml" in client.get("/peringatan/feed.xml").content.decode()
    time.forward(2)
    assert f"/{made.pk}.xml" not in client.get("/peringatan/feed.xml").content.decode()
    assert client.get(f"/peringatan/{made.pk}.xml").status_code == 200  # the document stays


def test_nobody_outside_sees_what_is_not_signed(first: Actor, client: Client) -> None:
    made = draft_announcement(writing(), actor=first)
    for address in (f"/peringatan/{made.pk}", f"/peringatan/{made.pk}.xml"):
        assert client.get(address).status_code == 404
    assert "Banjir" not in client.get("/peringatan").content.decode()


def test_citizens_read_the_page_in_their_language(first: Actor, second: Actor) -> None:
    english = {"event_en": "Flood", "headline_en": "Flood <now>", "description_en": "Water."}
    made = issued(first, second, **english)
    page = Client().get("/peringatan").content.decode()
    assert "Banjir di tepi Brantas &lt;siaga&gt;" in page and "Jauhi sungai." in page
    client = Client()
    client.cookies["sigap_language"] = "en"
    assert "Flood &lt;now&gt;" in client.get(f"/peringatan/{made.pk}").content.decode()


def test_nothing_published_says_who_wrote_or_signed(first: Actor, second: Actor) -> None:
    made = issued(first, second)
    client = Client()
    for address in ("", "/feed.xml", f"/{made.pk}", f"/{made.pk}.xml"):
        text = client.get(f"/peringatan{address}").content.decode()
        assert "Second" not in text and "Supervisor" not in text


# The screens


def fields(**more: Any) -> dict[str, Any]:
    return {k: v for k, v in vars(writing(**more)).items() if v not in (None, "")}


def test_the_way_on_the_screens(browser_of: Callable[[str | None], Client]) -> None:
    somebody("second", "supervisor")
    one, two = browser_of("supervisor"), browser_of("second")
    assert one.get("/warnings/new").status_code == 200
    made = one.post("/warnings/new", fields())
    address = made["Location"]
    assert one.post(f"{address}/propose").status_code == 302
    refused = one.post(f"{address}/issue")
    assert refused.status_code == 403
    assert two.post(f"{address}/issue").status_code == 302
    page = two.get(address).content.decode()
    assert "Banjir di tepi Brantas &lt;siaga&gt;" in page
    assert "Banjir" in one.get("/warnings").content.decode()
    state = one.get("/console/state?view=console").json()
    (row,) = state["warnings"]
    assert row["event"] == "Banjir" and row["href"] == address
    assert set(codes(2)) <= set(row["areas"])


def test_a_form_with_a_fault_keeps_what_was_typed(
    browser_of: Callable[[str | None], Client],
) -> None:
    answer = browser_of("supervisor").post("/warnings/new", fields(hours=1000))
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Banjir di tepi Brantas" in page and "Jauhi sungai." in page


def test_the_head_of_another_agency_sees_no_way_to_write_one(
    browser_of: Callable[[str | None], Client],
) -> None:
    client = browser_of("agency_head")
    assert "/warnings/new" not in client.get("/warnings").content.decode()
    assert client.get("/warnings/new").status_code == 403
    assert client.post("/warnings/new", fields()).status_code == 403


def test_others_see_no_drafts(browser_of: Callable[[str | None], Client], first: Actor) -> None:
    made = draft_announcement(writing(headline="Rancangan rahasia"), actor=first)
    client = browser_of("dispatcher")
    assert "Rancangan rahasia" not in client.get("/warnings").content.decode()
    assert client.get(f"/warnings/own/{made.pk}").status_code == 404
    assert client.get("/warnings/new").status_code == 403


def test_times_are_those_of_the_city(first: Actor, second: Actor) -> None:
    made = issued(first, second)
    assert made.sent is not None
    assert made.sent.astimezone(ZoneInfo("Asia/Jakarta")).isoformat() in document_of(made).decode()
