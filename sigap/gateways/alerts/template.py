"""One of the city's approved texts by WhatsApp: it may be sent at any time."""

from collections.abc import Sequence

from ..whatsapp.api import Api
from ..whatsapp.refusals import ACCOUNT, Away, FarEnd, TooOften
from ..whatsapp.say import Template, Unsendable, request
from .outcome import Failed, Outcome, Taken


async def send_template(
    api: Api, name: str, words: Sequence[str], number: str, reference: str
) -> Outcome:
    """Send it to a number, filled in with these words; receipts repeat the reference."""
    if not number:
        return Failed("no_number", again=False, down=False)
    try:
        template = Template(name, "id", words)
        asked = request(template, "", phone=number, reference=reference)
        return Taken(await api.send(asked))
    except Unsendable:
        return Failed("unsendable", again=False, down=False)
    except FarEnd as refused:
        code = f"whatsapp_{refused.code or refused.status}"
        passing = isinstance(refused, Away | TooOften)
        down = not isinstance(refused, TooOften) or refused.code in ACCOUNT
        return Failed(code, again=passing, after_s=refused.after_s, down=down)
