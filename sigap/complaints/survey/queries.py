"""Whom to ask, and what follows from a low mark."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet

from sigap.core import clock
from sigap.core.models import Contact
from sigap.core.parameters import value
from sigap.core.personal import is_mobile_number
from sigap.incidents.models import Incident

from .models import CaseSurvey

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


def may_answer(survey: CaseSurvey) -> bool:
    """Whether the caller may write how it was, or think better of it."""
    if survey.state != "answered" or survey.answered_at is None:
        return survey.state in ("asked", "missed")
    return clock.now() < survey.answered_at + timedelta(days=value("survey.rate_days"))


def callers_of(incidents: Sequence[int]) -> dict[int, list[Contact]]:
    """Who can be reached about each of these: those who called, in their order, then those who
    complained before it became an incident."""
    people = Contact.objects.exclude(number="")
    found: dict[int, list[Contact]] = {}
    for of, order in (("calls", "calls__began_at"), ("complaints", "complaints__id")):
        # By name: the calls lie beside the complaints.
        rows = people.filter(**{f"{of}__incident__in": list(incidents)})
        for contact in rows.annotate(of=F(f"{of}__incident")).order_by(order, "pk"):
            found.setdefault(contact.of, []).append(contact)
    return found


def mobile_of(incidents: Sequence[int]) -> dict[int, Contact]:
    """The first of them for each incident who may have WhatsApp."""
    found = {}
    for incident, people in callers_of(incidents).items():
        mobile = next((one for one in people if is_mobile_number(one.number)), None)
        if mobile is not None:
            found[incident] = mobile
    return found


def _missed() -> Q:
    # Whom no message reached is rung back, however few attempts there are to be.
    more = Q(survey__tries__lt=int(value("survey.tries"))) | Q(survey__channel="whatsapp")
    return Q(survey__state="missed") & more
