"""Of a source with a certificate only what its owner has signed is shown; nothing else can ride
along with a true signature."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from sigap.core import clock
from sigap.core.actors import of_user, system
from sigap.core.models import Alarm, User
from sigap.gateways.cap.feed import poll_due
from sigap.gateways.cap.parse import BadCap, message_of, parse
from sigap.gateways.cap.signature import sign, signed_root
from sigap.warnings.actions import alarm_sources
from sigap.warnings.actions.sources import define_source
from sigap.warnings.models import ReceivedWarning, WarningSource
from sigap.warnings.queries import in_force
from sim.caps import NAMESPACE, WarningFeed, alert, rss, serving

from .cap_schema import faults_of
from .signing import pair
from .test_warnings_out import issued, somebody

TIMER = system("timer")
WIB = ZoneInfo("Asia/Jakarta")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return pair(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def feed() -> Iterator[WarningFeed]:
    with serving() as far:
        yield far


def now() -> datetime:
    return clock.now().astimezone(WIB)


def signed(keys: tuple[Path, Path], **more: Any) -> bytes:
    return sign(alert(now(), **more).encode(), *keys)


def fault_of(document: bytes, keys: tuple[Path, Path]) -> str:
    with pytest.raises(BadCap) as refused:
        signed_root(document, keys[1].read_text())
    return refused.value.code


@pytest.mark.parametrize("curve", [False, True], ids=["rsa", "elliptic"])
def test_a_true_signature_is_read(tmp_path: Path, curve: bool) -> None:
    own = pair(tmp_path, curve=curve)
    message = message_of(signed_root(signed(own), own[1].read_text()))
    assert message == parse(alert(now()).encode())


def test_without_a_signature_or_with_that_of_another_it_is_refused(
    keys: tuple[Path, Path], tmp_path: Path
) -> None:
    assert fault_of(alert(now()).encode(), keys) == "unsigned"
    assert fault_of(signed(pair(tmp_path, "lain")), keys) == "bad_signature"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Hujan lebat disertai", b"Aman, tidak disertai"),
        (b"<severity>Severe", b"<severity>Minor"),
        (b"-7.79,111.98", b"-7.79,111.99"),
        (b"</info>", b"</info><info/>"),
    ],
)
def test_whoever_changes_a_word_is_found_out(
    keys: tuple[Path, Path], was: bytes, becomes: bytes
) -> None:
    document = signed(keys)
    assert was in document
    assert fault_of(document.replace(was, becomes, 1), keys) == "bad_signature"


def wrapped(keys: tuple[Path, Path], how: str) -> bytes:
    """A true document carried along by a false one."""
    true = re.sub(rb"<\?xml[^>]*\?>\s*", b"", signed(keys)).decode()
    signature = re.search(r"<(?:\w+:)?Signature .*</(?:\w+:)?Signature>", true, re.DOTALL)
    assert signature
    false = re.sub(r"<\?xml[^>]*\?>", "", alert(now(), identifier="PALSU", headline="Mengungsi!"))
    bare = true.replace(signature[0], "")
    made = {
        # the true one as a child of the false one
        "child": false.replace("</alert>", f"{true}</alert>"),
        # its signature moved up, the words that it is about left in a corner
        "moved": false.replace("</alert>", f"{signature[0]}<note>x</note>{bare}</alert>"),
        # the signature says that it is about the corner
        "named": false.replace(
            "</alert>",
            signature[0].replace('URI=""', 'URI="#true"')
            + bare.replace("<alert ", '<alert Id="true" ')
            + "</alert>",
        ),
        # the signature alone
        "borrowed": false.replace("</alert>", f"{signature[0]}</alert>"),
        # a second signature before the true one
        "twice": true.replace(signature[0], signature[0] * 2),
        # under another root
        "enveloped": f'<x xmlns="{NAMESPACE}">{true}</x>',
    }
    return made[how].encode()


@pytest.mark.parametrize("how", ["child", "moved", "named", "borrowed", "twice", "enveloped"])
def test_a_true_signature_carries_no_false_words(keys: tuple[Path, Path], how: str) -> None:
    assert fault_of(wrapped(keys, how), keys) in ("bad_signature", "unsigned")


def test_a_signature_over_a_part_only_is_none(keys: tuple[Path, Path]) -> None:
    from lxml import etree  # type: ignore[import-untyped]
    from signxml.signer import XMLSigner

    root = etree.fromstring(alert(now()).encode())
    root.find(f"{{{NAMESPACE}}}info").set("Id", "part")
    made = XMLSigner().sign(
        root, key=keys[0].read_bytes(), cert=keys[1].read_text(), reference_uri="#part"
    )
    assert fault_of(etree.tostring(made), keys) == "bad_signature"


def test_entities_reach_no_parser(keys: tuple[Path, Path]) -> None:
    document = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + b"<a>&x;</a>"
    assert fault_of(document, keys) == "dtd"


def test_a_comment_cannot_cut_a_word(keys: tuple[Path, Path]) -> None:
    document = signed(keys, headline="Hujan").replace(b"Hujan<", b"Hu<!-- x -->jan<", 1)
    message = message_of(signed_root(document, keys[1].read_text()))
    assert message.infos[0].headline == "Hujan"


# At the feed


def test_what_is_not_signed_rightly_is_not_shown_and_calls_the_supervisor(
    feed: WarningFeed, keys: tuple[Path, Path], time: clock.Frozen
) -> None:
    good, bad = feed.put("/a", signed(keys)), feed.put("/b", alert(now(), identifier="B"))
    feed.put("/rss", rss([bad, good]))
    source = define_source(
        WarningSource,
        key={"url": f"{feed.address}/rss"},
        actor=TIMER,
        name="Cuaca",
        hosts=["127.0.0.1"],
        certificate=keys[1].read_text(),
    )
    assert poll_due(actor=TIMER) == 1
    assert [w.identifier for w in in_force()] == ["CBT20261102001"]
    assert source.faults.get().code == "unsigned"
    alarm_sources(actor=TIMER)
    alarm = Alarm.objects.get(code="warnings_distrusted")
    assert (alarm.owner, alarm.urgency, alarm.state) == ("supervisor", 1, "new")
    feed.put("/b", signed(keys, identifier="B"))
    time.forward(121)
    assert poll_due(actor=TIMER) == 1
    alarm_sources(actor=TIMER)
    alarm.refresh_from_db()
    assert alarm.state == "done"


def test_an_unsigned_cancel_ends_nothing(
    feed: WarningFeed, keys: tuple[Path, Path], time: clock.Frozen
) -> None:
    at = now() - timedelta(minutes=1)
    feed.put("/cap", sign(alert(at).encode(), *keys))
    define_source(
        WarningSource,
        key={"url": f"{feed.address}/cap"},
        actor=TIMER,
        name="Cuaca",
        hosts=["127.0.0.1"],
        certificate=keys[1].read_text(),
    )
    poll_due(actor=TIMER)
    names = f"info@cuaca.example,CBT20261102001,{at.isoformat(timespec='seconds')}"
    feed.put("/cap", alert(now(), identifier="C", msgType="Cancel", references=names))
    time.forward(121)
    poll_due(actor=TIMER)
    assert len(in_force()) == 1
    assert ReceivedWarning.objects.count() == 1


# Our own


@pytest.mark.parametrize("curve", [False, True], ids=["rsa", "elliptic"])
def test_the_city_signs_what_it_publishes(settings: Any, tmp_path: Path, curve: bool) -> None:
    key, certificate = pair(tmp_path, curve=curve)
    settings.ENV = settings.ENV.model_copy(update={"cap_key": key, "cap_certificate": certificate})
    first = of_user(User.objects.get(username="supervisor"))
    made = issued(first, of_user(somebody("second", "supervisor")))
    document = Client().get(f"/peringatan/{made.pk}.xml").content
    assert faults_of(document) == []
    message = message_of(signed_root(document, certificate.read_text()))
    assert message.identifier == made.identifier
    assert Client().get(f"/peringatan/{made.pk}.xml").content == document
