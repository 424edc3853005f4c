"""What the journal and the screens say of surveys, low marks and outreach, in the language of
whoever reads it."""

from django.utils.translation import gettext as _


def survey_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about them."""
    return {
        "survey.ask": _("The caller is asked how it was"),
        "survey.ask_again": _("The caller is asked once more"),
        "survey.answer": _("The caller gives a score: %(score)s"),
        "survey.refuse": _("The caller does not want to answer"),
        "survey.miss": _("The caller was not reached for the survey"),
        "follow_up.open": _("Low mark (%(score)s): somebody looks into it"),
        "follow_up.close": _("The low mark was looked into"),
        "ikm.entered": _("An answer to the yearly survey was entered"),
        "ikm.imported": _("Answers to the yearly survey were imported"),
        "ikm.removed": _("An answer to the yearly survey was taken out"),
        "outreach.added": _("An outreach event was noted"),
        "outreach.changed": _("An outreach event was changed"),
        "outreach.removed": _("An outreach event was taken out"),
    }


def material_names() -> dict[str, str]:
    """What they are told about."""
    return {
        "emergency": _("When and how to call 112"),
        "prank": _("What prank calls do"),
        "complaints": _("How to report a complaint"),
        "whatsapp": _("The WhatsApp chat"),
        "first_aid": _("First aid"),
        "fire": _("Fire and how to prevent it"),
        "disaster": _("Disasters and how to prepare"),
    }


def way_names() -> dict[str, str]:
    """By which way a caller is asked."""
    return {"callback": _("by ringing back"), "whatsapp": "WhatsApp"}
