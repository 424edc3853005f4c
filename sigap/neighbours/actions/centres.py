"""The neighbouring centres themselves: as an administrator enters them, and how they are."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.journal import record
from sigap.core.machine import change
from sigap.core.transaction import transaction

from ..models import Aid, Centre, Handover, Parcel, Share
from ..seal import sealed
from .steps import body_of, case_of

LEAST = {"secret_out": 16, "secret_in": 16, "access_code": 8}
MOST = 128
# Between attempts, the last for all that follow.
PAUSES_S = (2, 5, 10, 20, 30, 60, 120)
KEPT_ON = timedelta(days=1)
_ABOUT: dict[str, Any] = {"handover": Handover, "aid": Aid, "share": Share}


def define_centre(
    model: type[Centre], *, key: dict[str, Any], actor: Actor, **fields: Any
) -> Centre:
    """Make a centre or change it, as `define` does. A secret is kept encrypted and never shown
    again; one that is left empty stays as it is."""
    for name, least in LEAST.items():
        given = str(fields.pop(name, "") or "").strip()
        if not given:
            continue
        if not least <= len(given) <= MOST or not given.isascii() or not given.isprintable():
            text = _("Letters, digits and signs, %(least)d to %(most)d of them.")
            said = text % {"least": least, "most": MOST}
            raise Invalid(said, code="fields", fields={name: [said]})
        fields[name] = sealed(given)
    return define(model, key=key, actor=actor, **fields)


def heard_of(centre: Centre, *, actor: Actor) -> None:
    """Note that a centre has sent something. A sign of life: not journalled."""
    with transaction():
        Centre.objects.filter(pk=centre.pk).update(heard_at=clock.now())


def note_parcel(parcel_id: int, *, error: str = "", actor: Actor) -> None:
    """Note what became of an attempt to send something: it has arrived, or is sent again later.
    After a day nobody waits for it any more; the centre's fault stands on the screens."""
    with transaction():
        parcel = Parcel.objects.select_related("centre").get(pk=parcel_id)
        now, tries = clock.now(), parcel.tries + 1
        parcel.tries, parcel.error = tries, error[:32]
        if not error:
            parcel.sent_at, parcel.due_at = now, None
            Centre.objects.filter(pk=parcel.centre_id).update(ok_at=now, fault="")
            _delivered(parcel, now, actor)
        else:
            pause = timedelta(seconds=PAUSES_S[min(tries, len(PAUSES_S)) - 1])
            gone = error == "erased" or now - parcel.made_at > KEPT_ON
            parcel.due_at = None if gone else now + pause
            Centre.objects.filter(pk=parcel.centre_id).update(fault_at=now, fault=error[:32])
        parcel.save()


def _delivered(parcel: Parcel, now: datetime, actor: Actor) -> None:
    noun, _colon, key = parcel.about.partition(":")
    row = _ABOUT[noun].objects.select_related("centre").filter(pk=int(key)).first()
    if row is not None and row.ours and row.delivered_at is None:
        change(row, delivered_at=now)
        record(
            f"{noun}.delivered",
            subject=parcel.about,
            case=case_of(row),
            actor=actor,
            body=body_of(row),
        )
