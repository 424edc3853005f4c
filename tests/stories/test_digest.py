"""The weekly digest: once a week, by mail, tried again where the server does not take it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import override_settings
from pydantic import SecretStr

from sigap.calls.actions import open_incident_for_call
from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.models import Deployment, Journal
from sigap.core.rows import insert
from sigap.fleet.models import Agency
from sigap.gateways.digest import send_digest
from sigap.gateways.whatsapp.sender import templates
from sigap.proposals.models import Proposal
from sigap.reviews.models import Digest
from sigap.reviews.reports.actions import MOST_TRIES, make_digests

from .far_end import Meta, meta
from .proofs import proves

TIMER = system("timer")
# The clock stands at Monday, 2 November 2026, 08:00: the digest was due an hour before.
MONDAY = date(2026, 11, 2)
WEEK_S = 7 * 24 * 3600
NUMBER = "081298765432"
TEMPLATE = "ringkasan_mingguan"


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(
        update={
            "mail_url": SecretStr("smtp://mail.example"),
            "mail_from": "sigap@kediri.example",
            "digest_to": ["kepala@kediri.example", "monev@kediri.example"],
        }
    )


class Refusing:
    """A mail server that is not there."""

    def __init__(self, *_given: Any, **_more: Any) -> None: ...

    def send_messages(self, _messages: Any) -> int:
        raise ConnectionRefusedError("kepala@kediri.example: no")


def refused() -> Any:
    return override_settings(EMAIL_BACKEND=f"{__name__}.Refusing")


def send() -> int:
    return send_digest(actor=TIMER)


def test_it_goes_out_once_a_week_also_after_a_restart(
    time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    assert send() == 1
    assert [send() for _again in range(3)] == [0, 0, 0]
    (sent,) = mail.outbox
    assert sent.bcc == ["kepala@kediri.example", "monev@kediri.example"] and not sent.to
    assert "2026-10-26 – 2026-11-01" in sent.subject
    assert journal() == ["digest.made", "digest.send"]
    time.forward(WEEK_S - 3601 - 60)  # a minute before seven
    assert send() == 0
    time.forward(120)
    assert send() == 1
    assert Digest.objects.count() == 2


def test_a_worker_that_was_away_makes_it_when_it_is_back(time: clock.Frozen) -> None:
    time.forward(3 * 24 * 3600)
    assert send() == 1
    assert Digest.objects.get().week == MONDAY


@pytest.mark.parametrize("off", ["mail_url", "mail_from", "digest_to"])
def test_it_is_off_until_there_is_a_server_and_somebody_to_write_to(
    off: str, settings: Any
) -> None:
    nothing: Any = {"mail_url": SecretStr(""), "mail_from": "", "digest_to": []}[off]
    settings.ENV = settings.ENV.model_copy(update={off: nothing})
    assert send() == 0
    assert not Digest.objects.exists() and not mail.outbox


def test_a_server_that_is_away_is_asked_again_ever_later_and_in_the_end_not_any_more(
    time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    with refused():
        assert send() == 0
        digest = Digest.objects.get()
        assert (digest.state, digest.tries, digest.error) == ("queued", 1, "ConnectionRefusedError")
        assert send() == 0 and Digest.objects.get().tries == 1  # not before its time
        time.forward(601)
    assert send() == 1
    assert journal() == ["digest.made", "digest.retried", "digest.send"]
    assert "kediri.example" not in str(list(Journal.objects.values_list("body", flat=True)))


def test_in_the_end_it_has_failed(time: clock.Frozen) -> None:
    with refused():
        for _try in range(MOST_TRIES):
            send()
            time.forward(6 * 3600 + 1)
    assert (Digest.objects.get().state, Digest.objects.get().tries) == ("failed", MOST_TRIES)


def test_a_sender_that_died_leaves_it_to_the_next_one(time: clock.Frozen) -> None:
    from sigap.reviews.reports.actions import claim_digest

    make_digests([("mail", 0)], actor=TIMER)
    assert claim_digest(actor=TIMER) is not None
    assert send() == 0
    time.forward(601)
    assert send() == 1


def test_one_that_a_newer_one_has_overtaken_is_not_sent(time: clock.Frozen) -> None:
    with refused():
        send()
    time.forward(WEEK_S)
    assert send() == 1
    assert [d.state for d in Digest.objects.order_by("week")] == ["failed", "sent"]
    assert len(mail.outbox) == 1


@proves("digest.weekday")
@proves("digest.hour")
def test_the_city_sets_day_and_hour(put: Callable[[str, float], None], time: clock.Frozen) -> None:
    put("digest.weekday", 3)  # Wednesday
    put("digest.hour", 16)
    send()
    assert Digest.objects.get().week == date(2026, 10, 28)
    time.forward((datetime(2026, 11, 4, 8, 59, tzinfo=UTC) - clock.now()).total_seconds())
    assert send() == 0
    time.forward(120)
    assert send() == 1
    assert Digest.objects.latest("week").week == date(2026, 11, 4)


def test_it_says_nothing_of_a_person(
    ring: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    ring(NUMBER)
    time.forward(WEEK_S)
    send()
    (sent,) = mail.outbox
    assert "98765432" not in sent.body and "Dispatcher" not in sent.body
    assert "kediri" in sent.subject.lower()


def test_a_drills_digest_says_so() -> None:
    Deployment.objects.update(drill=True)
    send()
    (sent,) = mail.outbox
    assert sent.subject.startswith("LATIHAN") and sent.body.startswith("*** LATIHAN ***")


def test_it_tells_of_proposals_that_nobody_has_answered() -> None:
    agency = Agency.objects.get(code="psc119")
    for name in (agency, agency, None):
        insert(
            Proposal(
                kind="rise",
                stream="type:ambulans",
                agency=name,
                since=clock.now(),
                until=clock.now(),
                found_at=clock.now(),
                seen=9,
                areas=[],
                cases=[],
            )
        )
    send()
    (sent,) = mail.outbox
    told = sent.body.partition("USULAN")[2]
    assert f"- {agency.name}: Menunggu 2 *\n- belum ada: Menunggu 1 *\n" in told


# --- by WhatsApp ----------------------------------------------------------------------

READERS = ["+6281234567001", "+6281234567002"]


@pytest.fixture
def far(settings: Any) -> Iterator[Meta]:
    """Meta's side knows the city's template; there is no mail."""
    with meta() as end:
        end.far.templates[TEMPLATE] = ("APPROVED", 4)
        more = {
            "mail_from": "",
            "whatsapp_digest_template": TEMPLATE,
            "digest_whatsapp_to": READERS,
        }
        with override_settings(ENV=settings.ENV.model_copy(update=more)):
            yield end


def words(message: dict[str, Any]) -> list[str]:
    return [part["text"] for part in message["template"]["components"][0]["parameters"]]


def test_each_reader_gets_it_by_whatsapp_once(
    far: Meta, ring: Callable[..., Call], time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    for number in READERS:
        far.far.person(number[1:])
    assert templates()[TEMPLATE] == 4
    assert send() == 2
    assert send() == 0
    assert [message["to"] for message in far.far.sent] == [number[1:] for number in READERS]
    assert {tuple(words(message)) for message in far.far.sent} == {
        ("26 Oktober 2026 – 1 November 2026", "0", "0", "0")
    }
    assert not mail.outbox
    assert journal() == ["digest.made"] * 2 + ["digest.send"] * 2
    assert "1234567" not in str(list(Journal.objects.values_list("body", flat=True)))


def test_its_last_number_is_the_work_left_open(
    far: Meta,
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
) -> None:
    for number in READERS:
        far.far.person(number[1:])
    case = open_incident_for_call(
        answered(NUMBER).pk, "ambulans", address="Jl. Uji 1", actor=actor("call_taker")
    )
    assert case.state == "open"
    time.forward(WEEK_S)
    send()
    assert words(far.far.sent[-1])[3] == "1"


def test_a_drill_says_so_there_too(far: Meta) -> None:
    Deployment.objects.update(drill=True)
    far.far.person(READERS[0][1:])
    send()
    assert words(far.far.sent[0])[0].startswith("LATIHAN ")


def test_a_text_that_meta_does_not_know_has_failed(far: Meta) -> None:
    del far.far.templates[TEMPLATE]
    for number in READERS:
        far.far.person(number[1:])
    assert send() == 0
    assert {d.state for d in Digest.objects.all()} == {"failed"}
    assert Digest.objects.first().error.startswith("whatsapp_")


def test_who_was_taken_off_the_list_gets_none(far: Meta, time: clock.Frozen) -> None:
    far.far.person(READERS[0][1:])
    make_digests([("whatsapp", 0), ("whatsapp", 1)], actor=TIMER)
    with override_settings(ENV=settings.ENV.model_copy(update={"digest_whatsapp_to": READERS[:1]})):
        assert send() == 1
    assert Digest.objects.get(reader=1).error == "not_set_up"


def test_one_that_waits_when_its_way_is_taken_from_the_settings_is_not_said_to_be_sent(
    time: clock.Frozen, far: Meta
) -> None:
    make_digests([("mail", 0)], actor=TIMER)  # the mail server has gone from the settings
    for number in READERS:
        far.far.person(number[1:])
    assert send() == 2
    assert Digest.objects.get(channel="mail").state == "failed"
    assert not mail.outbox


def test_one_that_the_far_end_reports_as_undelivered_has_failed(far: Meta) -> None:
    far.far.person(READERS[0][1:])
    far.far.person(READERS[1][1:]).never = 131026
    assert send() == 2
    far.receipts()
    assert dict(Digest.objects.values_list("reader", "state")) == {0: "sent", 1: "failed"}
    assert Digest.objects.get(reader=1).error == "whatsapp_131026"
