"""Personal data stays out of the record and the logs, can be erased, and is in time."""

import importlib
import inspect
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import CodeType, FrameType
from typing import Any

import pyotp
import pytest
from django.test import Client
from shapely.geometry import Point

from sigap.calls import actions as calls
from sigap.calls.actions.recordings import Kept
from sigap.calls.handset import Reading
from sigap.calls.machine import TALKING
from sigap.calls.models import Call, Review
from sigap.calls.quality import form_now
from sigap.calls.queries import caller_histories
from sigap.calls.retention import erase_expired
from sigap.core import clock
from sigap.core.actions import accounts, alarms, configuration, jobs, personal, shifts
from sigap.core.actions.days import close_days
from sigap.core.actors import Actor, Role, of_user
from sigap.core.errors import Forbidden, Invalid, SigapError
from sigap.core.inbox import drain
from sigap.core.journal import verify
from sigap.core.logs import Line
from sigap.core.models import Alarm, Contact, Inbox, Journal, Text, User
from sigap.core.transaction import transaction
from sigap.dispatch import actions as dispatch
from sigap.fleet import actions as fleet
from sigap.fleet.models import Unit
from sigap.incidents import actions as incidents
from sigap.incidents.models import Incident
from sigap.places import actions as places
from sigap.places.models import Area, Landmark
from sigap.places.queries import forget
from sigap.public.actions import publish_due

from ..conftest import PBX
from ..rules.syntax import ROOT, files
from .canaries import ADDRESS, CANARIES, NUMBER, PLACE, SECRET, SETUP, WORD, WORDS, tried
from .canaries_of_alerts import a_day_of_alerts
from .canaries_of_chats import a_day_of_chats
from .canaries_of_complaints import People, a_day_of_complaints
from .canaries_of_crews import a_day_in_the_field
from .canaries_of_neighbours import a_day_of_neighbours
from .canaries_of_positions import where_units_are
from .canaries_of_proposals import what_the_machine_proposes
from .canaries_of_readiness import equipment_and_hospitals
from .canaries_of_reports import a_report
from .canaries_of_reviews import what_is_remarked
from .canaries_of_roads import a_day_on_the_roads
from .canaries_of_surveys import what_people_say
from .canaries_of_warnings import a_day_of_warnings


def gone(*, contact: int, text: int) -> dict[str, int]:
    """What was erased, where nothing but callers and words was old enough."""
    return {"contact": contact, "text": text, "position": 0, "inbox": 0, "recording": 0}


def all_actions() -> dict[str, Callable[..., Any]]:
    """Every public function of every module of actions."""
    found = {}
    for path in files():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "actions" not in parts or parts[-1] == "__init__":
            continue
        module = importlib.import_module(".".join(parts))
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and not name.startswith("_"):
                found[f"{module.__name__}.{name}"] = function
    return found


