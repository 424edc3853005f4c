"""The city's own choices: its deployment, its numbers, and every record it may edit."""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import ProtectedError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .. import clock, parameters
from ..actors import Actor, Permission
from ..errors import Invalid, Missing, Refused
from ..journal import record, subject_of
from ..kinds import ConfigChanged, ConfigRemoved, Deployed, ParameterChanged
from ..models import Deployment, Parameter
from ..remembered import reconfigures
from ..transaction import transaction

M = TypeVar("M", bound=models.Model)


def deploy(*, city: str, name: str, pack: dict[str, Any], drill: bool, actor: Actor) -> Deployment:
    """Say once, as the first journal row, which city this database serves.

    A database that is a drill's stays one: its figures never become the city's.
    """
    with transaction():
        if Deployment.objects.exists():
            raise Invalid(_("This database already serves a city."), code="deployed")
        reconfigures()
        deployment = Deployment.objects.create(
            city=city, name=name, pack=pack, drill=drill, created_at=clock.now()
        )
        record(
            "deployment.created",
            subject=subject_of(deployment),
            actor=actor,
            body=Deployed(city=city, drill=drill),
        )
        return deployment


def define(model: type[M], *, key: dict[str, Any], actor: Actor, **fields: Any) -> M:
    """Make the record found by `key`, or change it where it differs; checked as a whole.

    Used by city packs and by the administration screens alike. The journal names the
    fields that changed, not their values. Raises Invalid with the fields that are wrong.
    """
    actor.require(Permission.ADMINISTER)
    with transaction():
        row = model._default_manager.filter(**key).first() or model(**key)
        fresh = row.pk is None or row._state.adding
        changed = sorted(n for n, v in fields.items() if fresh or getattr(row, n) != v)
        if not changed and not fresh:
            return row
        reconfigures()
        for name, value in fields.items():
            setattr(row, name, value)
        try:
            row.full_clean()
        except ValidationError as error:
            raise Invalid(
                "; ".join(f"{k}: {' '.join(v)}" for k, v in error.message_dict.items()),
                code="fields",
                fields=error.message_dict,
            ) from error
        row.save()
        record(
            "config.changed",
            subject=subject_of(row),
            actor=actor,
            body=ConfigChanged(fields=changed),
        )
        return row


def remove(row: models.Model, *, code: str = "", actor: Actor) -> None:
    """Remove a record that nothing refers to; Refused where something does.

    `code` is what the record was known by, since its number says nothing once it is gone.
    """
    actor.require(Permission.ADMINISTER)
    with transaction():
        reconfigures()
        subject = subject_of(row)
        try:
            row.delete()
        except ProtectedError as error:
            raise Refused(_("Other records still use this; it cannot be removed.")) from error
        record("config.removed", subject=subject, actor=actor, body=ConfigRemoved(code=code))


def set_parameter(name: str, value: float, *, actor: Actor) -> None:
    """Set one of the numbers of `core.parameters`; Invalid outside its bounds."""
    actor.require(Permission.ADMINISTER)
    known = parameters.PARAMETERS.get(name)
    if known is None:
        raise Missing(_("No such setting: %(name)s") % {"name": name})
    if not known.low <= value <= known.high:
        raise Invalid(
            _("%(what)s: the number must lie between %(low)s and %(high)s.")
            % {
                "what": capfirst(_(known.what)),
                "low": parameters.as_written(known.low),
                "high": parameters.as_written(known.high),
            }
        )
    with transaction():
        reconfigures()
        before = parameters.value(name)
        Parameter.objects.update_or_create(name=name, defaults={"value": value})
        record(
            "parameter.changed",
            subject=f"parameter:{name}",
            actor=actor,
            body=ParameterChanged(before=before, after=value),
        )
