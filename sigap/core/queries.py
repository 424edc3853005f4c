"""Reads that every room needs."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.translation import gettext as _

from .errors import Invalid, Missing
from .models import Deployment, ReasonCode
from .remembered import remembered
from .rows import newest, row

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")


def fetch(rows: type[M] | models.QuerySet[M], **key: Any) -> M:
    """The one row with this key; Missing (404) instead of an exception of the database.

    Give a queryset where related rows are wanted with it.
    """
    try:
        found = rows.filter(**key).get() if isinstance(rows, models.QuerySet) else row(rows, **key)
    except (ObjectDoesNotExist, ValueError, OverflowError):
        found = None
    if found is None:
        model = rows.model if isinstance(rows, models.QuerySet) else rows
        nouns = _nouns()
        what = nouns.get(str(model._meta.model_name), nouns["record"])
        raise Missing(_("Not found: %(what)s") % {"what": what})
    return found


def _nouns() -> dict[str, str]:
    """What people call the records that an address or a command names."""
    return {
        "agency": _("agency"),
        "alarm": _("alarm"),
        "area": _("area"),
        "assignment": _("job"),
        "call": _("call"),
        "capability": _("capability"),
        "category": _("category"),
        "centre": _("neighbouring centre"),
        "complaint": _("complaint"),
        "disposition": _("disposition"),
        "equipment": _("piece of equipment"),
        "hospital": _("hospital"),
        "incident": _("incident"),
        "incidenttype": _("incident type"),
        "landmark": _("landmark"),
        "recording": _("recording"),
        "review": _("drawn call"),
        "unit": _("unit"),
        "user": _("account"),
        "receivedwarning": _("warning"),
        "announcement": _("warning"),
        "record": _("record"),
        "report": _("report"),
    }


def deployment() -> Deployment | None:
    """Which city this database serves; None before `sigap setup`."""
    return newest(Deployment)


@remembered
def city_zone() -> ZoneInfo:
    """The time zone of the city that this database serves."""
    served = deployment()
    return ZoneInfo((served.pack.get("timezone") if served else "") or settings.TIME_ZONE)


def site() -> str:
    """Where citizens reach the site, without a slash at the end."""
    env = settings.ENV
    host = env.allowed_hosts[0]
    given = env.public_url or (f"https://{host}" if env.https else f"http://{host}:{env.port}")
    return str(given).rstrip("/")


def check_reason(purpose: str, code: str) -> None:
    """Raise Invalid unless `code` is one of the city's reasons for this purpose."""
    if not ReasonCode.objects.filter(purpose=purpose, code=code, active=True).exists():
        raise Invalid(_("Choose a reason."), code="reason")


def batched(items: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """`items` in lists that fit into one question to the database."""
    waiting = iter(items)
    while batch := list(islice(waiting, size)):
        yield batch
