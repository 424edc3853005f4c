"""Names for the codes of complaints, in the language of whoever reads them."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def channel_names() -> dict[str, str]:
    """By which way a complaint came in."""
    return {
        "whatsapp": "WhatsApp",
        "web": _("web page"),
        "open311": _("another program"),
        "call": _("call to 112"),
        "desk": _("written down here"),
        "import": _("older system"),
    }


def class_of_complaint_names() -> dict[str, str]:
    """The classes of SP4N-LAPOR!."""
    return {
        "complaint": pgettext("class", "Complaint"),
        "supervision": _("Complaint that needs supervision"),
        "information": _("Request for information"),
        "aspiration": _("Aspiration"),
    }


def category_group_names() -> dict[str, str]:
    """Groups of categories as people call them; a city may have others."""
    return {
        "infrastructure": _("Roads, lights, drains"),
        "environment": _("Trees, waste, parks"),
        "transport": _("Traffic and parking"),
        "social": _("Social matters"),
        "utility": _("Water, electricity, internet"),
        "education": _("Schools"),
        "health": _("Health"),
        "administration": _("Papers, permits, offices"),
        "order": _("Public order and animals"),
        "economy": _("Markets and work"),
        "other": _("Questions and proposals"),
    }


def group_words(group: str) -> str:
    """One group as people call it."""
    return category_group_names().get(group, group.replace("_", " ").capitalize())


def audience_names() -> dict[str, str]:
    """Whom the city tells about its services."""
    return {
        "rt_rw": "RT/RW",
        "pkk": "PKK",
        "lpmk": "LPMK",
        "karang_taruna": "Karang Taruna",
        "school": _("School"),
        "other": pgettext("audience", "Others"),
    }
