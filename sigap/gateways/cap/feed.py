"""The sources of warnings are asked in turn: an index, what it leads to, or a message alone.

The network first, all sources side by side; then what came is read and kept, one by one.
"""

import asyncio
import hashlib
import logging
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from django.db import Error

from sigap.core.actors import Actor
from sigap.core.errors import Busy
from sigap.core.logs import wordless
from sigap.warnings.actions import note_files, note_poll, receive_warning, refuse_warning
from sigap.warnings.actions.sources import Asked
from sigap.warnings.matching import touched_by
from sigap.warnings.models import WarningSource
from sigap.warnings.queries import due_sources, seen_before

from .fetch import Fetched, Fetcher, NotFetched
from .index import links_of
from .parse import BadCap, is_cap, message_of, root_of
from .signature import signed_root

log = logging.getLogger("sigap.warnings")
# Of an index with more messages than this, the rest comes at the next turns.
MOST_FILES = 40
# So many addresses that do not answer, and the source is left alone until its next turn.
MOST_AWAY = 3


@dataclass
class _Turn:
    """What came of one source: its own document, and those that this one leads to."""

    source: WarningSource
    seen: dict[str, tuple[str, str]]
    fault: str = ""
    own: Fetched | None = None
    links: list[str] | None = None
    strange: str = ""  # the first link to a host that is none of the source's
    files: dict[str, Fetched | str] = field(default_factory=dict)  # by address; or the fault


def poll_due(*, actor: Actor, patience: float = 1.0) -> int:
    """Ask all sources whose turn has come. Returns how many messages were new."""
    turns = [_Turn(source, seen_before(source)) for source in due_sources()]
    if not turns:
        return 0
    asyncio.run(_ask_all(turns, patience))
    return sum(_kept(turn, actor) for turn in turns)


async def _ask_all(turns: list[_Turn], patience: float) -> None:
    asked = await asyncio.gather(*(_ask(turn, patience) for turn in turns), return_exceptions=True)
    for turn, fault in zip(turns, asked, strict=True):
        if isinstance(fault, BaseException):
            log.error("source %s: %s", turn.source.pk, wordless(fault))
            turn.own, turn.fault = None, "internal"


def _kept(turn: _Turn, actor: Actor) -> int:
    """What one source sends must not keep the others waiting for ever."""
    try:
        return _keep(turn, actor)
    except (Busy, Error):
        raise  # the database itself: all is asked again
    except Exception as fault:
        log.error("source %s: %s", turn.source.pk, wordless(fault))
        note_poll(turn.source, Asked("internal"), actor=actor)
        return 0


async def _ask(turn: _Turn, patience: float) -> None:
    source = turn.source
    async with Fetcher(source.url, source.hosts, patience=patience) as fetcher:
        try:
            own = await fetcher.fetch(source.url, source.etag, source.modified)
            links = _links(own)
        except (NotFetched, BadCap) as error:
            turn.fault = error.code
            return
        turn.own = own
        if links is not None:
            turn.links = [url for url in links if fetcher.may_follow(url)]
            turn.strange = next((url for url in links if not fetcher.may_follow(url)), "")
        # The new ones first, then those that were not asked for longest.
        wanted = list(turn.seen) if turn.links is None else turn.links
        fresh = [url for url in wanted if url not in turn.seen]
        again = [url for url in turn.seen if url in set(wanted)]
        away = 0
        for url in [*fresh, *again][:MOST_FILES]:
            try:
                turn.files[url] = await fetcher.fetch(url, *turn.seen.get(url, ("", "")))
            except NotFetched as error:
                turn.files[url] = error.code
                away += error.code in ("timeout", "unreachable")
                if away >= MOST_AWAY:
                    break


def _links(own: Fetched) -> list[str] | None:
    """Where an index leads to; None where it is as it was. A message alone leads nowhere."""
    if own.data is None:
        return None
    root = root_of(own.data)
    return [] if is_cap(root) else links_of(root, own.url)


def _keep(turn: _Turn, actor: Actor) -> int:
    """Keep what came, and what is to be said of the source."""
    source, own = turn.source, turn.own
    if own is None:
        refuse_warning(source, turn.fault, url=source.url, actor=actor)
        note_poll(source, Asked(turn.fault), actor=actor)
        return 0
    if turn.strange:
        refuse_warning(source, "other_host", url=turn.strange, actor=actor)
    new, asked = 0, {}
    for url, found in turn.files.items():
        if isinstance(found, str):
            refuse_warning(source, found, url=url, actor=actor)
            asked[url] = Asked(found)
        else:
            asked[url], made = _message(source, url, found, actor)
            new += made
    came = Asked("", own.etag, own.modified)
    if own.data is not None and is_cap(root_of(own.data)):
        came, new = _message(source, source.url, own, actor)
    note_files(source, turn.links, asked, actor=actor)
    note_poll(source, came, actor=actor)
    return new


def _message(source: WarningSource, url: str, found: Fetched, actor: Actor) -> tuple[Asked, int]:
    """Read and keep one message: what to ask with the next time, and whether it is new."""
    if found.data is None:
        return Asked(etag=found.etag, modified=found.modified), 0
    try:
        message = message_of(_root(found.data, source))
    except BadCap as error:
        digest = hashlib.sha256(found.data).hexdigest()
        refuse_warning(source, error.code, url=url, digest=digest, actor=actor)
        return Asked(fault=error.code), 0
    kept = receive_warning(
        source,
        message,
        touched_by(message),
        url=url,
        document=found.data.decode("utf-8", "replace").replace("\0", ""),
        actor=actor,
    )
    return Asked(etag=found.etag, modified=found.modified), int(kept is not None)


def _root(data: bytes, source: WarningSource) -> Element:
    """The message in a document: of a source with a certificate, only what it has signed."""
    return signed_root(data, source.certificate) if source.certificate else root_of(data)
