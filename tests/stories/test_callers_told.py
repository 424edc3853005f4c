"""Callers are told that help comes and how it ended, and see by their link about where it is."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from sigap.calls import actions as calls
from sigap.calls.models import Call
from sigap.complaints.survey.models import CaseSurvey
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.models import Contact, Journal
from sigap.dispatch.actions import end_incident, report_position, send_units, step
from sigap.gateways.alerts.callers import tell_callers
from sigap.gateways.alerts.post import understand_receipt
from sigap.incidents.actions import close_incident, park_incident, set_priority, unpark_incident
from sigap.incidents.models import Incident, IncidentType
from sigap.notify.actions import callers, follow_cases
from sigap.notify.models import Notice
from sim.texts import Gateway

from .alerting import NUMBER, WORKER, far_ends
from .proofs import proves

HERE = {"lat": -7.8185, "lng": 112.0155, "location_source": "map"}
Who = Callable[[str], Actor]


@pytest.fixture
def gateway(db: None) -> Iterator[Gateway]:
    """Whoever sends the city's SMS."""
    with far_ends(voice=False) as far:
        more = {"public_url": "https://112.example"}
        with override_settings(ENV=settings.ENV.model_copy(update=more)):
            follow_cases(actor=WORKER)  # from now on
            yield far.texts


@pytest.fixture
def incident(
    gateway: Gateway, answered: Callable[..., Call], actor: Who
) -> Callable[..., Incident]:
    """What somebody with a mobile telephone reports."""

    def opened(type_code: str = "ambulans", **more: Any) -> Incident:
        call = answered(NUMBER)
        return calls.open_incident_for_call(
            call.pk, type_code, actor=actor("call_taker"), **HERE, **more
        )

    return opened


def work() -> None:
    """What the worker does."""
    follow_cases(actor=WORKER)
    tell_callers(actor=WORKER)


def end(incident: Incident, actor: Actor, disposition: str = "handled") -> None:
    end_incident(incident.pk, "close", disposition=disposition, actor=actor, confirmed=True)


def link(incident: Incident) -> str:
    incident.refresh_from_db()
    return f"/bantuan/{incident.token}"


def test_the_caller_is_told_once_that_help_comes_and_once_how_it_ended(
    incident: Callable[..., Incident], gateway: Gateway, actor: Who
) -> None:
    boss, case = actor("supervisor"), incident()
    [job] = send_units(case.pk, ["AMB-01"], actor=boss, choice="radio")
    work()
    send_units(case.pk, ["AMB-02"], actor=boss, choice="radio")
    work()
    end(case, boss)
    work()
    work()
    assert [one["to"] for one in gateway.of("sms")] == ["+6281234567890"] * 2
    coming, over = (one["text"] for one in gateway.of("sms"))
    assert "https://112.example" + link(case) in coming and "https://112.example" in over
    assert (gateway.refused, gateway.repeats) == ([], 0)
    assert Notice.objects.filter(state="sent").count() == 2  # noqa: PLR2004
    assert job.unit.call_sign not in coming


def test_nothing_of_what_happened_is_in_a_message(
    incident: Callable[..., Incident], gateway: Gateway, actor: Who
) -> None:
    case = incident("kebakaran_bangunan", address="Jl. Dhoho 5", chronology="Api besar")
    send_units(case.pk, ["DAM-01"], actor=actor("supervisor"), choice="radio")
    work()
    [told] = gateway.of("sms")
    for word in ("Dhoho", "Api", "ebakar", "DAM"):
        assert word not in told["text"]


@pytest.mark.parametrize("type_code", ["kdrt", "odgj", "bunuh_diri"])
def test_where_a_message_could_harm_nobody_is_told(
    incident: Callable[..., Incident], gateway: Gateway, actor: Who, type_code: str
) -> None:
    boss, case = actor("supervisor"), incident(type_code)
    send_units(case.pk, ["POL-01"], actor=boss, choice="radio")
    end(case, boss)
    work()
    assert gateway.of("sms") == [] and not Notice.objects.exists()
    assert Client().get("/bantuan/None").status_code == 404


