"""What the journal and the screens say of equipment, checks and hospitals, in the language of
whoever reads it."""

from django.utils.translation import gettext as _


def readiness_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about them."""
    return {
        "equipment.listed": _("%(unit)s has new equipment on its sheet"),
        "equipment.changed": _("%(unit)s: label or expiry of equipment changed (%(item)s)"),
        "equipment.pass": _("%(unit)s: in order: %(item)s"),
        "equipment.fail": _("%(unit)s: not in order: %(item)s"),
        "equipment.miss": _("%(unit)s: missing: %(item)s"),
        "unit.checked": _("%(unit)s was checked"),
        "unit.blocked": _("%(unit)s is kept back: must-have equipment is not in order"),
        "unit.unblocked": _("%(unit)s may be proposed again: its equipment is in order"),
        "unit.moved_up": _("%(unit)s is to wait at another place for now, as was proposed"),
        "unit.move_up_declined": _("%(unit)s was proposed to wait at another place: declined"),
        "unit.moved_back": _("%(unit)s waits at its own place again"),
        "hospital.receiving": _("%(house)s says whether it receives patients"),
        "hospital.diverted": _("%(house)s lets ambulances go elsewhere"),
        "hospital.beds": _("%(house)s has counted its beds"),
        "assignment.destination": _("%(unit)s: destination %(house)s"),
    }


def destination_reasons() -> dict[str, str]:
    """Why a hospital stands where it does in the list."""
    return {
        "stale": _("said too long ago"),
        "diversion_over": _("the diversion has ended, nobody has said that it receives"),
        "specialty_unknown": _("not known to have this specialty"),
        "specialty_refused": _("does not receive this specialty"),
        "no_point": _("no distance: its point is not known"),
    }
