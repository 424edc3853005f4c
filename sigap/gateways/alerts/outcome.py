"""What a far end says to a message."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass

import aiohttp

from sigap.core.logs import wordless

log = logging.getLogger("sigap.alerts")
MOST_PAUSE_S = 600.0
GONE = (404, 410)


@dataclass(frozen=True)
class Taken:
    """It was taken; `external` is the far end's name for it."""

    external: str = ""


@dataclass(frozen=True)
class Failed:
    """It was not, in the words of `notify.actions.note_failed`."""

    reason: str
    again: bool = True
    after_s: float = 0.0
    gone: bool = False
    down: bool = True


Outcome = Taken | Failed


async def outcome_of(sending: Awaitable[Outcome], what: str) -> Outcome:
    """How the sending of `what` ended. It never raises: the others must be sent."""
    try:
        return await sending
    except TimeoutError:
        return Failed("timeout")
    except (aiohttp.ClientError, OSError):
        return Failed("unreachable")
    except Exception as fault:
        log.error("%s: %s", what, wordless(fault))
        return Failed("fault", again=False)


def of_status(status: int, pause_s: float = 0.0) -> Failed:
    """What an HTTP status means that is not well: too much, a fault over there and a wrong key may
    pass; what is refused otherwise will be refused again."""
    again = status in (401, 403, 408, 425, 429) or status >= 500  # noqa: PLR2004
    return Failed(f"http_{status}", again=again, after_s=pause_s)


def after_s(header: str) -> float:
    """The seconds that a far end asks us to wait, within bounds."""
    return min(float(header), MOST_PAUSE_S) if header.isascii() and header.isdigit() else 0.0
