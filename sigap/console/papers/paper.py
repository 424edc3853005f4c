"""What all case files are made of: the record's rows in words, and the proof of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext as _

from sigap.calls.queries import hidden_listening
from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.days import day_heads, proof_of, rows_of
from sigap.core.models import Journal, Text, User
from sigap.core.queries import city_zone, deployment
from sigap.incidents.models import IncidentType

from ..casefile import told
from ..rows import Row
from ..words import Words

FORMAT = "sigap-case-1"
# "full" for those who may open the case; "release" for anybody.
Edition = Literal["full", "release"]
# Of these only the hash is given out: how somebody was, where a telephone was.
NOT_RELEASED = ("incident.answered", "field.report", "call.located", "call.unlocated")


def paper(
    case: str,
    covers: Sequence[str],
    actor: Actor,
    edition: Edition,
    kind: IncidentType | None = None,
) -> Row:
    """The frame of a case file: its record, proven. `covers` are the cases whose rows are all in
    it; what else is told of the case is added by whoever knows it."""
    served, releases = deployment(), edition == "release"
    rows = rows_of(covers)
    withheld = _withheld(rows, actor, releases=releases)
    shown = [row for row in rows if row.seq not in withheld]
    words = Words(kind, nameless=releases)
    return {
        "format": FORMAT,
        "edition": edition,
        "case": case,
        "covers": list(covers),
        "city": served.name if served else "",
        "drill": bool(served and served.drill),
        "zone": str(city_zone()),
        "printed_at": stamp(clock.now()),
        "printed_by": words.actor(actor.code),
        "timeline": [
            _line(row, line, releases=releases)
            for row, line in zip(shown, told(shown, words=words), strict=True)
        ],
        "heads": _heads_of(rows),
        "proof": proof_of(rows, covers, withheld),
    }


def stamp(at: datetime | None) -> str | None:
    """A time as the record has it."""
    return at.isoformat() if at else None


def said(text: Text | None) -> str:
    """Words as they are shown: erased ones say so."""
    if text is None:
        return ""
    return _("(erased)") if text.erased_at else text.body


def file_line(what: str, pk: int, sha256: str, at: datetime | None, *, erased: bool) -> Row:
    """An attachment by its hash, with which anybody finds out whether a file is the one."""
    return {"what": what, "id": pk, "sha256": sha256, "at": stamp(at), "erased": erased}


def _withheld(rows: Iterable[Journal], actor: Actor, *, releases: bool) -> set[int]:
    """Rows of which only the hash is shown: who listened in, to those who do not see it on
    the screens either; and what is told to nobody outside."""
    sees_all = actor.may(Permission.SUPERVISE) and not releases
    hidden = [] if sees_all else hidden_listening()
    return {
        row.seq
        for row in rows
        if row.body.get("how", "") in hidden or (releases and row.kind in NOT_RELEASED)
    }


def _line(row: Journal, line: Row, *, releases: bool) -> dict[str, Any]:
    """A row of the record: its columns as they are, then what they mean."""
    return {
        "seq": row.seq,
        "at": stamp(row.at),
        "occurred_at": stamp(row.occurred_at),
        "actor": row.actor,
        "kind": row.kind,
        "subject": row.subject,
        "case": row.case,
        "before": row.before,
        "after": row.after,
        "by": line["by"],
        "text": line["text"],
        "note": "" if releases else line["note"] or "",
        "struck": line["struck"],
        "hash": row.hash,
    }


def _heads_of(rows: Sequence[Journal]) -> list[Row]:
    """The published days on which something happened, to be compared with what is published."""
    seqs = [row.seq for row in rows]
    return [
        head
        for head in day_heads()
        if any(head["first_seq"] <= seq <= head["last_seq"] for seq in seqs)
    ]


def name_of(user: User | None, *, releases: bool) -> str:
    """A person of the centre, in what is given out by number only."""
    if user is None:
        return ""
    return _("officer no. %(number)s") % {"number": user.pk} if releases else user.name