@contextmanager
def watching() -> Iterator[set[CodeType]]:
    """The code of all Python functions that were called."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(before)


def second_of(first: User) -> User:
    """Somebody else with the same rights."""
    return accounts.create_user(
        "second",
        name=WORDS,
        password=SECRET,
        roles=first.roles,
        actor=SETUP,
        must_change_password=False,
    )


def a_day_of_canaries(time: clock.Frozen, person: Callable[[str], User]) -> None:
    """Every action once, with canaries wherever somebody could type or send words."""
    admin, boss, taker, sender = (
        of_user(person(role))
        for role in ("administrator", "supervisor", "call_taker", "dispatcher")
    )
    crew = of_user(person("crew"))
    accounts_of_people(person, admin)
    a_day_on_the_roads(time, sender, admin)
    a_report(boss)
    shifts.start_shift(role="call_taker", desk=WORD, actor=taker)
    tried(shifts.start_shift, role=WORD, desk=WORD, actor=taker)
    shifts.heartbeat(actor=taker)
    for why in (WORD, WORDS):
        tried(shifts.pause_shift, reason=why, actor=taker)
    shifts.pause_shift(reason="meal", actor=taker)
    shifts.resume_shift(actor=taker)
    jobs.job_ended("ringing", every_s=1, done=0)

    told = Reading(external_id=WORD, via="sms", received_at=clock.now(), number=NUMBER, **PLACE)
    calls.locate_phone(told, actor=SETUP)
    call = phone("presented", "k1", number=NUMBER, trunk=WORD)
    for kind in calls.EVENTS:
        phone(kind, "k2", number=f"sip:{NUMBER}@{ADDRESS}", operator=WORD)
        time.forward(1)
    for kind in reversed(calls.EVENTS):
        phone(kind, "k3", number=WORDS)
    tried(phone, WORD, "k4")
    time.forward(60)
    calls.alarm_ringing(actor=SETUP)
    tried(calls.take_call, call.pk, actor=taker, reason=WORD)
    time.forward(600)
    calls.alarm_stale_claims(actor=SETUP)
    calls.alarm_unattended(actor=SETUP)
    for why in (WORD, WORDS):
        tried(calls.take_call, call.pk, actor=boss, reason=why)
    calls.take_call(call.pk, actor=boss, reason="shift_change")
    calls.hold_call(call.pk, actor=boss)
    calls.resume_call(call.pk, actor=boss)
    calls.end_call(call.pk, actor=boss)
    incident = calls.open_incident_for_call(
        call.pk, "kecelakaan_lalin", actor=boss, address=WORDS, chronology=WORDS, reporter=NUMBER
    )
    tried(calls.close_call, call.pk, WORD, actor=boss, note=WORDS)
    calls.close_call(call.pk, "emergency", actor=boss, note=WORDS)
    tried(calls.reclassify_call, call.pk, WORD, actor=boss)
    calls.reclassify_call(call.pk, "repeat", actor=boss)
    entered = calls.enter_call(actor=taker, number=NUMBER, note=WORDS)
    calls.link_call(entered.pk, incident.pk, actor=taker)

    others_on_the_line(taker, boss)

    for n in ("k5", "k6"):
        phone("presented", n, number=f"0812987654{n[1]}9")
        phone("ended", n)
    lost, waived = Call.objects.filter(state="callback_due").order_by("-pk")[:2]
    time.forward(600)
    calls.alarm_call_backs(actor=SETUP)
    calls.report_call_back(lost.pk, reached=False, actor=taker, note=WORDS)
    for why in (WORD, WORDS):
        tried(calls.waive_call_back, waived.pk, reason=why, actor=taker)
    calls.waive_call_back(waived.pk, reason="other", actor=taker)

    the_gate_and_what_it_kept_off(time, taker, boss, admin)
    a_caller_who_is_rung_back(time, taker)
    life_of_an_incident(incident, time, sender)
    work_of_units(time, sender, crew)
    answers_to_alarms(sender)

    recordings_and_scores(call, time, taker, boss, admin)

    configuration.define(
        Landmark,
        key={"name": WORDS, "area": Landmark.objects.all()[0].area},
        aliases=[WORD],
        actor=admin,
    )
    for station in (WORDS, WORDS * 20):
        tried(dispatch.define_unit, Unit, key={"call_sign": "AMB-02"}, station=station, actor=admin)
    configuration.remove(Landmark.objects.get(name=WORDS), actor=admin)
    tried(configuration.set_parameter, WORDS, 1, actor=admin)
    configuration.set_parameter("calls.ring_alarm_s", 30, actor=admin)
    tried(configuration.deploy, city=WORD, name=WORDS, pack={}, drill=False, actor=SETUP)
    imports_of_an_older_system(admin)
    personal.opened(f"call:{call.pk}", screen="timeline", actor=boss)
    for why in (WORD, WORDS):
        tried(personal.hold, incident, why, actor=boss)
    personal.hold(incident, "police", actor=boss)
    personal.lift_hold(incident, actor=admin)
    shifts.end_shift(actor=taker)
    time.forward(3600 * 24 * 400)
    erase_expired(actor=SETUP)
    people = People(person)
    a_day_of_complaints(time, people)
    equipment_and_hospitals(crew, admin, sender)
    what_is_remarked(people.boss)
    what_people_say(people.boss, of_user(person("evaluator")))
    a_day_of_warnings(time, admin, boss, of_user(second_of(person("supervisor"))))
    a_day_of_chats(time, people)
    a_day_of_neighbours(time, person)
    a_day_of_alerts(time, people.boss)
    a_day_in_the_field(crew, sender)
    what_the_machine_proposes(time, people.boss)
    publish_due(actor=SETUP)
    close_days(actor=SETUP)


def others_on_the_line(taker: Actor, boss: Actor) -> None:
    jobs.job_ended("exchange:pbx", every_s=10, done=0)
    shifts.heartbeat(actor=taker)
    shifts.start_shift(role="supervisor", desk=WORD, actor=boss)
    call = calls.take_call(phone("presented", "k8").pk, actor=taker)
    tried(calls.invite_party, call.pk, entry=WORD, actor=taker)
    agency = calls.invite_party(call.pk, entry="psc119", actor=taker)
    told = {"source": "pbx", "external_id": call.external_id or "", "at": clock.now()}
    for what in ("joined", "left", WORD, WORDS):
        tried(calls.report_party, agency.pk, what, actor=PBX, **told)
    ear = calls.listen_in(call.pk, actor=boss)
    calls.listen_in(call.pk, whisper=True, actor=boss)
    calls.drop_party(ear.pk, actor=boss)
    for party in (
        calls.invite_party(call.pk, entry="police110", actor=taker),
        calls.transfer_call(call.pk, boss.user_id or 0, actor=taker),
    ):
        calls.report_party(party.pk, "joined", actor=PBX, **told)
    calls.leave_call(call.pk, actor=boss)
    calls.fail_parties(actor=SETUP)
    calls.close_call(call.pk, "test", actor=boss)
    phone("ended", "k8")


def recordings_and_scores(
    call: Call, time: clock.Frozen, taker: Actor, boss: Actor, admin: Actor
) -> None:
    sound = {"source": "pbx", "external_id": call.external_id or "", "at": clock.now()}
    recording = calls.report_recording("suara_1", actor=PBX, **sound)
    tried(calls.report_recording, WORDS * 9, actor=PBX, **sound)
    file = Kept("suara_1", "both", 1.0, 10, "0" * 64)
    calls.keep_recording([file], actor=SETUP)
    calls.hear_recording(recording.pk, actor=boss)
    calls.miss_recording(f"{WORD}_1", "absent", actor=SETUP)
    calls.alarm_keeping(works=False, actor=SETUP)
    calls.alarm_keeping(works=True, actor=SETUP)
    calls.erase_recordings([recording.pk], actor=SETUP)

    configuration.set_parameter("quality.sample_percent", 100, actor=admin)
    drawn = calls.take_call(phone("presented", "k7").pk, actor=taker)
    calls.close_call(drawn.pk, "information", actor=taker)
    review = Review.objects.get(call=drawn)
    tried(calls.score_call, review.pk, {WORD: WORD}, note=WORDS, actor=boss)
    best = {q["code"]: "5" if q["kind"] == "one_to_five" else "yes" for q in form_now()}
    calls.score_call(review.pk, best | {WORD: WORD}, note=WORDS, actor=boss)
    tried(calls.score_call, review.pk, best, reason=WORD, note=WORDS, actor=boss)
    calls.acknowledge_review(review.pk, reply=WORDS, actor=taker)


def the_gate_and_what_it_kept_off(
    time: clock.Frozen, taker: Actor, boss: Actor, admin: Actor
) -> None:
    def silent(name: str, number: str = NUMBER) -> Call:
        phone("presented", name, number=number, trunk=WORD)
        return phone("gate_silent", name, reason=WORD, heard_s=12)

    for why in (WORD, WORDS):
        tried(calls.declare_surge, reason=why, actor=boss)
    calls.declare_surge(reason="flood", actor=boss)
    calls.end_surge(actor=boss)
    released, ended, hung_up = silent("g1"), silent("g2", "081298700001"), silent("g3")
    for kind in ("gate_open", "gate_key"):
        phone(kind, "g3b", number=NUMBER, reason=WORD)
    time.forward(600)
    calls.alarm_set_aside(actor=SETUP)
    calls.release_call(released.pk, actor=boss)
    phone("ended", "g3")
    tried(calls.review_call, hung_up.pk, was_somebody=True, actor=taker)
    calls.review_call(hung_up.pk, was_somebody=True, actor=boss)
    configuration.set_parameter("gate.silent_end_s", 60, actor=admin)
    calls.end_silent_calls(actor=SETUP)
    configuration.set_parameter("gate.silent_end_s", 0, actor=admin)
    calls.review_call(ended.pk, was_somebody=False, actor=boss)


def a_caller_who_is_rung_back(time: clock.Frozen, taker: Actor) -> None:
    """Everybody else is looked after first: then a line is free."""
    for call in Call.objects.filter(state__in=("queued", "presented", "screening")):
        phone("ended", str(call.external_id).removeprefix(WORD))
    for call in Call.objects.filter(state__in=TALKING, operator_id=taker.user_id):
        calls.close_call(call.pk, "test", actor=taker, confirmed=True)
    for call in Call.objects.filter(state="callback_due"):
        calls.waive_call_back(call.pk, reason="other", actor=taker)
    for n in ("1", "2"):
        phone("presented", f"r{n}", number=f"08129871000{n}")
        phone("ended", f"r{n}")
    time.forward(300)
    shifts.heartbeat(actor=taker)
    jobs.job_ended("exchange:pbx", every_s=1, done=0)
    calls.dial_due(actor=SETUP)
    phone("unreached", "r1", reason=WORD)
    jobs.job_ended("exchange:pbx", every_s=1, done=0)
    calls.dial_due(actor=SETUP)
    phone("presented", "return-r2", returns=WORD + "r2")
    phone("queued", "return-r2", operator=WORD)
    call = phone("answered", "return-r2", operator="call_taker")
    calls.open_incident_for_call(call.pk, "kecelakaan_lalin", actor=taker, address=WORDS)
    calls.close_call(call.pk, "emergency", actor=taker, note=WORDS)


def phone(kind: str, external_id: str, **more: Any) -> Call:
    return calls.report_event(
        kind, source="pbx", external_id=WORD + external_id, at=clock.now(), actor=PBX, **more
    )


def accounts_of_people(person: Callable[[str], User], admin: Actor) -> None:
    made: dict[str, Any] = {"name": WORDS, "password": SECRET, "actor": admin}
    user = accounts.create_user(f"{WORD}.1", roles=["dispatcher"], **made)
    tried(accounts.create_user, WORDS, roles=[WORD], **made)
    tried(accounts.create_user, WORDS, roles=["agency"], **made)
    accounts.change_user(user, name=f"{WORDS} Dua", actor=admin)
    tried(accounts.change_user, user, agency=WORDS, roles=["agency"], actor=admin)
    accounts.change_password(user, SECRET + "9", actor=admin)
    tried(accounts.change_password, user, SECRET, actor=of_user(user), old=WORDS)
    secret = accounts.begin_second_factor()
    code = pyotp.TOTP(secret).at(int(clock.now().timestamp()))
    tried(accounts.confirm_second_factor, user, secret, WORDS, actor=of_user(user))
    accounts.confirm_second_factor(user, secret, code, actor=of_user(user))
    tried(accounts.check_sign_in, WORDS, SECRET, address=ADDRESS)
    accounts.check_sign_in(f"{WORD}.1", SECRET + "9", address=ADDRESS)
    tried(accounts.check_code, person("supervisor"), "１２３", address=ADDRESS)
    accounts.signed_in(user, address=ADDRESS)
    accounts.signed_out(actor=of_user(user))
    accounts.remove_second_factor(user, actor=admin)
    accounts.forget_sign_ins()


def life_of_an_incident(incident: Incident, time: clock.Frozen, sender: Actor) -> None:
    pk, more = incident.pk, {"actor": sender}
    for wrong in ({"area_code": WORD}, {"address": "kenari" * 1000}, {"answers": {WORD: WORD}}):
        tried(incidents.open_incident, "kecelakaan_lalin", **more, **wrong)
    tried(incidents.open_incident, WORDS, **more)
    incidents.change_facts(
        pk, address=f"{WORDS} baru", reporter=WORDS, lat=-7.82, lng=112.01, **more
    )
    tried(incidents.change_facts, pk, type_code=WORD, **more)
    tried(incidents.answer_questions, pk, {"trapped": WORD}, **more)
    incidents.answer_questions(pk, {"trapped": "yes"}, **more)
    incidents.set_priority(pk, 1, **more)
    incidents.set_level(pk, 2, **more)
    note = incidents.add_note(pk, WORDS, **more)
    incidents.strike_note(pk, note.pk, reason="untrue", **more)
    time.forward(600)
    incidents.alarm_undispatched(actor=SETUP)
    for why in (WORD, WORDS):
        tried(incidents.cancel_incident, pk, reason=why, note=WORDS, **more)
        tried(incidents.resolve_incident, pk, disposition=why, **more)
    other = incidents.open_incident(
        "kecelakaan_lalin", location_source=WORD[:12], source="", **more
    )
    tried(incidents.link_incidents, pk, other.pk, WORDS, **more)
    incidents.link_incidents(pk, other.pk, "related", **more)
    incidents.merge_incident(other.pk, pk, **more)
    dispatch.unmerge_incident(other.pk, **more)
    dispatch.end_incident(other.pk, "cancel", reason="other", note=WORDS, **more)
    dispatch.reopen_incident(other.pk, reason="other", note=WORDS, **more)
    for why in (WORD, WORDS):
        tried(dispatch.end_incident, other.pk, "cancel", reason=why, note=why, **more)
        tried(dispatch.end_incident, other.pk, "close", disposition=why, **more)
    dispatch.end_incident(other.pk, "resolve", **more)
    dispatch.end_incident(other.pk, "close", disposition="handled", **more)


def work_of_units(time: clock.Frozen, sender: Actor, crew: Actor) -> None:
    incident = incidents.open_incident("kecelakaan_lalin", lat=-7.82, lng=112.01, actor=sender)
    mine, other, third = dispatch.send_units(
        incident.pk,
        ["AMB-01", "AMB-02", "POL-01"],
        actor=sender,
        choice="radio",
    )
    tried(dispatch.send_units, incident.pk, [WORDS], actor=sender)
    tried(dispatch.send_units, incident.pk, ["AMB-05"], actor=sender, choice=WORD)
    for source in (WORD, WORDS):
        tried(dispatch.step, mine.pk, "acknowledge", actor=crew, source=source)
        tried(dispatch.step, mine.pk, "decline", actor=crew, source="crew", reason=source)
        tried(dispatch.cancel_assignment, other.pk, reason=source, actor=sender)
        now = clock.now()
        more = {"actor": sender, "source": source}
        tried(dispatch.correct_time, mine.pk, "notified", now, reason="radio", **more)
        tried(dispatch.correct_time, mine.pk, "notified", now, reason=source, **more)
    dispatch.step(mine.pk, "depart", actor=crew, source="crew", external_id=WORD, reason=WORD)
    more = {"reason": "radio", "actor": sender, "source": "dispatcher"}
    dispatch.correct_time(mine.pk, "en_route", clock.now(), **more)
    dispatch.cancel_assignment(other.pk, reason="other", actor=sender)
    dispatch.step(third.pk, "decline", actor=sender, source="dispatcher", reason="no_crew")
    dispatch.send_units(incident.pk, ["AMB-03"], actor=sender, choice="radio")
    time.forward(600)
    dispatch.alarm_unacknowledged(actor=SETUP)
    for why in (WORD, WORDS):
        tried(fleet.set_availability, "AMB-01", "withdraw", reason=why, actor=crew)
        tried(fleet.set_availability, "AMB-01", why, actor=crew)
        tried(dispatch.set_duty, "AMB-01", readiness="limited", reason=why, actor=crew)
        tried(dispatch.set_duty, "AMB-01", readiness=why, actor=crew)
    dispatch.set_duty("AMB-01", readiness="limited", reason="damaged", actor=crew)
    tried(dispatch.set_availability, "AMB-01", "withdraw", reason="damaged", actor=crew)
    dispatch.step(mine.pk, "complete", actor=crew, source="crew")
    dispatch.set_availability("AMB-01", "withdraw", reason="damaged", actor=crew)
    where_units_are(of_user(User.objects.get(username="administrator")), crew, sender)


def imports_of_an_older_system(admin: Actor) -> None:
    before = clock.now() - timedelta(days=2)
    old: dict[str, Any] = {"source": "old", "external_id": WORDS, "actor": admin}
    calls.import_call(
        call_class="prank",
        began_at=before,
        number=NUMBER,
        operator=WORDS,
        trunk=WORD,
        note=WORDS,
        **old,
    )
    incident = incidents.import_incident(
        "kecelakaan_lalin", priority=2, received_at=before, address=WORDS, chronology=WORDS, **old
    )
    unit = Unit.objects.get(call_sign="AMB-01")
    dispatch.import_assignment(incident, unit, times={"notified": before}, **old)
    area = Area.objects.all()[0]
    ground = Point(area.lng, area.lat).buffer(0.01).__geo_interface__
    named = {"code": area.code, "name": WORDS, "owner": WORDS}
    feature = {"type": "Feature", "id": area.code, "properties": named, "geometry": ground}
    places.import_boundaries({"type": "FeatureCollection", "features": [feature]}, actor=admin)
    tried(places.import_boundaries, {"features": [{"properties": WORDS}]}, actor=admin)
    forget()


def answers_to_alarms(sender: Actor) -> None:
    first, second, *_rest = Alarm.objects.exclude(state="done")
    alarms.acknowledge_alarm(first.pk, actor=sender)
    for why in (WORD, WORDS):
        tried(alarms.shelve_alarm, second.pk, minutes=10, reason=why, actor=sender)
    alarms.shelve_alarm(second.pk, minutes=10, reason="other", actor=sender)
    Alarm.objects.filter(pk=second.pk).update(quiet_until=clock.now())
    alarms.repeat_alarms(actor=SETUP)
    tried(alarms.close_alarm, second.pk, actor=sender)


def test_no_personal_data_reaches_the_journal_or_the_logs(
    person: Callable[[str], User], time: clock.Frozen, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with watching() as seen:
        a_day_of_canaries(time, person)
    left_out = {name for name, action in all_actions().items() if action.__code__ not in seen}
    assert left_out == set(), "let a_day_of_canaries() use these as well"
    rows = [json.dumps(row, default=str).lower() for row in Journal.objects.values()]
    said = [r.getMessage().lower() + str(r.exc_text or "").lower() for r in caplog.records]
    found = [text for text in rows + said for canary in CANARIES if canary in text]
    assert found == []
    assert verify().broken_seq is None
    # The canaries did sing where they may.
    assert Text.objects.filter(body__icontains="kenari").exists()


def test_a_fault_is_logged_without_the_words_of_the_letter(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stumble(payload: str, _actor: Actor) -> None:
        raise ValueError(payload) from KeyError(payload)

    caplog.handler.setFormatter(Line("%(message)s"))
    letter = Inbox.objects.create(
        source="call:pbx", external_id=f"sip:{NUMBER}", payload=WORDS, received_at=clock.now()
    )
    drain({"call": stumble})
    letter.refresh_from_db()
    assert (letter.error, letter.payload) == ("fault:ValueError", WORDS)
    try:
        stumble(WORDS, SETUP)
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error")
    assert f"inbox letter {letter.pk}: " in caplog.text
    for said in caplog.text.split("Internal Server Error"):
        assert "KeyError\n" in said and "in stumble\n" in said and said.endswith("ValueError\n")
    assert [canary for canary in CANARIES if canary in caplog.text.lower()] == []


# --- erasing -------------------------------------------------------------------------


@pytest.fixture
def rang(ring: Callable[..., Call], actor: Callable[[str], Actor]) -> Callable[..., Call]:
    """A call that was answered and closed: rang("prank", "0812…")."""

    def closed(call_class: str, number: str | None = NUMBER, note: str = "catatan") -> Call:
        taker = actor("call_taker")
        call = calls.take_call(ring(number).pk, actor=taker)
        if call_class == "emergency":
            calls.open_incident_for_call(
                call.pk, "kecelakaan_lalin", actor=taker, address=WORDS, reporter=WORDS
            )
        return calls.close_call(call.pk, call_class, actor=taker, note=note)

    return closed


def number_of(call: Call) -> str:
    return Contact.objects.get(pk=call.contact_id).number


def words_about(call: Call) -> list[str]:
    subjects = [f"call:{call.pk}", f"incident:{call.incident_id}"]
    words = Text.objects.filter(subject__in=subjects, erased_at=None)
    return list(words.values_list("body", flat=True))


def finish(call: Call, actor: Actor) -> None:
    assert call.incident_id
    incidents.close_incident(call.incident_id, disposition="handled", actor=actor)


DAY = 24 * 3600


def test_an_erased_caller_who_rings_again_is_recognised(
    rang: Callable[..., Call], ring: Callable[..., Call], time: clock.Frozen
) -> None:
    first = rang("prank")
    assert erase_contacts_of(first) == 1
    assert number_of(first) == ""
    assert verify().broken_seq is None
    again = ring("+62 812-9876-5432")
    assert again.contact_id == first.contact_id
    history = caller_histories([again.contact_id or 0])[again.contact_id or 0]
    assert history.classes == {"prank": 1}
    assert number_of(again) == "+6281298765432"


def erase_contacts_of(call: Call) -> int:
    return personal.erase_contacts(Contact.objects.filter(pk=call.contact_id), actor=SETUP)


def test_erasing_twice_counts_and_records_once(
    rang: Callable[..., Call], journal: Callable[[], list[str]]
) -> None:
    call = rang("prank")
    assert [erase_contacts_of(call), erase_contacts_of(call)] == [1, 0]
    subjects = [f"call:{call.pk}"]
    assert personal.erase_texts(subjects, actor=SETUP) == 1
    assert personal.erase_texts(subjects, actor=SETUP) == 0
    assert journal().count("personal.erased") == 2
    assert Text.objects.get(subject=f"call:{call.pk}").body == ""


@pytest.mark.parametrize("call_class", ["prank", "silent", "noise", "misdial"])
def test_a_ghosts_number_is_forgotten_after_its_days_and_not_before(
    rang: Callable[..., Call], time: clock.Frozen, call_class: str
) -> None:
    call = rang(call_class)
    time.forward(30 * DAY - 60)
    assert erase_expired(actor=SETUP)["contact"] == 0
    time.forward(120)
    assert erase_expired(actor=SETUP)["contact"] == 1
    assert number_of(call) == ""
    assert len(Contact.objects.get(pk=call.contact_id).key) == 64


@pytest.mark.parametrize("call_class", ["information", "complaint", "test", "out_of_area"])
def test_any_other_callers_number_is_kept_as_long_as_a_case(
    rang: Callable[..., Call], time: clock.Frozen, call_class: str
) -> None:
    call = rang(call_class)
    time.forward(1800 * DAY)
    assert erase_expired(actor=SETUP)["contact"] == 0
    time.forward(30 * DAY)
    assert erase_expired(actor=SETUP)["contact"] == 1
    assert number_of(call) == ""


def test_a_prankster_who_once_reported_an_emergency_is_kept_as_a_reporter(
    rang: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    finish(rang("emergency"), actor("dispatcher"))
    prank = rang("prank")
    time.forward(31 * DAY)
    erase_expired(actor=SETUP)
    assert number_of(prank) != ""


def test_a_caller_without_a_class_yet_is_kept(
    ring: Callable[..., Call], time: clock.Frozen
) -> None:
    call = ring(NUMBER)
    time.forward(40 * DAY)
    erase_expired(actor=SETUP)
    assert number_of(call) != ""


def test_a_prankster_who_rang_again_lately_is_kept(
    rang: Callable[..., Call], time: clock.Frozen
) -> None:
    rang("prank")
    time.forward(20 * DAY)
    call = rang("prank")
    time.forward(20 * DAY)
    assert erase_expired(actor=SETUP)["contact"] == 0
    assert number_of(call) != ""


def test_the_words_of_a_case_are_forgotten_after_its_days(
    rang: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    call = rang("emergency")
    finish(call, actor("dispatcher"))
    time.forward(1826 * DAY)
    assert erase_expired(actor=SETUP) == gone(contact=1, text=3)
    assert not Text.objects.exclude(body="").exists()
    assert Incident.objects.get(pk=call.incident_id).disposition is not None
    assert verify().broken_seq is None


def test_a_case_that_is_not_finished_is_kept_however_old(
    rang: Callable[..., Call], time: clock.Frozen
) -> None:
    call = rang("emergency")
    time.forward(4000 * DAY)
    assert erase_expired(actor=SETUP) == gone(contact=0, text=0)
    assert number_of(call) != ""


def test_a_case_counts_from_its_end(
    rang: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    call = rang("emergency")
    time.forward(1000 * DAY)
    finish(call, actor("dispatcher"))
    time.forward(1000 * DAY)
    assert erase_expired(actor=SETUP) == gone(contact=0, text=0)


def test_what_a_refused_letter_said_is_forgotten_and_its_reason_stays(
    time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    made = {"source": "call:pbx", "received_at": clock.now(), "payload": WORDS}
    refused = Inbox.objects.create(external_id="1", done_at=clock.now(), error="kind", **made)
    waiting = Inbox.objects.create(external_id="2", **made)
    time.forward(7 * DAY - 60)
    assert erase_expired(actor=SETUP)["inbox"] == 0
    time.forward(120)
    assert erase_expired(actor=SETUP)["inbox"] == 1
    refused.refresh_from_db()
    waiting.refresh_from_db()
    assert (refused.payload, refused.error) == ("", "kind")
    assert waiting.payload == WORDS
    assert journal() == ["personal.erased"]


def test_a_case_that_is_tied_to_a_court_is_not_erased_until_it_is_free(
    rang: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    boss = actor("supervisor")
    kept, other = rang("emergency"), rang("emergency", "081299990000")
    for call in (kept, other):
        finish(call, boss)
    incident = Incident.objects.get(pk=kept.incident_id)
    with pytest.raises(Invalid):
        personal.hold(incident, "because", actor=boss)
    personal.hold(incident, "court", actor=boss, case=f"incident:{incident.pk}")
    time.forward(2000 * DAY)
    erase_expired(actor=SETUP)
    assert (number_of(kept), number_of(other)) == ("+6281298765432", "")
    assert words_about(kept) and not words_about(other)
    personal.lift_hold(incident, actor=boss)
    erase_expired(actor=SETUP)
    assert number_of(kept) == "" and not words_about(kept)
    kinds = Journal.objects.filter(kind__startswith="personal.").values_list("kind", flat=True)
    assert {"personal.hold", "personal.lift"} <= set(kinds)


def test_a_hold_keeps_what_was_merged_with_the_incident(
    rang: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    boss = actor("supervisor")
    first, second = rang("emergency"), rang("emergency", "081299990000")
    assert first.incident_id and second.incident_id
    incidents.merge_incident(second.incident_id, first.incident_id, actor=boss)
    finish(first, boss)
    personal.hold(Incident.objects.get(pk=second.incident_id), "audit", actor=boss)
    time.forward(2000 * DAY)
    erase_expired(actor=SETUP)
    assert all(number_of(call) and words_about(call) for call in (first, second))


def test_a_caller_who_is_held_keeps_number_and_words(
    rang: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    call, other = rang("prank"), rang("prank", "081299990000")
    personal.hold(Contact.objects.get(pk=call.contact_id), "police", actor=actor("administrator"))
    time.forward(2000 * DAY)
    erase_expired(actor=SETUP)
    assert (number_of(call), number_of(other)) == ("+6281298765432", "")
    assert words_about(call) and not words_about(other)


@pytest.mark.parametrize("role", ["call_taker", "dispatcher", "evaluator"])
def test_a_hold_is_not_everybodys(
    role: str, rang: Callable[..., Call], actor: Callable[[str], Actor]
) -> None:
    caller = Contact.objects.get(pk=rang("prank").contact_id)
    for change in (
        lambda: personal.hold(caller, "police", actor=actor(role)),
        lambda: personal.lift_hold(caller, actor=actor(role)),
    ):
        with pytest.raises(Forbidden):
            change()


def test_holds_are_made_and_lifted_on_their_page(
    rang: Callable[..., Call], browser_of: Callable[[str | None], Client]
) -> None:
    call = rang("emergency")
    boss, admin = browser_of("supervisor"), browser_of("administrator")
    form = {"what": "incident", "number": call.incident_id, "reason": "court"}
    assert boss.post("/holds/add", form | {"reason": ""}).status_code == 400
    assert boss.post("/holds/add", form)["Location"] == "/holds"
    assert boss.post("/holds/add", form | {"what": "call", "number": call.pk}).status_code == 302
    page = admin.get("/holds")
    assert page.text.count("Perkara pengadilan</td>") == 2 and NUMBER[1:] not in page.text
    for what, number in (("incident", call.incident_id), ("call", call.pk)):
        assert admin.post("/holds/lift", {"what": what, "number": number}).status_code == 302
    assert "Perkara pengadilan</td>" not in admin.get("/holds").text
    assert boss.post("/holds/lift", {"what": "incident", "number": "²"}).status_code == 400
    nobody = rang("silent", None)
    unknown = {"what": "call", "number": nobody.pk, "reason": "court"}
    assert boss.post("/holds/add", unknown).status_code == 400


def test_each_erasing_says_in_the_journal_what_and_how_many(
    rang: Callable[..., Call], time: clock.Frozen
) -> None:
    for n in range(3):
        rang("prank", f"08129876543{n}")
    time.forward(2000 * DAY)
    erase_expired(actor=SETUP)
    rows = Journal.objects.filter(kind="personal.erased").order_by("seq")
    assert [r.body for r in rows] == [{"what": "contact", "count": 3}, {"what": "text", "count": 3}]


def test_nothing_to_erase_leaves_no_row(journal: Callable[[], list[str]]) -> None:
    assert erase_expired(actor=SETUP) == gone(contact=0, text=0)
    assert journal() == []


def test_looking_at_a_persons_data_is_on_record(
    actor: Callable[[str], Actor], ring: Callable[..., Call]
) -> None:
    call = ring()
    personal.opened(f"call:{call.pk}", screen="history", actor=actor("supervisor"))
    row = Journal.objects.order_by("seq").last()
    assert row is not None
    assert (row.kind, row.subject, row.body) == (
        "person.opened",
        f"call:{call.pk}",
        {"screen": "history"},
    )


def test_a_text_that_is_far_too_long_is_refused_with_its_size(
    actor: Callable[[str], Actor], answered: Callable[..., Call]
) -> None:
    with pytest.raises(SigapError) as refusal:
        calls.close_call(answered().pk, "silent", actor=actor("call_taker"), note="x" * 1_000_000)
    assert refusal.value.code == "too_long"


def test_an_empty_text_is_no_text() -> None:
    with transaction():
        assert personal.keep("call:1", "note", " \n\x00 ", actor=SETUP) is None


def test_the_people_and_units_of_the_canaries_exist() -> None:
    assert set(Role) == set(User.objects.values_list("username", flat=True))
    assert Unit.objects.filter(call_sign__in=["AMB-01", "AMB-02", "AMB-03", "POL-01"]).count() == 4
