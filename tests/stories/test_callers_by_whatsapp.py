"""Callers are told by WhatsApp how it ended, where the city has a template for it; else by SMS."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import override_settings

from sigap.calls import actions as calls
from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.models import Journal
from sigap.dispatch.actions import end_incident, send_units
from sigap.gateways.alerts.callers import tell_callers
from sigap.gateways.whatsapp.sender import templates
from sigap.incidents.models import Incident
from sigap.notify.actions import follow_cases
from sigap.notify.models import Notice
from sim.texts import Gateway

from .alerting import NUMBER, WORKER, far_ends
from .far_end import Meta, meta

TEMPLATE = "selesai_112"
Who = Callable[[str], Actor]


@pytest.fixture
def end(db: None) -> Iterator[Meta]:
    """Meta's side, which knows the city's template."""
    with meta() as far:
        far.far.templates[TEMPLATE] = ("APPROVED", 1)
        more = {"whatsapp_outcome_template": TEMPLATE, "public_url": "https://112.example"}
        with override_settings(ENV=settings.ENV.model_copy(update=more)):
            follow_cases(actor=WORKER)  # from now on
            yield far


@pytest.fixture
def texts(end: Meta) -> Iterator[Gateway]:
    """Whoever sends the city's SMS."""
    with far_ends(voice=False) as far:
        yield far.texts


@pytest.fixture
def over(answered: Callable[..., Call], actor: Who) -> Callable[[], Incident]:
    """Somebody's report is done with."""

    def ended() -> Incident:
        boss = actor("supervisor")
        case = calls.open_incident_for_call(
            answered(NUMBER).pk, "ambulans", lat=-7.8185, lng=112.0155, actor=actor("call_taker")
        )
        send_units(case.pk, ["AMB-01"], actor=boss, choice="radio")
        end_incident(case.pk, "close", disposition="handled", actor=boss, confirmed=True)
        return case

    return ended


def work() -> None:
    """What the worker does."""
    follow_cases(actor=WORKER)
    tell_callers(actor=WORKER)


def kinds() -> list[str]:
    told = Journal.objects.filter(kind__startswith="notice.", body__notice="over")
    return [kind.removeprefix("notice.") for kind in told.values_list("kind", flat=True)]


def test_the_outcome_goes_by_whatsapp_with_the_callers_link(
    end: Meta, texts: Gateway, over: Callable[[], Incident]
) -> None:
    end.far.person("62" + NUMBER[1:])
    assert templates()[TEMPLATE] == 1
    case = over()
    work()
    [sent] = end.far.sent
    case.refresh_from_db()
    words = [part["text"] for part in sent["template"]["components"][0]["parameters"]]
    assert words == [f"https://112.example/bantuan/{case.token}"]
    end.receipts()
    assert Notice.objects.get(kind="over").state == "delivered"
    assert texts.of("sms") == [], "nobody is told the same twice"


def test_who_has_no_whatsapp_is_told_by_sms(
    end: Meta, texts: Gateway, over: Callable[[], Incident]
) -> None:
    end.far.person("62" + NUMBER[1:]).never = 131026
    case = over()
    work()
    end.receipts()
    work()
    [told] = texts.of("sms")
    case.refresh_from_db()
    assert f"https://112.example/bantuan/{case.token}" in told["text"]
    notice = Notice.objects.get(kind="over")
    assert (notice.state, notice.channel) == ("sent", "sms")
    assert kinds() == ["queued", "send", "instead", "send"]
    [row] = Journal.objects.filter(kind="notice.instead")
    assert row.body["reason"] == "whatsapp_131026"


@pytest.mark.parametrize("trouble", ["paused", "away"])
def test_where_whatsapp_refuses_or_is_away_sms_goes_at_once(
    end: Meta, texts: Gateway, over: Callable[[], Incident], trouble: str
) -> None:
    end.far.person("62" + NUMBER[1:])
    if trouble == "paused":
        end.far.templates[TEMPLATE] = ("PAUSED", 1)
    else:
        end.far.faults.away_until = clock.now() + timedelta(minutes=5)
    over()
    work()
    work()
    assert len(texts.of("sms")) == 1
    assert kinds() == ["queued", "instead", "send"]


def test_without_sms_the_outcome_alone_is_told(end: Meta, over: Callable[[], Incident]) -> None:
    end.far.person("62" + NUMBER[1:]).never = 131026
    over()
    work()
    end.receipts()
    work()
    assert list(Notice.objects.values_list("kind", "state")) == [("over", "failed")]


def test_without_a_template_all_are_told_by_sms(
    end: Meta, texts: Gateway, over: Callable[[], Incident]
) -> None:
    end.far.person("62" + NUMBER[1:])
    with override_settings(ENV=settings.ENV.model_copy(update={"whatsapp_outcome_template": ""})):
        assert TEMPLATE not in templates()
        over()
        work()
    assert (len(texts.of("sms")), end.far.sent) == (1, [])
