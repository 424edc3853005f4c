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
