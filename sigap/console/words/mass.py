"""What the journal says of mass events, in the language of whoever reads it."""

from django.utils.translation import gettext as _


def mass_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about them."""
    return {
        "incident.parked": _("Put behind the more urgent ones"),
        "incident.unparked": _("Taken up again"),
        "incident.staging": _("Staging area set"),
        "need.asked": _("Needed: %(count)s × %(what)s"),
        "need.met": _("Arrived: %(met)s of %(count)s × %(what)s"),
    }
