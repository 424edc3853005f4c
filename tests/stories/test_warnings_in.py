"""Warnings of others come in: each once, in the end right, and nothing wrong is shown as one."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sigap.core import clock
from sigap.core.actions.alarms import close_alarm
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, system
from sigap.core.models import Alarm, Deployment, Journal
from sigap.gateways.cap.feed import poll_due
from sigap.places.models import Area
from sigap.warnings.actions import alarm_sources, expire_warnings
from sigap.warnings.actions.sources import define_source
from sigap.warnings.models import ReceivedWarning, WarningFault, WarningFile, WarningSource
from sigap.warnings.queries import in_force, words_of
from sim.caps import CITY, FAR, WarningFeed, alert, area, atom, rss, serving

from .proofs import proves

WIB = ZoneInfo("Asia/Jakarta")
TIMER = system("timer")
SETUP = system("setup")
MINUTE, HOUR = 60, 3600


@pytest.fixture
def feed() -> Iterator[WarningFeed]:
    with serving() as far:
        yield far


def now() -> datetime:
    return clock.now().astimezone(WIB)


def source(feed: WarningFeed, path: str = "/rss", **more: Any) -> WarningSource:
    fields: dict[str, Any] = {"name": "Cuaca", "hosts": ["127.0.0.1"], "every_s": 60} | more
    url = more.pop("url", f"{feed.address}{path}")
    return define_source(WarningSource, key={"url": url}, actor=SETUP, **fields)


def poll(time: clock.Frozen | None = None, patience: float = 1.0) -> int:
    if time:
        time.forward(61)
    return poll_due(actor=TIMER, patience=patience)


def one(feed: WarningFeed, text: str | bytes, **more: Any) -> WarningSource:
    """A source that is a message alone, asked once."""
    feed.put("/cap.xml", text)
    made = source(feed, "/cap.xml", **more)
    poll()
    made.refresh_from_db()
    return made


def fault(feed: WarningFeed, text: str | bytes) -> str:
    """What is wrong with a message; nothing is shown of it."""
    made = one(feed, text)
    assert not in_force()
    assert set(made.faults.values_list("code", flat=True)) == {made.fault}
    return made.fault


# One message


def test_a_warning_for_the_city_is_shown_with_the_areas_that_it_touches(feed: WarningFeed) -> None:
    one(feed, alert(now()))
    (shown,) = in_force()
    assert len(shown.areas) > 20
    assert words_of(shown)[0]["headline"] == "Hujan Lebat di Jawa Timur"
    assert shown.shape and shown.shape["type"] == "Polygon"
    assert Journal.objects.get(kind="warning.received").body["areas"] == len(shown.areas)


def test_one_for_elsewhere_is_kept_and_not_shown(feed: WarningFeed) -> None:
    one(feed, alert(now(), polygon=FAR))
    assert not in_force()
    assert ReceivedWarning.objects.get().areas == []
    assert not Alarm.objects.exists()


def test_a_severe_one_calls_a_dispatcher_who_ends_the_alarm(feed: WarningFeed) -> None:
    one(feed, alert(now()))
    alarm = Alarm.objects.get(code="severe_warning")
    assert (alarm.owner, alarm.urgency) == ("dispatcher", 2)
    close_alarm(alarm.pk, actor=TIMER)


@pytest.mark.parametrize(
    "milder",
    [{"severity": "Moderate"}, {"urgency": "Future"}, {"certainty": "Possible"}],
    ids=lambda codes: next(iter(codes)),
)
def test_a_milder_one_calls_nobody(feed: WarningFeed, milder: dict[str, str]) -> None:
    one(feed, alert(now(), **milder))
    assert in_force()
    assert not Alarm.objects.exists()


def test_it_leaves_the_screens_at_its_time_and_its_alarm_with_it(
    feed: WarningFeed, time: clock.Frozen
) -> None:
    one(feed, alert(now()))
    time.forward(3 * HOUR - 1)
    assert in_force() and not expire_warnings(actor=TIMER)
    time.forward(1)
    assert not in_force() and expire_warnings(actor=TIMER) == 1
    assert ReceivedWarning.objects.get().state == "expired"
    assert Alarm.objects.get().state == "done"


def test_one_that_comes_after_its_time_is_never_shown(feed: WarningFeed) -> None:
    one(feed, alert(now() - timedelta(hours=5)))
    assert ReceivedWarning.objects.get().state == "expired"
    assert not Alarm.objects.exists()


@proves("warnings.default_hours")
def test_without_an_end_it_holds_as_long_as_the_city_says(
    feed: WarningFeed, time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    put("warnings.default_hours", 2)
    one(feed, alert(now(), expires=None))
    time.forward(2 * HOUR - 1)
    assert in_force()
    time.forward(1)
    assert not in_force()


@pytest.mark.parametrize("status", ["Exercise", "System", "Test", "Draft", "Rehearsal"])
def test_what_is_not_actual_is_never_shown_as_if_it_were(feed: WarningFeed, status: str) -> None:
    one(feed, alert(now(), status=status))
    assert ReceivedWarning.objects.get().is_practice
    assert not in_force() and not Alarm.objects.exists()


def test_an_exercise_is_shown_in_a_drill(feed: WarningFeed) -> None:
    Deployment.objects.update(drill=True)
    one(feed, alert(now(), status="Exercise"))
    (shown,) = in_force()
    assert shown.is_practice
    assert Alarm.objects.filter(code="severe_warning").exists()


def test_codes_that_nobody_knows_are_kept_and_count_as_unknown(feed: WarningFeed) -> None:
    one(feed, alert(now(), severity="Catastrophic", category="Space"))
    (shown,) = in_force()
    assert shown.severity == "Unknown"
    assert shown.infos[0]["severity"] == "Catastrophic"


def test_the_language_of_the_source_is_read_first_then_indonesian_then_english(
    feed: WarningFeed,
) -> None:
    infos = [
        {"language": "en-US", "event": "Heavy rain"},
        {"language": "id-ID", "event": "Hujan lebat"},
    ]
    one(feed, alert(now(), infos=infos))
    (shown,) = in_force()
    assert [i["event"] for i in words_of(shown)] == ["Hujan lebat"]
    shown.source.language = "en"
    assert [i["event"] for i in words_of(shown)] == ["Heavy rain"]
    shown.infos = [{"language": "fr", "event": "Pluie"}]
    assert [i["event"] for i in words_of(shown)] == ["Pluie"]


@pytest.mark.parametrize(
    ("where", "oddity"),
    [
        (area(CITY.rsplit(" ", 1)[0]), "open_polygon"),
        (area(" ".join(reversed(CITY.split()))), ""),
        (area(circle="-7.82,112.01 2"), ""),
        (area(circle="-7.82,112.01 0"), None),
        (area(geocode=("Kemendagri", "35.71")), ""),
        (area(geocode=("zone", "3571")), None),
        (area("-7.79,190 1,2 3,4 -7.79,190", geocode=("kode", "35.71.01")), "bad_polygon"),
        (area("112.0,-7.8 112.1,-7.8 112.1,-7.9 112.0,-7.8"), None),
        (area("-7.79,111.98 -7.85,112.05"), None),
        (area("-7.79,111.98 -7.85,112.05 -7.85,111.98 -7.79,112.05 -7.79,111.98"), ""),
        (area("10,170 10,-170 -10,-170 -10,170 10,170"), None),
        (area("10,100 10,-170 -10,-170 -10,100 10,100"), ""),
        (area("10,-170 10,100 -10,100 -10,-170 10,-170"), ""),
    ],
    ids=[
        *("open", "other_way_round", "circle", "circle_of_nothing", "city", "another_code"),
        *("bad_with_district", "exchanged", "a_line", "crosses_itself", "antimeridian_far"),
        *("antimeridian_over_the_city", "antimeridian_other_way_round"),
    ],
)
def test_places_are_understood_as_they_are_written(
    feed: WarningFeed, where: str, oddity: str | None
) -> None:
    one(feed, alert(now(), area=where))
    kept = ReceivedWarning.objects.get()
    assert bool(kept.areas) == (oddity is not None)
    if oddity:
        assert kept.oddities == [oddity]


def test_the_code_of_a_kelurahan_names_it_alone(feed: WarningFeed) -> None:
    code = Area.objects.earliest("code").code
    one(feed, alert(now(), area=area(geocode=("ID", code))))
    assert in_force()[0].areas == [code]


def test_a_hundred_thousand_points_are_few_on_the_map(feed: WarningFeed) -> None:
    from math import cos, pi, sin

    turn = [2 * pi * n / 100_000 for n in range(100_000)]
    ring = [f"{-7.82 + 0.05 * sin(t):.4f},{112.01 + 0.05 * cos(t):.4f}" for t in turn]
    one(feed, alert(now(), polygon=" ".join([*ring, ring[0]])))
    (shown,) = in_force()
    assert len(shown.shape["coordinates"][0]) < 400
    assert len(shown.areas) > 20


# Chains


def told(
    name: str, sent: datetime, kind: str = "Alert", of: list[tuple[str, datetime]] = ()
) -> str:  # type: ignore[assignment]
    """A message about others."""
    references = " ".join(f"info@cuaca.example,{n},{at.isoformat()}" for n, at in of)
    said = {"identifier": name, "msgType": kind, "references": references or None}
    return alert(sent, **said)


@pytest.mark.parametrize("order", ["ABC", "CBA", "BCA", "ACB", "CAB", "BAC"])
def test_an_update_replaces_and_a_cancel_ends_whatever_comes_first(
    feed: WarningFeed, time: clock.Frozen, order: str
) -> None:
    a, b, c = now() - timedelta(minutes=30), now() - timedelta(minutes=20), now()
    texts = {
        "A": told("A", a),
        "B": told("B", b, "Update", [("A", a)]),
        "C": told("C", c, "Cancel", [("A", a), ("B", b)]),
    }
    source(feed)
    for n in range(len(order)):
        links = [feed.put(f"/{name}", texts[name]) for name in order[: n + 1]]
        feed.put("/rss", rss(links))
        poll(time)
        if "C" not in order[: n + 1]:
            shown = [w.identifier for w in in_force()]
            assert shown == (["B"] if "B" in order[: n + 1] else ["A"])
    states = dict(ReceivedWarning.objects.values_list("identifier", "state"))
    assert states == {"A": "cancelled", "B": "cancelled", "C": "kept"}
    assert not in_force()
    assert not Alarm.objects.exclude(state="done").exists()


def test_another_source_and_an_exercise_end_nothing_real(feed: WarningFeed) -> None:
    at = now() - timedelta(minutes=5)
    feed.put("/a.xml", told("A", at))
    feed.put("/b.xml", told("B", now(), "Cancel", [("A", at)]))
    source(feed, "/a.xml")
    source(feed, "/b.xml", name="Lain")
    poll()
    source(feed, "/c.xml", name="Cuaca 2")
    practice = told("C", now(), "Cancel", [("A", at)]).replace("Actual", "Exercise")
    feed.put("/a.xml", practice)
    poll()
    assert [w.identifier for w in in_force()] == ["A"]


def test_the_same_twice_counts_once_and_other_words_under_its_name_are_a_fault(
    feed: WarningFeed, time: clock.Frozen
) -> None:
    at = now()
    made = one(feed, alert(at))
    feed.put("/cap.xml", alert(at).replace("><", ">\n  <"))
    poll(time)
    assert ReceivedWarning.objects.count() == 1 and not made.faults.exists()
    feed.put("/cap.xml", alert(at, headline="Sudah aman"))
    for _twice in range(2):
        poll(time)
    assert ReceivedWarning.objects.get().infos[0]["headline"] == "Hujan Lebat di Jawa Timur"
    assert (made.faults.get().code, made.faults.get().times) == ("changed", 2)


def test_two_sources_with_the_same_are_shown_once(feed: WarningFeed) -> None:
    feed.put("/a.xml", alert(now()))
    feed.put("/b.xml", alert(now()))
    source(feed, "/a.xml")
    source(feed, "/b.xml", name="Lain")
    poll()
    assert ReceivedWarning.objects.count() == 2
    assert len(in_force()) == 1


@pytest.mark.parametrize("kind", ["Ack", "Error", "Rumour"])
def test_messages_about_messages_are_only_kept(feed: WarningFeed, kind: str) -> None:
    one(feed, told("B", now(), kind, [("A", now())]))
    assert ReceivedWarning.objects.get().state == "kept"


# Bad input


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><alert>&a;</alert>', "dtd"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><alert/>', "dtd"),
        (
            '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]><l>&c;</l>',
            "dtd",
        ),
        ("<!doctype html><html><p>maintenance<br></html>", "html"),
        ("<html><body>login</body></html>", "not_cap"),
        ("", "not_xml"),
        ("\x00\x01", "not_xml"),
        ("<alert", "not_xml"),
        ('<?xml version="1.0" encoding="nonsense"?><alert/>', "not_xml"),
        ("<alert/>", "not_cap"),
        ("<a>" * 100_000 + "</a>" * 100_000, "not_cap"),
    ],
    ids=["entity", "dtd", "lol", "html", "xhtml", "empty", "bytes", "cut", "enc", "no_ns", "deep"],
)
def test_what_is_no_warning_is_refused_by_name(feed: WarningFeed, text: str, code: str) -> None:
    assert fault(feed, text) == code


@pytest.mark.parametrize(
    "name",
    [
        *("identifier", "sender", "sent", "status", "msgType", "scope"),
        *("category", "event", "urgency", "severity", "certainty"),
    ],
)
def test_a_required_element_that_is_missing_is_named(feed: WarningFeed, name: str) -> None:
    assert fault(feed, alert(now(), **{name: None})) == f"missing:{name}"


def test_a_warning_without_any_words_is_none(feed: WarningFeed) -> None:
    assert fault(feed, alert(now(), infos=())) == "missing:info"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"sent": "2026-11-02T08:00:00"}, "date:sent"),
        ({"sent": "2026-11-02 08:00:00+07:00"}, "date:sent"),
        ({"sent": "02/11/2026"}, "date:sent"),
        ({"sent": "2026-02-31T08:00:00+07:00"}, "date:sent"),
        ({"sent": "0001-01-01T00:00:00+14:00"}, "date:sent"),
        ({"expires": "2026-11-02T11:00:00"}, "date:expires"),
        ({"onset": "tomorrow"}, "date:onset"),
        ({"identifier": "a b"}, "bad:identifier"),
        ({"sender": "a,b"}, "bad:sender"),
        ({"status": "very real indeed"}, "bad:status"),
    ],
)
def test_what_identifies_it_or_says_when_it_holds_must_be_right(
    feed: WarningFeed, more: dict[str, str], code: str
) -> None:
    assert fault(feed, alert(now(), **more)) == code


# The way there


def test_an_index_is_followed_and_nothing_is_fetched_twice(
    feed: WarningFeed, time: clock.Frozen
) -> None:
    links = [feed.put(f"/{n}", told(f"N{n}", now()), etag=f'"{n}"') for n in range(3)]
    feed.put("/rss", rss(links), etag='"i"')
    source(feed)
    assert poll() == 3
    assert sorted(feed.paths()) == ["/0", "/1", "/2", "/rss"]
    assert poll() == 0 and feed.asked == []  # it is not due yet
    assert poll(time) == 0
    assert {a.tag for a in feed.asked} == {'"i"', '"0"', '"1"', '"2"'}
    assert feed.faults() == []
    feed.put("/rss", rss(links[:1]), etag='"j"')
    poll(time)
    assert WarningFile.objects.count() == 1


def test_an_index_in_atom_is_as_good_and_links_may_be_relative(feed: WarningFeed) -> None:
    feed.put("/w/1.xml", alert(now()))
    feed.put("/w/atom", atom(["1.xml"]))
    source(feed, "/w/atom")
    assert poll() == 1


def test_a_thousand_messages_come_a_few_at_a_time(feed: WarningFeed, time: clock.Frozen) -> None:
    links = [feed.put(f"/{n}", told(f"N{n}", now()), etag=f'"{n}"') for n in range(1000)]
    feed.put("/rss", rss(links), etag='"i"')
    source(feed)
    turns = [poll(time) for _turn in range(25)]
    assert turns == [40] * 25
    assert poll(time) == 0
    assert feed.faults() == []


def test_links_to_others_are_not_followed(feed: WarningFeed) -> None:
    feed.put("/rss", rss(["http://169.254.169.254/latest", "file:///etc/passwd", "http://[::1/"]))
    made = source(feed)
    assert poll() == 0
    assert made.faults.get().code == "other_host"
    assert not WarningFile.objects.exists()


def ten_megabytes(feed: WarningFeed, **more: Any) -> str:
    feed.put("/big", b"x" * 65_536, **more)
    made = source(feed, "/big")
    poll()
    made.refresh_from_db()
    return made.fault


def test_ten_megabytes_are_refused_while_they_come(feed: WarningFeed) -> None:
    assert ten_megabytes(feed, endless=True) == "too_large"


def test_and_before_they_come_where_their_length_is_said(feed: WarningFeed) -> None:
    feed.put("/big", b"x" * (10 * 1024 * 1024))
    made = source(feed, "/big")
    poll()
    made.refresh_from_db()
    assert made.fault == "too_large"


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ({"status": 500}, "server_fault:500"),
        ({"status": 404}, "refused:404"),
        ({"wait_s": 0.5}, "timeout"),
        ({"headers": {"Content-Encoding": "gzip"}}, "encoded"),
        ({"status": 302, "headers": {"Location": "/page"}}, "redirects"),
        ({"status": 302, "headers": {"Location": "http://10.0.0.1/"}}, "other_host"),
        ({"status": 302, "headers": {"Location": "gopher://x"}}, "other_host"),
        ({"status": 302}, "redirects"),
    ],
)
def test_a_page_that_does_not_come_is_named(
    feed: WarningFeed, page: dict[str, Any], code: str
) -> None:
    feed.put("/page", "<a/>", **page)
    made = source(feed, "/page")
    poll(patience=0.01 if "wait_s" in page else 1.0)
    made.refresh_from_db()
    assert made.fault == code


def test_a_redirect_within_the_source_is_followed(feed: WarningFeed) -> None:
    feed.put("/old", "", status=301, headers={"Location": "/new"})
    feed.put("/new", alert(now()))
    source(feed, "/old")
    assert poll() == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_our_own_network_is_asked_only_where_the_city_names_the_host(
    feed: WarningFeed, host: str
) -> None:
    feed.put("/cap.xml", alert(now()))
    url = feed.address.replace("127.0.0.1", host) + "/cap.xml"
    made = source(feed, url=url, hosts=[])
    poll()
    made.refresh_from_db()
    assert made.fault == "private_address" and feed.asked == []
    define_source(WarningSource, key={"url": url}, actor=SETUP, hosts=[host.upper()])
    assert poll() == 1


def test_one_bad_message_does_not_keep_the_others_out(
    feed: WarningFeed, time: clock.Frozen
) -> None:
    good, bad = feed.put("/good", alert(now())), feed.put("/bad", "<alert/>", etag='"b"')
    feed.put("/rss", rss([bad, good]))
    made = source(feed)
    assert poll() == 1
    made.refresh_from_db()
    assert made.fault == "not_cap"
    feed.put("/bad", told("B", now()))
    assert poll(time) == 1
    made.refresh_from_db()
    assert made.fault == ""
    rows = Journal.objects.filter(kind__startswith="source.").order_by("seq")
    assert [row.kind for row in rows] == ["source.failed", "source.recovered"]


@proves("warnings.silent_min")
def test_a_source_that_is_silent_for_long_is_an_alarm(
    feed: WarningFeed, time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    put("warnings.silent_min", 10)
    feed.put("/cap.xml", "", status=500)
    source(feed, "/cap.xml")
    poll()
    time.forward(10 * MINUTE)
    poll()
    assert alarm_sources(actor=TIMER) == 0
    time.forward(1)
    assert alarm_sources(actor=TIMER) == 1
    assert Alarm.objects.get().code == "warnings_silent"
    feed.put("/cap.xml", alert(now()))
    poll(time)
    alarm_sources(actor=TIMER)
    assert Alarm.objects.get(code="warnings_silent").state == "done"


def test_a_source_out_of_use_is_neither_asked_nor_missed(
    feed: WarningFeed, time: clock.Frozen
) -> None:
    made = one(feed, alert(now()))
    define(WarningSource, key={"pk": made.pk}, actor=SETUP, active=False)
    feed.paths()
    time.forward(24 * HOUR)
    poll()
    assert feed.asked == [] and alarm_sources(actor=TIMER) == 0


def test_faults_are_counted_not_piled_up(feed: WarningFeed, time: clock.Frozen) -> None:
    one(feed, "<alert/>")
    for _turn in range(3):
        poll(time)
    assert WarningFault.objects.get().times == 4
    assert Journal.objects.filter(kind="warning.refused").count() == 1


def test_only_an_administrator_enters_sources(actor: Callable[[str], Actor]) -> None:
    from sigap.core.errors import Forbidden

    with pytest.raises(Forbidden):
        define_source(
            WarningSource,
            key={"url": "https://cuaca.example/rss"},
            actor=actor("supervisor"),
            name="x",
        )