def test_of_a_false_report_nobody_is_told(
    incident: Callable[..., Incident], gateway: Gateway, actor: Who
) -> None:
    boss, case = actor("supervisor"), incident()
    end(case, boss, "false_report")
    work()
    assert gateway.of("sms") == []


def test_without_a_mobile_number_or_without_sms_nobody_is_told(
    incident: Callable[..., Incident], gateway: Gateway, actor: Who
) -> None:
    boss, case = actor("supervisor"), incident()
    Contact.objects.update(number="0354123456")
    end(case, boss)
    work()
    Contact.objects.update(number=NUMBER)
    with override_settings(ENV=settings.ENV.model_copy(update={"sms_url": ""})):
        end(incident(), boss)
        work()
    assert gateway.of("sms") == [] and not Notice.objects.exists()


def test_whose_case_must_wait_is_told_so_unless_it_was_taken_up(
    incident: Callable[..., Incident], gateway: Gateway, actor: Who
) -> None:
    boss = actor("supervisor")
    case, other = incident("pohon_tumbang"), incident("pohon_tumbang")
    for one in (case, other):
        set_priority(one.pk, 4, actor=boss)
        park_incident(one.pk, actor=boss)
    unpark_incident(other.pk, actor=boss)
    work()
    assert len(gateway.taken) == 1
    assert Notice.objects.get(incident=other).error == "taken_up"


def test_a_gateway_that_is_away_is_asked_again_and_in_the_end_given_up(
    incident: Callable[..., Incident], gateway: Gateway, actor: Who, time: clock.Frozen
) -> None:
    boss, case = actor("supervisor"), incident()
    end(case, boss)
    gateway.faults.away = True
    work()
    notice = Notice.objects.get()
    assert (notice.state, notice.tries) == ("queued", 1)
    gateway.faults.away = False
    work()
    assert gateway.of("sms") == [], "not before its pause is over"
    time.forward(120)
    work()
    assert len(gateway.taken) == 1
    receipt = {"reference": f"n{notice.pk}", "status": "delivered"}
    understand_receipt(json.dumps(receipt), WORKER)
    notice.refresh_from_db()
    assert notice.state == "delivered"


def test_after_the_citys_time_it_is_not_sent_any_more(
    incident: Callable[..., Incident], gateway: Gateway, actor: Who, time: clock.Frozen
) -> None:
    end(incident(), actor("supervisor"))
    follow_cases(actor=WORKER)
    time.forward(86_400)
    tell_callers(actor=WORKER)
    assert gateway.of("sms") == [] and Notice.objects.get().error == "gave_up"


