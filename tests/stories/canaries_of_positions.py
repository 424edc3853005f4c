"""Every action of devices and positions once, with canaries wherever somebody could type."""

from datetime import timedelta

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.dispatch import actions as dispatch
from sigap.fleet.models import Unit
from sigap.fleet.positions import actions as positions
from sigap.fleet.positions.judge import Fix

from .canaries import PLACE, WORD, WORDS, tried


def where_units_are(admin: Actor, crew: Actor, sender: Actor) -> None:
    """A tracker is set up and heard, a unit is seen where its job wants it, a track is erased."""
    unit = Unit.objects.get(call_sign="AMB-01")
    for wrong in (WORD, WORDS):
        tried(positions.make_device, unit, kind=wrong, label=wrong, actor=admin)
        tried(positions.make_device, unit, kind="json", identifier=wrong, actor=admin)
    device, _token = positions.make_device(unit, kind="json", label=WORDS[:40], actor=admin)
    positions.renew_device(device.pk, actor=admin)
    dispatch.report_position("AMB-01", -7.82, 112.01, source=WORD[:12], actor=crew)
    place = PLACE["lat"], PLACE["lng"]
    fixes = [Fix(*place, clock.now() - timedelta(seconds=s), 5) for s in (20, 10)]
    dispatch.take_positions([positions.Report(device.pk, unit.pk, fixes, WORD[:12])])
    positions.note_fault([device.pk], WORD[:16])
    for job in unit.assignments.all():
        tried(dispatch.accept_seen, job.pk, WORD, actor=sender)
    dispatch.erase_old_tracks(actor=admin)
    positions.revoke_device(device.pk, actor=admin)
