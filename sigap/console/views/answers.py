"""What a command answers."""

from typing import Any

from django.db import models
from django.http import JsonResponse


def changed(row: models.Model, **more: Any) -> JsonResponse:
    """The row that a command made or changed, by its noun, with its new version."""
    noun = row._meta.model_name or ""
    version = getattr(row, "version", None)
    return JsonResponse({"ok": True, noun: row.pk, "version": version} | more)
