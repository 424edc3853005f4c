"""Closed roads, measured speeds, mass events, with marked words wherever some could be sent."""

from datetime import timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.incidents import actions as incidents
from sigap.places import actions as places
from sigap.places.roads.speeds import Measured, Speeds

from .canaries import SETUP, WORD, WORDS, tried


def a_mass_event(incident_id: int, time: clock.Frozen, dispatcher: Actor) -> None:
    """Every action about what waits, what is lacking and where units gather."""
    more: dict[str, Any] = {"actor": dispatcher}
    incidents.park_incident(incident_id, **more)
    time.forward(4000)
    incidents.alarm_parked(actor=SETUP)
    incidents.unpark_incident(incident_id, **more)
    for words in (WORD, WORDS):
        tried(incidents.ask_need, incident_id, words, 3, **more)
    need = incidents.ask_need(incident_id, "boat", 3, **more)
    incidents.meet_need(need.pk, 2, **more)
    incidents.set_staging(incident_id, -7.82, 112.01, **more)


def a_day_on_the_roads(time: clock.Frozen, dispatcher: Actor, admin: Actor) -> None:
    """Every action about roads."""
    at: dict[str, Any] = {"lat": -7.82, "lng": 112.01, "radius_m": 30, "actor": dispatcher}
    for words in (WORD, WORDS):
        tried(places.close_road, **at, reason=words)
    soon = clock.now() + timedelta(minutes=5)
    closure = places.close_road(**at, reason="flood", check_at=soon)
    time.forward(400)
    places.alarm_closures(actor=SETUP)
    later = clock.now() + timedelta(hours=1)
    places.prolong_closure(closure.pk, later, actor=dispatcher)
    places.lift_closure(closure.pk, actor=dispatcher)
    places.note_roads(3, 4, actor=admin)
    minor = incidents.open_incident("pohon_tumbang", priority=3, actor=dispatcher)
    a_mass_event(minor.pk, time, dispatcher)
    places.keep_speeds(Measured(Speeds(), 30, 0.2, 0.1), actor=admin)
