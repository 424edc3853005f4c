"""A case file on paper: a tagged PDF (PDF/A-3a) with the same case file as JSON attached to it."""

import json
import re
from datetime import datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.typeset import typeset

from ..rows import Row

TEMPLATE = files("sigap.console") / "templates" / "console" / "casefile.typ"


def as_json(document: Row) -> bytes:
    """The case file as it is given out, and as it is attached to its paper."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def as_pdf(document: Row) -> bytes:
    """The case file on paper. It needs no network and no file: type, words and times are given."""
    inputs = {
        "paper": json.dumps(_paper(document), ensure_ascii=False),
        "document": as_json(document).decode(),
    }
    return typeset(TEMPLATE.read_bytes(), inputs, made=clock.now(), standard="a-3a")


def _paper(document: Row) -> dict[str, Any]:
    """What stands on it, in words."""
    zone = ZoneInfo(document["zone"])
    releases = document["edition"] == "release"

    def at(stamp: str | None) -> str:
        return _at(stamp, zone)

    return {
        "lang": (get_language() or "id")[:2],
        "labels": _labels(),
        "title": document["title"],
        "case": document["case"],
        "city": document["city"],
        "drill": document["drill"],
        "drill_words": _("DRILL: nothing of this happened"),
        "edition": _("edition for release") if releases else _("not for release"),
        "edition_words": _("Without names, numbers and addresses.")
        if releases
        else _("With personal data: for those who may open this case."),
        "zone_words": _("Times are %(zone)s.") % {"zone": f"{clock.now().astimezone(zone):%Z}"},
        "printed": _("printed %(at)s by %(by)s")
        % {"at": at(document["printed_at"]), "by": document["printed_by"]},
        "facts": [[label, _fact(value, zone) or "–"] for label, value in document["facts"]],
        "call_head": [
            *(_("Call"), _("Number"), _("Rang"), _("Answered"), _("Ended"), _("Operator")),
        ],
        "calls": [
            [
                str(call["id"]),
                call["number"] or "–",
                *(at(call[name]) or "–" for name in ("rang_at", "answered_at", "ended_at")),
                call["operator"] or "–",
            ]
            for call in document["calls"]
        ],
        "units": [_unit(unit, zone) for unit in document["units"]] + _referrals(document),
        "time_head": [_("State"), _("When"), _("Recorded"), _("Source")],
        "words": [_words(word, at(word["at"])) for word in document["words"]],
        "notes": [
            _words({**note, "what": at(note["moment"])}, at(note["at"]))
            for note in document["review_notes"]
        ],
        "line_head": [_("Row"), _("When"), _("What"), _("Who")],
        "lines": [_line(line, zone) for line in document["timeline"]],
        "file_head": [_("File"), _("When"), "SHA-256"],
        "files": [
            [
                _with(file["what"], _("(erased)") if file["erased"] else ""),
                at(file["at"]) or "–",
                file["sha256"] or _("not recorded"),
            ]
            for file in document["attachments"]
        ],
        "day_head": [_("Day"), _("Rows"), _("Published root and head")],
        "days": [
            [day["day"], f"{day['first_seq']}–{day['last_seq']}", f"{day['root']} {day['head']}"]
            for day in document["heads"]
        ],
        "proof_words": _proof_words(document),
    }


def _labels() -> dict[str, str]:
    return {
        "facts": _("Facts"),
        "calls": _("Calls"),
        "units": _("Who was sent"),
        "words": _("What was said and written"),
        "notes": _("After-action notes"),
        "timeline": _("Timeline"),
        "files": _("Attachments"),
        "proof": _("Proof"),
        "attached": _("The case file with its proof, to be checked by a program"),
    }


def _at(stamp: str | None, zone: ZoneInfo) -> str:
    """The city's time, to the second."""
    if not stamp:
        return ""
    local = datetime.fromisoformat(stamp).astimezone(zone)
    return f"{formats.date_format(local, 'j M Y')} {local:%H:%M:%S}"


def _fact(value: str, zone: ZoneInfo) -> str:
    """A fact is words or a time of the record."""
    try:
        return _at(value, zone)
    except ValueError:
        return _broken(value)


def _unit(unit: Row, zone: ZoneInfo) -> dict[str, Any]:
    advised = ", ".join(
        f"{one['rank']}. {one['unit']}" + (f" ({one['eta_s']} s)" if one["eta_s"] else "")
        for one in unit["recommended"]
    )
    lines = [_("Recommended: %(units)s") % {"units": advised or "–"}]
    if unit["why_other"]:
        lines.append(_("Chosen instead, because: %(why)s") % {"why": unit["why_other"]})
    return {
        "title": f"{unit['unit']}, {unit['agency']}: {unit['state']} (#{unit['incident']})",
        "lines": lines,
        "times": [
            [
                _with(time["state"], _("(corrected)") if time["corrected"] else ""),
                _at(time["occurred_at"], zone),
                _at(time["recorded_at"], zone),
                time["source"],
            ]
            for time in unit["times"]
        ],
    }


def _referrals(document: Row) -> list[dict[str, Any]]:
    """The agencies that a complaint was sent to."""
    return [
        {
            "title": f"{one['agency']}: {one['state']}",
            "lines": [text for text in (one["plan"], one["answer"]) if text],
            "times": [],
        }
        for one in document.get("referrals", [])
    ]


def _words(word: Row, at: str) -> dict[str, Any]:
    head = " · ".join(filter(None, (word["what"], at, word["by"])))
    return {"head": head, "text": _broken(word["text"]), "struck": word["struck"]}


def _with(text: str, more: str) -> str:
    return f"{text} {more}".strip()


def _broken(text: str) -> str:
    """A word that is longer than a line may be broken anywhere."""
    return re.sub(r"\S{30}", lambda long: f"{long[0]}\u200b", text)


def _line(line: Row, zone: ZoneInfo) -> list[str]:
    when, recorded = _at(line["occurred_at"] or line["at"], zone), _at(line["at"], zone)
    if when != recorded:
        when = _("%(when)s, recorded %(at)s") % {"when": when, "at": recorded}
    note = f" – {_broken(line['note'])}" if line["note"] else ""
    return [str(line["seq"]), when, line["text"] + note, line["by"]]


def _proof_words(document: Row) -> list[str]:
    rows, published = document["proof"]["rows"], document["proof"]["published_to"]
    late = sum(row["seq"] > published for row in rows)
    hidden = sum("text" not in row for row in rows)
    found = [
        _(
            "Every row of the timeline is one of the centre's journal, whose rows carry the hash "
            "of the one before. After each day its hashes are published. The file case.json "
            "attached to this paper shows that these rows were in the journal as they are here, "
            "and that none of this case is left out; anybody can check it with check_case.py and "
            "the published heads. Names and words are not in the journal and so not proven."
        )
    ]
    if hidden:
        found.append(_("Of %(count)s rows only the hash is given.") % {"count": hidden})
    if late:
        found.append(
            _(
                "%(count)s rows are of a day that is not published yet: a file made tomorrow "
                "proves them."
            )
            % {"count": late}
        )
    return found
