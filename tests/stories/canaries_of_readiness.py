"""Every action on equipment and hospitals once, with canaries wherever somebody could type."""

from datetime import date, timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor
from sigap.dispatch import actions as dispatch
from sigap.fleet import actions as fleet
from sigap.fleet.models import Agency, EquipmentKind, Hospital, Post
from sigap.incidents.actions import open_incident

from .canaries import NUMBER, PLACE, SETUP, WORD, WORDS, tried
from .readiness import checked, findings, piece

BAPTIS = "rs_baptis"


def equipment_and_hospitals(crew: Actor, admin: Actor, sender: Actor) -> None:
    """What is listed, checked, found wanting and mended; beds, a diversion, a transport."""
    what_is_listed(admin)
    what_is_checked(crew)
    what_hospitals_say(sender)
    where_a_unit_drives(sender)
    where_a_unit_waits(sender)
    fleet.mind_readiness(actor=SETUP)
    fleet.erase_old_notes(actor=SETUP)


def where_a_unit_waits(sender: Actor) -> None:
    for wrong in (WORD, WORDS):
        named = fleet.Proposed(wrong, WORDS, PLACE["lat"], PLACE["lng"], wrong, 10, 1)
        tried(fleet.answer_move_up, "AMB-02", named, accepted=True, actor=sender)
    there = fleet.Proposed("post.psc119_pakunden", WORDS, PLACE["lat"], PLACE["lng"], "bls", 10, 1)
    fleet.answer_move_up("AMB-02", there, accepted=False, actor=SETUP)
    fleet.answer_move_up("AMB-02", there, accepted=True, actor=SETUP)
    fleet.move_back("AMB-02", actor=SETUP)


def what_is_listed(admin: Actor) -> None:
    named: dict[str, Any] = {"name": WORDS, "name_en": WORDS, "carried_by": ["bls"]}
    fleet.define_kind(EquipmentKind, key={"code": "blanket"}, actor=admin, **named)
    tried(fleet.define_kind, EquipmentKind, key={"code": WORDS}, actor=admin, **named)
    fleet.equip(actor=admin)
    owner = Agency.objects.get(code="psc119")
    define(Post, key={"code": "p1"}, actor=admin, name=WORDS, place=WORDS, agency=owner, **PLACE)
    house = {"name": WORDS, "place": WORDS, "phone": NUMBER, "specialties": [WORDS], **PLACE}
    tried(define, Hospital, key={"code": "h1"}, actor=admin, **house)
    define(Hospital, key={"code": "h1"}, actor=admin, **(house | {"specialties": ["stroke"]}))


def what_is_checked(crew: Actor) -> None:
    for wrong in (f"failed:{WORD}", f"failed:{WORDS}", f"{WORD}:broken"):
        tried(checked, "AMB-01", crew, aed=wrong)
    sheet: dict[str, Any] = {"actor": crew, "external_id": WORD, "note": WORDS}
    tried(fleet.check_unit, "AMB-01", findings("AMB-01"), source=WORD, **sheet)
    fleet.check_unit("AMB-01", findings("AMB-01", aed="failed:broken"), source="crew", **sheet)
    tried(fleet.check_unit, WORD, findings("AMB-01"), source="crew", **sheet)
    aed = piece("AMB-01", "aed")
    fleet.change_equipment(aed.pk, label=WORDS, expires_on=date(2099, 1, 1), actor=crew)


def what_hospitals_say(sender: Actor) -> None:
    fleet.count_beds(BAPTIS, {"ed": (1, 2)}, actor=sender)
    tried(fleet.count_beds, BAPTIS, {WORD: (1, 2)}, actor=sender)
    until = clock.now() + timedelta(hours=1)
    for wrong in (WORD, WORDS):
        tried(fleet.say_receiving, BAPTIS, wrong, actor=sender)
        tried(fleet.say_receiving, BAPTIS, "limited", refused=[wrong], actor=sender)
        tried(fleet.divert, BAPTIS, reason=wrong, until=until, actor=sender)
        tried(fleet.divert, wrong, reason="ed_full", until=until, actor=sender)
    fleet.say_receiving("h1", "limited", refused=["stroke"], actor=sender)
    fleet.divert(BAPTIS, reason="ed_full", until=until, actor=sender)


def where_a_unit_drives(sender: Actor) -> None:
    incident = open_incident("kecelakaan_lalin", actor=sender, address=WORDS, **PLACE)
    (job,) = dispatch.send_units(incident.pk, ["AMB-04"], actor=sender, confirmed=True)
    for command in ("acknowledge", "depart", "arrive"):
        dispatch.step(job.pk, command, source="dispatcher", actor=sender)
    where: dict[str, Any] = {"source": "dispatcher", "actor": sender}
    tried(dispatch.step, job.pk, "transport", destination=WORD, **where)
    dispatch.step(job.pk, "transport", destination=BAPTIS, **where)
    tried(dispatch.choose_destination, job.pk, WORDS, actor=sender)
    dispatch.choose_destination(job.pk, "h1", actor=sender)
