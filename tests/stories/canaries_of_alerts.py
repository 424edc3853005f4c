"""Every action of alerts once, with canaries wherever somebody could type."""

from datetime import timedelta

from sigap.calls import actions as calls
from sigap.core import clock
from sigap.core.actions.accounts import change_user
from sigap.core.actors import Actor, Role, of_user
from sigap.core.models import User
from sigap.dispatch.actions import cancel_assignment, send_units
from sigap.dispatch.models import Assignment
from sigap.fleet.actions import set_duty
from sigap.fleet.models import Agency
from sigap.incidents.actions import open_incident
from sigap.notify import actions as alerts
from sigap.notify.models import Alert, Delivery, Notice

from .alerting import WORKER, Far, crew, far_ends
from .canaries import NUMBER, PLACE, WORD, WORDS, tried

UNIT = "AMB-03"
PLACE_OF_MAP = {"lat": -7.82, "lng": 112.01, "location_source": "map"}
ENDPOINT = f"https://fcm.googleapis.com/{WORD}"


def a_day_of_alerts(time: clock.Frozen, boss: Actor) -> None:
    """People are on duty, are alerted by every channel, answer or do not, and are forgotten."""
    ani = crew("ani-kenari", WORKER, unit=UNIT)
    change_user(ani, name=WORDS, actor=WORKER)
    agency = Agency.objects.get(code="psc119")
    head = Actor("user:1", of_user(_of(Role.AGENCY_HEAD)).permissions, agency="psc119", user_id=1)
    with far_ends() as far:
        duties(ani, head)
        addresses(far, ani, agency, head)
        jobs(far, time, ani, boss)
        callers_are_told(time, boss)
    change_user(ani, is_active=False, actor=WORKER)
    alerts.forget_addresses(actor=WORKER)


def callers_are_told(time: clock.Frozen, boss: Actor) -> None:
    """That help comes and how it ended, by a gateway that is away at first."""
    alerts.follow_cases(actor=WORKER)
    call = calls.enter_call(actor=boss, number=NUMBER, note=WORDS)
    incident = open_incident("ambulans", address=WORDS, actor=boss, **PLACE_OF_MAP)
    calls.link_call(call.pk, incident.pk, actor=boss)
    alerts.link_of(incident)
    send_units(incident.pk, ["AMB-04"], actor=boss, choice="radio", confirmed=True)
    alerts.follow_cases(actor=WORKER)
    [notice] = alerts.claim_notices(actor=WORKER)
    alerts.note_notice(notice.pk, "unreachable", again=True, actor=WORKER)
    time.forward(120)
    alerts.claim_notices(actor=WORKER)
    alerts.note_notice(notice.pk, "", actor=WORKER)
    # As if it had gone by WhatsApp, which says that it cannot.
    Notice.objects.filter(pk=notice.pk).update(channel="whatsapp")
    alerts.note_notice_receipt(notice.pk, "failed", "whatsapp_131026", actor=WORKER)
    alerts.claim_notices(actor=WORKER)
    alerts.note_notice_receipt(notice.pk, "delivered", WORD, actor=WORKER)


def duties(ani: User, head: Actor) -> None:
    """Entered, begun, ended and taken out; by a wrong name too."""
    now, own = clock.now(), of_user(ani)
    hours = {"starts_at": now, "ends_at": now + timedelta(hours=8)}
    tried(alerts.enter_duty, ani.pk, call_sign=WORDS, **hours, actor=head)
    alerts.enter_duty(ani.pk, call_sign=UNIT, **hours, actor=head)
    later = {"starts_at": now + timedelta(hours=9), "ends_at": now + timedelta(hours=10)}
    alerts.remove_duty(
        alerts.enter_duty(ani.pk, call_sign=UNIT, **later, actor=head).pk, actor=head
    )
    alerts.begin_duty(actor=own)
    alerts.end_duty(actor=own)
    alerts.begin_duty(actor=own)
    for on_duty in (False, True):
        set_duty(UNIT, on_duty=on_duty, actor=own)
        alerts.follow_jobs(actor=WORKER)


def addresses(far: Far, ani: User, agency: Agency, head: Actor) -> None:
    """Phones, numbers, screens and channels."""
    tried(alerts.set_phone, ani, WORDS, actor=WORKER)
    alerts.set_phone(ani, NUMBER, actor=WORKER)
    alerts.add_device(ENDPOINT, WORD, WORD, WORDS, actor=of_user(ani))
    alerts.remove_device(ENDPOINT, actor=of_user(ani))
    far.phone_of(ani, WORD)
    alerts.note_screen("station", actor=of_user(ani))
    alerts.note_screen("board", actor=head)
    tried(alerts.set_channels, agency, [WORD, WORDS], actor=head)
    alerts.set_channels(agency, ["push", "station", "sms", "voice"], actor=head)


def jobs(far: Far, time: clock.Frozen, ani: User, boss: Actor) -> None:
    """One that nobody takes, one taken at the station, tests, and receipts of all sorts."""
    far.pushes.faults.answers.extend([(500, {"X-Word": WORDS})] * 4)
    _send(boss)
    for _minute in range(6):
        far.work()
        alerts.mind_channels(actor=WORKER)
        time.forward(60)
    for status in ("sent", "delivered", "read", "failed", "acknowledged", WORD, WORDS):
        for delivery in Delivery.objects.all():
            alerts.note_receipt(f"d{delivery.pk}", status, external=WORDS, actor=WORKER)
    for sent in Assignment.objects.filter(unit__call_sign=UNIT, state="notified"):
        cancel_assignment(sent.pk, reason="not_needed", actor=boss)
    far.work()
    alerts.note_screen("station", actor=of_user(ani))
    _send(boss)
    far.work()
    alert = Alert.objects.filter(cause="assignment").latest("pk")
    alerts.take_from_screen(alert.pk, actor=of_user(ani))
    far.work()
    nobody_and_a_call(far, time, boss)
    alerts.try_person(ani.pk, actor=of_user(ani))
    test = alerts.try_unit(UNIT, actor=of_user(_of(Role.AGENCY)))
    far.work()
    alerts.acknowledge_alert(test.pk, how="station", actor=of_user(ani))


def nobody_and_a_call(far: Far, time: clock.Frozen, boss: Actor) -> None:
    """Every channel refuses; and a call that is answered by a key."""
    time.forward(600)
    far.pushes.browsers[WORD].gone = 410
    far.texts.faults.answers.extend([422, 422])
    _send(boss)
    for _round in range(3):
        far.work()
    time.forward(600)
    far.texts.faults.answers.append(422)
    _send(boss)
    for _round in range(3):
        far.work()
    call = Delivery.objects.filter(channel="voice", state="sent").latest("pk")
    alerts.note_receipt(f"d{call.pk}", "acknowledged", actor=WORKER)


def _send(boss: Actor) -> None:
    incident = open_incident(
        "kecelakaan_lalin", address=WORDS, reporter=WORDS, actor=boss, priority=1, **PLACE
    )
    send_units(incident.pk, [UNIT], choice="radio", confirmed=True, actor=boss)


def _of(role: Role) -> User:
    return User.objects.get(username=role.value)
