"""Whom to ask, and what follows from a low mark."""

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from sigap.core import clock
from sigap.core.parameters import value
from sigap.incidents.models import Incident

MOST = 500  # incidents that are looked at


def to_be_asked(known: Q) -> list[Incident]:
    """The incidents that were closed in the last days and whose caller is to be asked, the
    newest first: those of the draw, not asked yet or not reached. `known` says of which ones a
    number is known."""
    since = clock.now() - timedelta(days=value("survey.ask_days"))
    rows: QuerySet[Incident] = Incident.objects.filter(
        known,
        Q(survey=None) | Q(survey__state="asked") | _missed(),
        # Of a false report nobody is asked how it was, nor of an older system's.
        Q(disposition=None) | Q(disposition__valid=True),
        state="closed",
        external_id=None,
        closed_at__gte=since,
    )
    found = rows.select_related("type", "area", "survey").distinct().order_by("-closed_at")[:MOST]
    percent = value("survey.sample_percent")
    return [incident for incident in found if is_drawn(incident.pk, percent)]


def is_drawn(incident_id: int, percent: float) -> bool:
    """Whether an incident is in the sample: by lot that nobody knows before, and that falls the
    same whenever it is asked."""
    key = settings.SECRET_KEY.encode()
    lot = hmac.new(key, f"survey:{incident_id}".encode(), hashlib.sha256).digest()
    return int.from_bytes(lot[:8], "big") < percent / 100 * 2**64


def _missed() -> Q:
    return Q(survey__state="missed", survey__tries__lt=int(value("survey.tries")))
