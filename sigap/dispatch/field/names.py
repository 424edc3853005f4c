"""What people call the forms of crews and their lines."""

from django.utils.translation import gettext as _

from sigap.core.names import reasons


def form_names() -> dict[str, str]:
    """The forms."""
    return {
        "patients": _("Patients"),
        "action": _("Action taken"),
        "materials": _("Materials used"),
    }


def condition_names() -> dict[str, str]:
    """The conditions of patients, as triage in the field sorts them (START)."""
    return {
        "red": _("Red: in danger of life"),
        "yellow": _("Yellow: badly hurt"),
        "green": _("Green: lightly hurt"),
        "black": _("Black: dead"),
        "refused": _("Refused help"),
    }


# Where the city lists the lines of its forms.
PURPOSES = {"action": "field_action", "materials": "field_material"}


def lines_of(form: str) -> list[tuple[str, str]]:
    """The lines of a form, code and name: those of actions and materials are the city's own."""
    if form == "patients":
        return list(condition_names().items())
    return reasons(PURPOSES.get(form, ""))
