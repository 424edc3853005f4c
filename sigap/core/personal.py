"""Personal data as it is understood: telephone numbers and typed words.

It is written and erased by `core.actions.personal` only.
"""

import hashlib
import hmac

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext as _

from .errors import Invalid

MAX_TEXT = 4000
# What exchanges send when a caller withholds the number or has no SIM.
NO_NUMBER = {"", "anonymous", "unknown", "unavailable", "private", "restricted", "none", "null"}


def normal_number(number: str | None) -> str:
    """A telephone number as +62…, a short code as it is, or "" for none.

    A number that cannot be understood is kept as its digits: a strange caller id is
    no reason to lose who called.
    """
    given = (number or "").strip()
    if given.lower() in NO_NUMBER:
        return ""
    try:
        parsed = phonenumbers.parse(given, "ID")
        if phonenumbers.is_possible_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass
    return "".join(c for c in given if c.isascii() and c.isdigit())[:20]


def number_key(number: str) -> str:
    """The keyed hash under which a number is found again, also after it was erased."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"contact:" + number.encode(), hashlib.sha256).hexdigest()


def clean(body: str) -> str:
    """`body` without control characters and outer blanks; Invalid when it is too long."""
    body = "".join(c for c in body if c.isprintable() or c in "\n\t").strip()
    if len(body) > MAX_TEXT:
        raise Invalid(
            _("The text is too long: %(n)d of at most %(max)d characters.")
            % {"n": len(body), "max": MAX_TEXT},
            code="too_long",
        )
    return body
