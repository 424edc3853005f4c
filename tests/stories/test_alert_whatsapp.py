"""Alerts by WhatsApp: an approved template, with receipts that come to the alert."""

from collections.abc import Callable

from django.conf import settings
from django.test import override_settings

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.models import Alarm, User
from sigap.dispatch.actions import send_units
from sigap.gateways.alerts.sender import send_alerts
from sigap.gateways.whatsapp.sender import templates
from sigap.incidents.actions import open_incident
from sigap.notify.actions import follow_jobs
from sigap.notify.models import Delivery

from .alerting import NUMBER, WORKER, give_number, states
from .far_end import Meta, meta

TEMPLATE = "tugas_baru"


def job(actor: Actor) -> None:
    incident = open_incident("kecelakaan_lalin", actor=actor, priority=1, lat=-7.8185, lng=112.0155)
    send_units(incident.pk, ["AMB-01"], choice="radio", actor=actor)
    follow_jobs(actor=WORKER)


def approved(end: Meta) -> override_settings:
    """The city has a template for alerts."""
    end.far.templates[TEMPLATE] = ("APPROVED", 2)
    known = {"whatsapp_alert_template": TEMPLATE}
    return override_settings(ENV=settings.ENV.model_copy(update=known))


def test_a_crew_is_alerted_by_template_and_what_became_of_it_is_noted(
    actor: Callable[[str], Actor], person: Callable[[str], User]
) -> None:
    follow_jobs(actor=WORKER)
    give_number(person("crew"))
    with meta() as end, approved(end):
        end.far.person("62" + NUMBER[1:])
        assert templates()[TEMPLATE] == 2
        job(actor("dispatcher"))
        assert send_alerts(actor=WORKER) == 1
        assert states() == [("whatsapp", "sent")]
        (sent,) = end.far.sent
        words = [part["text"] for part in sent["template"]["components"][0]["parameters"]]
        assert sent["template"]["name"] == TEMPLATE
        assert words[0].startswith("Kecelakaan")
        end.receipts()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.read_at) == ("delivered", clock.now())
    assert delivery.external.startswith("wamid")
    assert delivery.alert.stands, "that it was read is no answer"


def test_who_is_not_on_whatsapp_is_told_otherwise_at_once(
    actor: Callable[[str], Actor], person: Callable[[str], User]
) -> None:
    follow_jobs(actor=WORKER)
    give_number(person("crew"))
    with meta() as end, approved(end):
        end.far.person("62" + NUMBER[1:]).never = 131026
        job(actor("dispatcher"))
        send_alerts(actor=WORKER)
        end.receipts()
    assert states()[0] == ("whatsapp", "failed")
    assert Delivery.objects.get(channel="whatsapp").error == "whatsapp_131026"
    assert Alarm.objects.filter(code="unreached").exists()


def test_without_a_template_whatsapp_is_no_channel(
    actor: Callable[[str], Actor], person: Callable[[str], User]
) -> None:
    follow_jobs(actor=WORKER)
    give_number(person("crew"))
    with meta() as end:
        job(actor("dispatcher"))
        assert send_alerts(actor=WORKER) == 0
        assert end.far.sent == []
    assert Alarm.objects.filter(code="unreached").exists()