def test_a_fault_about_one_case_keeps_nobody_else_waiting(
    incident: Callable[..., Incident],
    gateway: Gateway,
    actor: Who,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, sound = incident(), incident()
    for one in (broken, sound):
        end(one, actor("supervisor"))
    known = callers.mobile_of

    def mobile_of(ids: list[int]) -> dict[int, Contact]:
        if broken.pk in ids:
            raise ValueError("a row that nobody foresaw")
        return known(ids)

    monkeypatch.setattr(callers, "mobile_of", mobile_of)
    work()
    assert [notice.incident_id for notice in Notice.objects.all()] == [sound.pk]


def test_a_message_is_on_record_without_number_and_words(
    incident: Callable[..., Incident], gateway: Gateway, actor: Who
) -> None:
    case = incident()
    end(case, actor("supervisor"))
    work()
    kinds = Journal.objects.filter(kind__startswith="notice.").order_by("seq")
    assert [row.kind for row in kinds] == ["notice.queued", "notice.send"]
    assert all(row.case == f"incident:{case.pk}" for row in kinds)
    assert NUMBER[1:] not in str([row.body for row in kinds])


# The page


@proves("callers.coarse_m")
def test_the_link_shows_about_where_help_is_and_how_long_it_takes(
    incident: Callable[..., Incident], actor: Who, put: Callable[[str, float], None]
) -> None:
    boss, case = actor("supervisor"), incident()
    [job] = send_units(case.pk, ["AMB-01"], actor=boss, choice="radio")
    step(job.pk, "depart", actor=boss, source="crew")
    report_position("AMB-01", -7.84012, 112.03123, actor=actor("crew"))
    work()
    page = Client().get(link(case))
    text = page.content.decode()
    assert page.status_code == 200 and "noindex" in page["X-Robots-Tag"]
    assert "Ambulans gawat darurat" in text and " km" in text and "mnt" in text
    for secret in ("AMB-01", "-7.84", "112.03", NUMBER, "Dhoho"):
        assert secret not in text
    put("callers.coarse_m", 5000)
    [one] = _coming(case)
    assert one.km is not None
    report_position("AMB-01", -7.84052, 112.03163, actor=actor("crew"))
    assert _coming(case)[0].km == one.km, "a small move is not seen"


def _coming(case: Incident) -> list[Any]:
    from sigap.public.coming import coming

    case.refresh_from_db()
    return coming(case)


def test_an_old_position_is_not_shown_as_where_it_is(
    incident: Callable[..., Incident], actor: Who, time: clock.Frozen
) -> None:
    boss, case = actor("supervisor"), incident()
    report_position("AMB-01", -7.84012, 112.03123, actor=actor("crew"))
    time.forward(3600)
    send_units(case.pk, ["AMB-01"], actor=boss, choice="radio")
    assert [(one.km, one.minutes) for one in _coming(case)] == [(None, None)]


def test_after_the_end_nothing_moves_and_the_question_is_asked(
    incident: Callable[..., Incident], actor: Who, time: clock.Frozen
) -> None:
    boss, case = actor("supervisor"), incident()
    send_units(case.pk, ["AMB-01"], actor=boss, choice="radio")
    end(case, boss)
    work()
    client = Client()
    page = client.get(link(case)).content.decode()
    assert "Petugas sudah menangani di tempat." in page and " km" not in page
    assert client.post(link(case), {"score": "9"}).status_code == 400
    assert client.post(link(case), {"score": "4"}).status_code == 302
    survey = CaseSurvey.objects.get(incident=case)
    assert (survey.channel, survey.state, survey.score) == ("link", "answered", 4)
    assert client.post(link(case), {"score": "5"}).status_code == 302, "a slip is set right"
    time.forward(timedelta(days=60).total_seconds())
    assert client.get(link(case)).status_code == 404


def test_nobody_asks_again_who_has_answered_by_the_link(
    incident: Callable[..., Incident], actor: Who
) -> None:
    boss, case = actor("supervisor"), incident()
    close_incident(case.pk, disposition="handled", actor=boss)
    work()
    Client().post(link(case), {"score": "2"})
    assert CaseSurvey.objects.get().state == "answered"
    assert Journal.objects.filter(kind="follow_up.open").exists(), "a low mark is looked into"


@pytest.mark.parametrize("token", ["x", "x" * 22, "../admin", "%00" * 8, "a" * 400])
def test_a_link_that_was_not_sent_opens_nothing(db: None, token: str) -> None:
    assert Client().get(f"/bantuan/{token}").status_code == 404


def test_a_cancelled_or_sensitive_case_has_no_page_any_more(
    incident: Callable[..., Incident], actor: Who
) -> None:
    boss, case = actor("supervisor"), incident()
    send_units(case.pk, ["AMB-01"], actor=boss, choice="radio")
    work()
    assert Client().get(link(case)).status_code == 200
    IncidentType.objects.filter(code="ambulans").update(tells="nothing")
    assert Client().get(link(case)).status_code == 404
