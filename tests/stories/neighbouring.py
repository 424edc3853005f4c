"""A neighbouring centre in a story: what it has agreed with us, and how it speaks."""

import json
from collections.abc import Mapping
from typing import Any

from sigap.core import clock
from sigap.core.actors import system
from sigap.core.inbox import drain
from sigap.core.models import Inbox
from sigap.gateways.eido.door import letter_in, signed, who_sent
from sigap.gateways.hooks import UNDERSTAND
from sigap.neighbours.actions import define_centre
from sigap.neighbours.models import Centre
from sigap.neighbours.queries import secret_of

SETUP = system("setup")
SECRETS = {
    "secret_out": "what-we-sign-with-112",
    "secret_in": "what-they-sign-with-112",
    "access_code": "kode-tautan-9",
}


def agreed(**more: Any) -> Centre:
    """Kabupaten Kediri with all that an administrator enters."""
    fields: dict[str, Any] = {"url": "http://127.0.0.1:9", "phone": "0354112112", **SECRETS}
    return define_centre(Centre, key={"code": "kab_kediri"}, actor=SETUP, **(fields | more))


def arrives(document: Mapping[str, Any] | bytes, centre: str = "kab_kediri") -> Inbox:
    """What that centre sends comes through the door and is understood; the letter that was kept."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    headers = signed(centre, secret_of(centre), body, clock.now())
    assert who_sent(headers, body, clock.now()) == centre
    name, payload = letter_in(body)
    letter, made = Inbox.objects.get_or_create(
        source=f"eido:{centre}",
        external_id=name,
        defaults={"payload": payload, "received_at": clock.now()},
    )
    if made:
        drain(UNDERSTAND)
        letter.refresh_from_db()
    return letter
