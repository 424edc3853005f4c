"""Reads that every room needs."""

from typing import TypeVar

from django.db import models
from django.utils.translation import gettext as _

from .errors import Missing
from .models import Deployment

M = TypeVar("M", bound=models.Model)


def fetch(rows: type[M] | models.QuerySet[M], **key: object) -> M:
    """The one row with this key; Missing (404) instead of an exception of the database.

    Give a queryset where related rows are wanted with it.
    """
    queryset = rows if isinstance(rows, models.QuerySet) else rows._default_manager.all()
    try:
        return queryset.get(**key)
    except (queryset.model.DoesNotExist, ValueError, OverflowError):
        raise Missing(
            _("Not found: %(what)s") % {"what": queryset.model._meta.verbose_name}
        ) from None


def deployment() -> Deployment | None:
    """Which city this database serves; None before `sigap setup`."""
    return Deployment.objects.first()
