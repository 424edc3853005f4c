"""Links by which a centre without an address, or without its system, reads a record."""

import secrets
from datetime import timedelta

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Missing, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.neighbours import LinkUsed
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.transaction import transaction

from ..models import Between, Handover, Link, Share
from ..queries import is_open, link_of, record_of, record_of_incident
from ..record import Record, only
from ..seal import opened, same
from .steps import case_of


def make_link(row: Handover | Share, *, actor: Actor) -> Link:
    """Make a link to a record; those before it open nothing any more."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        if not row.ours:
            raise Refused(_("That is for the other centre to do."), code="theirs")
        if not row.centre.access_code:
            raise Refused(
                _("The centre has no access code yet; an administrator enters it."), code="code"
            )
        for before in row.links.filter(revoked_at=None):
            _revoke(before, actor)
        share = row if isinstance(row, Share) else None
        until = clock.now() + timedelta(hours=value("neighbours.link_h"))
        link = Link.objects.create(
            handover=None if isinstance(row, Share) else row,
            share=share,
            nonce=secrets.token_hex(16),
            until=share.until if share and share.until else until,
        )
        _note(link, "link.made", actor, until=True)
        return link


def revoke_link(link_id: int, *, actor: Actor) -> Link:
    """Close a link before its time."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        link = fetch(Link.objects.select_related("handover__centre", "share__centre"), pk=link_id)
        if link.revoked_at is None:
            _revoke(link, actor)
        return link


def open_link(token: str, code: str, *, actor: Actor) -> tuple[Between, Record]:
    """What a link shows to whoever knows the centre's code. Each opening is on record, and so is
    each wrong code; of what is over nothing is shown."""
    with transaction():
        link = link_of(token)
        row, now = about(link), clock.now()
        if not is_open(link, now) or not row.centre.active:
            raise Missing(_("This link is over."), code="over")
        known = same(opened(row.centre.access_code), code.strip())
        if known:
            link.opened, link.opened_at = link.opened + 1, now
            link.save(update_fields=["opened", "opened_at"])
        _note(link, "link.opened" if known else "link.refused", actor)
        told = _told(row) if known else None
    if not known:
        raise Forbidden(_("The code is wrong."), code="code")
    if told is None:
        raise Missing(_("This record is not there any more."), code="erased")
    return row, told


def about(link: Link) -> Handover | Share:
    """What a link is to."""
    row = link.handover or link.share
    assert row is not None  # the table's own rule
    return row


def _told(row: Handover | Share) -> Record | None:
    if isinstance(row, Share) and row.incident is not None:
        return only(record_of_incident(row.incident, reference=row.reference), row.parts)
    return record_of(row)


def _revoke(link: Link, actor: Actor) -> None:
    link.revoked_at = clock.now()
    link.save(update_fields=["revoked_at"])
    _note(link, "link.revoked", actor)


def _note(link: Link, kind: str, actor: Actor, *, until: bool = False) -> None:
    row = about(link)
    body = LinkUsed(centre=row.centre.code, link=link.pk, until=link.until if until else None)
    record(kind, subject=subject_of(link), case=case_of(row), actor=actor, body=body)
