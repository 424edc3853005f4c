"""Which photos of crews are to be forgotten: with the words of their incident (UU 27/2022)."""

from datetime import timedelta

from django.db.models import Q

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.parameters import value
from sigap.core.queries import batched
from sigap.core.vault import remove
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.models import Incident
from sigap.incidents.queries import held_ids

from .actions import erase_photos
from .files import KEPT
from .models import FieldPhoto

# A phone that was offline for longer than this does not go on with what it had begun to send.
COMING = timedelta(days=30)
UNNOTED_S = 2 * 86_400  # a piece whose row was not written


def erase_old_photos(*, actor: Actor) -> int:
    """Forget those whose incident is past its period and tied to no legal case."""
    before = clock.now() - timedelta(days=value("personal.ticket_days"))
    shown = FieldPhoto.objects.filter(erased_at=None).values("assignment__incident")
    over = Q(closed_at__lt=before) | Q(closed_at=None, opened_at__lt=before)
    rows = Incident.objects.filter(over, pk__in=shown).exclude(state__in=UNFINISHED)
    old = set(rows.values_list("pk", flat=True)) - held_ids()
    return erase_photos(sorted(old), actor=actor)


def remove_erased_photos() -> int:
    """Remove the files of what was erased or refused, pieces that are not needed any more, and
    files that nothing notes. Returns how many."""
    gone, now = 0, clock.now()
    for batch in batched(list(KEPT.kept())):
        names = {name.partition("-")[0] for name, _path in batch}
        rows = {row.name: row for row in FieldPhoto.objects.filter(name__in=names)}
        for name, path in batch:
            whole, _dash, piece = name.partition("-")
            row = rows.get(whole)
            if row is None:
                needed = path.stat().st_mtime > now.timestamp() - UNNOTED_S
            elif piece:
                coming = not (row.kept_at or row.refused or row.erased_at)
                needed = coming and row.announced_at > now - COMING
            else:
                needed = row.erased_at is None and not row.refused
            if not needed:
                remove(path)
                gone += 1
    return gone
