"""Personal data as it is understood: telephone numbers and typed words.

It is written and erased by `core.actions.personal` only.
"""

import hashlib
import hmac
import re
from urllib.parse import unquote

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext as _

from .errors import Invalid

MAX_TEXT = 4000
ORDINARY = (
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)
MOBILE = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)
MOST_NUMBER = 20  # characters that are kept of one
HERE = "ID"  # whose numbers need no country code
# What exchanges send when a caller withholds the number or has no SIM.
NO_NUMBER = {"", "anonymous", "unknown", "unavailable", "private", "restricted", "none", "null"}
LETTERS = re.compile(r"[a-z]", re.IGNORECASE)
# "Name" <number>, as exchanges write it.
NAMED = re.compile(r"<([^<>]*)>")
# So many digits in a row are a number, whatever words stand around them.
LONG = re.compile(r"\d(?:[ .\-/()]?\d){6,}")
# A caller id that begins so, however it goes on ("anonymous1@host"), is nobody's.
WITHHELD = re.compile("|".join(sorted(filter(None, NO_NUMBER))), re.IGNORECASE)
# What follows a number: a second one, parameters, an extension.
BEHIND = re.compile(r"[;,]|\bext", re.IGNORECASE)
# The user part of "name" <sip:number@host;parameters>, as SIP exchanges send it.
SIP = re.compile(r"(?:^|<)\s*(?:sips?|tel):(?P<user>[^@;>]*)", re.IGNORECASE)


def normal_number(number: str | None) -> str:
    """A telephone number as +62…, a short code as it is, or "" for none.

    A number that cannot be understood is kept as its digits: a strange caller id is
    no reason to lose who called.
    """
    given = (number or "").strip()
    if sip := SIP.search(given):
        given = unquote(sip["user"]).strip()
    elif named := NAMED.search(given):
        given = named[1].strip()
    if not given or WITHHELD.match(given):
        return ""
    given = BEHIND.split(given)[0]
    if len(LETTERS.findall(given)) > sum(c.isdigit() for c in given) and not LONG.search(given):
        return ""  # words with a figure in them
    # The library would read letters as the keys of a telephone: "abc" as 222.
    given = LETTERS.sub("", given)
    try:
        parsed = phonenumbers.parse(re.sub(r"^00(?=62)", "+", given), HERE)
        # Neither a short code (119) nor a number without its area code is one of the world's.
        possible = phonenumbers.ValidationResult.IS_POSSIBLE
        if phonenumbers.is_possible_number_with_reason(parsed) == possible:
            world = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            return "" if is_nobody(world) else world
    except phonenumbers.NumberParseException:
        pass
    digits = "".join(c for c in given if c.isascii() and c.isdigit())[:MOST_NUMBER]
    return "" if is_nobody(digits) else digits


def is_unclear_number(text: str) -> bool:
    """Whether something stands there that is neither a number as it is nor a word for none."""
    text = text.strip()
    return text.lower() not in NO_NUMBER and bool(
        LETTERS.search(text) or not normal_number(text) or len(text) > MOST_NUMBER
    )


def spoken_number(number: str) -> str:
    """The number as people here say and read it, 0812-3456-7890; one that cannot be
    understood as it is."""
    if not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_out_of_country_calling_number(parsed, HERE)


def is_ordinary_number(number: str) -> bool:
    """Whether it is a fixed or mobile number of this country: any caller may show any other, and
    whoever rings it back by itself could be made to pay for it, or to ring itself."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    here = phonenumbers.region_code_for_country_code(parsed.country_code or 0) == HERE
    return here and phonenumbers.number_type(parsed) in ORDINARY


def is_mobile_number(number: str) -> bool:
    """Whether it is a mobile number of this country."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return is_ordinary_number(number) and phonenumbers.number_type(parsed) in MOBILE


def is_nobody(digits: str) -> bool:
    """Whether the digits are a filling (0000000000) that exchanges send for many callers: as
    a number it would make them all one person."""
    return set(digits.lstrip("+").removeprefix("62")) <= {"0"}


def number_key(number: str) -> str:
    """The keyed hash under which a number is found again, also after it was erased."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"contact:" + number.encode(), hashlib.sha256).hexdigest()


def source_key(source: str, external_id: str) -> str:
    """A keyed hash that names a row of an older system in the journal: its identity there
    may hold a number or a name."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"import:{source}:{external_id}".encode(), hashlib.sha256).hexdigest()


def clean(body: str, most: int = MAX_TEXT) -> str:
    """`body` without control characters and outer blanks; Invalid when it is too long."""
    body = "".join(c for c in body if c.isprintable() or c in "\n\t").strip()
    if len(body) > most:
        raise Invalid(
            _("The text is too long: %(n)d of at most %(max)d characters.")
            % {"n": len(body), "max": most},
            code="too_long",
        )
    return body
