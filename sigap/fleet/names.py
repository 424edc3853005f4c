"""What people call equipment, what checks find, and how hospitals are, in their language."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sigap.core.names import named

from .models import EquipmentKind


def item_names() -> dict[str, str]:
    """The names of the kinds of equipment."""
    return {kind.code: named(kind) for kind in EquipmentKind.objects.all()}


def why_names() -> dict[str, str]:
    """What is the matter with a thing that a unit carries."""
    return {
        "failed": _("failed"),
        "missing": pgettext("equipment", "missing"),
        "expired": _("expired"),
        "overdue": _("check overdue"),
        "unchecked": _("not checked yet"),
    }


def receiving_names() -> dict[str, str]:
    """Whether a hospital receives patients."""
    return {
        "receiving": _("Receives"),
        "limited": _("Receives, but not all"),
        "refusing": _("Does not receive"),
        "diverted": _("Diversion"),
        "unknown": pgettext("hospital", "Not known"),
    }


def bed_names() -> dict[str, str]:
    """The kinds of beds that are counted."""
    return {
        "ed": _("Emergency department"),
        "icu": _("Intensive care"),
        "general": _("General wards"),
    }
