"""Closed roads and measured speeds, with marked words wherever somebody could send some."""

from datetime import timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.places import actions as places
from sigap.places.roads.speeds import Measured, Speeds

from .canaries import SETUP, WORD, WORDS, tried


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
    places.keep_speeds(Measured(Speeds(), 30, 0.2, 0.1), actor=admin)
