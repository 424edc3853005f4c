"""Whose words are to be forgotten: what was told between centres goes with the case that it is of,
or as long after it was told where it never became one here."""

from datetime import timedelta

from django.db.models import Q

from sigap.core import clock
from sigap.core.actions.personal import erase_texts
from sigap.core.actors import Actor
from sigap.core.models import Text
from sigap.core.parameters import value
from sigap.core.transaction import transaction
from sigap.incidents.machine import UNFINISHED
from sigap.incidents.queries import held_ids

from .models import Aid, Handover, Share


def erase_told(*, actor: Actor) -> int:
    """Forget what is past its period. Returns how many words."""
    before = clock.now() - timedelta(days=value("personal.ticket_days"))
    with transaction():
        held, subjects = held_ids(), []
        for noun, model in (("handover", Handover), ("aid", Aid), ("share", Share)):
            alive = Text.objects.filter(
                erased_at=None, at__lt=before, subject__startswith=f"{noun}:"
            ).values_list("subject", flat=True)
            ids = [int(subject.partition(":")[2]) for subject in alive.distinct()]
            if not ids:
                continue
            rows = model.objects.filter(pk__in=ids, created_at__lt=before)
            rows = rows.exclude(incident_id__in=held).exclude(
                Q(incident__state__in=UNFINISHED) | Q(incident__closed_at__gte=before)
            )
            if noun == "handover":
                rows = rows.filter(Q(call=None) | Q(call__contact=None) | _free_caller())
            subjects += [f"{noun}:{pk}" for pk in rows.values_list("pk", flat=True)]
        return erase_texts(subjects, actor=actor)


def _free_caller() -> Q:
    return Q(call__contact__legal_hold="")
