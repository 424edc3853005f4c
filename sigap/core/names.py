"""Names for codes, in the language of whoever asks."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .actors import Role
from .models import ReasonCode


def named(row: Any) -> str:
    """The name of a record in the active language; Indonesian where there is no other."""
    if get_language() == "en":
        for field in ("name_en", "text_en"):
            if getattr(row, field, ""):
                return str(getattr(row, field))
    return str(getattr(row, "name", "") or getattr(row, "text", "") or row)


def in_language(row: Any, field: str) -> str:
    """A field that the record has in both languages; Indonesian where the other is empty."""
    english = get_language() == "en" and getattr(row, f"{field}_en")
    return str(english or getattr(row, field))


def role_names() -> dict[Role, str]:
    """What people call each role."""
    return {
        Role.CALL_TAKER: _("Call taker"),
        Role.DISPATCHER: _("Dispatcher"),
        Role.SUPERVISOR: _("Supervisor"),
        Role.AGENCY: _("Agency staff"),
        Role.AGENCY_HEAD: _("Head of an agency"),
        Role.CREW: _("Crew"),
        Role.EVALUATOR: _("Evaluator"),
        Role.ADMINISTRATOR: _("Administrator"),
    }


def reasons(purpose: str) -> list[tuple[str, str]]:
    """The reasons that may be chosen for a purpose: code and name."""
    rows = ReasonCode.objects.filter(purpose=purpose, active=True).order_by("id")
    return [(row.code, named(row)) for row in rows]
