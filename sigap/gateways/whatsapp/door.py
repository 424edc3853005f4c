"""The way in for WhatsApp: who may come in, and one letter of each message that is brought."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl

from .parts import MOST_NAME, clean, listed, object_of

# One delivery may hold a thousand messages; Meta says that it is never larger.
MOST_BYTES = 3 * 1024 * 1024
SIGNATURE = b"x-hub-signature-256"


def challenge(query: bytes, verify_token: str) -> str | None:
    """What to echo to whoever sets the webhook up; None unless they know the verify token."""
    asked = dict(parse_qsl(query.decode("latin-1")))
    given = asked.get("hub.verify_token", "").encode()
    right = hmac.compare_digest(given, verify_token.encode()) and bool(verify_token)
    return (
        asked.get("hub.challenge", "") if right and asked.get("hub.mode") == "subscribe" else None
    )


def is_signed(body: bytes, given: bytes, app_secret: str) -> bool:
    """Whether Meta sent exactly these bytes."""
    right = b"sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest().encode()
    return bool(app_secret) and hmac.compare_digest(given.strip().lower(), right)


def letters_in(body: bytes) -> list[tuple[str, str]]:
    """What one delivery of Meta's holds, as external id and payload of each letter. Raises
    ValueError for what is not JSON; anything else that was signed is kept in some form."""
    envelope = json.loads(body)
    letters = []
    for entry in listed((object_of(envelope) or {}).get("entry")):
        for change in listed(entry.get("changes")):
            letters += _letters_of(change)
    return letters or [_noted("unknown", envelope)]


def _letters_of(change: dict[str, Any]) -> list[tuple[str, str]]:
    value = object_of(change.get("value")) or {}
    around = {"number_id": (object_of(value.get("metadata")) or {}).get("phone_number_id", "")}
    contacts = listed(value.get("contacts"))
    letters = []
    for message in listed(value.get("messages")):
        contact = _contact_of(message, contacts)
        letter = _dumped({"message": message, "contact": contact} | around)
        letters.append((_once(message.get("id"), letter), letter))
    for status in listed(value.get("statuses")):
        contact = _contact_of(status, contacts)
        letter = _dumped({"status": status, "contact": contact} | around)
        wamid, word = clean(status.get("id")), clean(status.get("status"))
        letters.append((_once(f"{wamid}:{word}" if wamid and word else "", letter), letter))
    if not letters:
        letters.append(_noted(clean(change.get("field"), MOST_NAME) or "unknown", value))
    return letters


def _noted(field: str, value: Any) -> tuple[str, str]:
    letter = _dumped({"notice": field, "value": value})
    return _once("", letter), letter


def _dumped(letter: dict[str, Any]) -> str:
    # ASCII only: what no database takes (NUL, half of an emoji) stays escaped.
    return json.dumps(letter, separators=(",", ":"))


def _once(given: Any, letter: str) -> str:
    """What makes a repeat known again: Meta's id, or the letter itself where it has none. As a
    hash: in Meta's id the telephone number can be read, and this is kept for good."""
    name = given if isinstance(given, str) else ""
    return "sha256:" + hashlib.sha256((name or letter).encode("utf-8", "replace")).hexdigest()


def _contact_of(part: dict[str, Any], contacts: list[dict[str, Any]]) -> dict[str, Any]:
    """Who of several wrote this message, or got this one."""
    own = _names(part, "from", "from_user_id", "recipient_id", "recipient_user_id")
    for contact in contacts:
        if _names(contact, "user_id", "wa_id") & own:
            return contact
    return contacts[0] if len(contacts) == 1 and not own else {}


def _names(part: dict[str, Any], *fields: str) -> set[str]:
    given = (part.get(field) for field in fields)
    return {name for name in given if isinstance(name, str) and name}
