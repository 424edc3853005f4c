"""The national feed: calls, incidents and complaints of a period as records, under the names that a
map of fields gives them. Codes and times only: no number, no name, no address, no point, no words
that somebody typed."""

import csv
import io
import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from sigap.complaints.models import Complaint
from sigap.core.errors import Invalid
from sigap.core.queries import batched, deployment
from sigap.incidents.models import Incident

from .calls import begun_in
from .clocks import Moment
from .paper import harmless
from .period import Period
from .rows import Case, load_cases

FORMAT = 1
MAP = Path(__file__).with_name("feed.toml")
FIELDS = {
    "calls": ("id", "began", "answered", "ended", "class", "state", "gate", "incident"),
    "incidents": (
        *("id", "type", "group", "priority", "state", "area", "received", "answered"),
        *("notified", "en_route", "on_scene", "closed", "agencies", "merged"),
    ),
    "complaints": (
        *("id", "class", "category", "area", "channel", "state"),
        *("filed", "forwarded", "answered", "closed", "score"),
    ),
}
Record = dict[str, Any]
FieldMap = dict[str, dict[str, str]]


def field_map() -> FieldMap:
    """The city's own map from the data folder, else ours. Invalid names what is wrong with it."""
    own = settings.ENV.data_dir / "feed.toml"
    path = own if own.is_file() else MAP
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(_("The field map %(file)s cannot be read.") % {"file": path}) from error
    for part, names in found.items():
        known = FIELDS.get(part, ())
        unknown = sorted(set(names) - set(known)) if isinstance(names, dict) else [part]
        if part not in FIELDS or unknown:
            raise Invalid(
                _("The field map %(file)s names what there is not: %(names)s.")
                % {"file": path, "names": ", ".join(unknown or [part])},
                code="field_map",
            )
        if not all(isinstance(name, str) and name for name in names.values()):
            raise Invalid(_("In the field map %(file)s a name is no text.") % {"file": path})
        if len(set(names.values())) < len(names):
            raise Invalid(_("In the field map %(file)s a name stands twice.") % {"file": path})
    return found


def feed(period: Period) -> dict[str, Any]:
    """The records of a period under their mapped names, and whose they are."""
    served, names = deployment(), field_map()
    return {
        "format": FORMAT,
        "city": served.city if served else "",
        "drill": served.drill if served else False,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        **{
            part: [_renamed(one, names[part]) for one in READERS[part](period)]
            for part in FIELDS
            if part in names
        },
    }


def feed_json(period: Period) -> str:
    """All parts as JSON; unknown is null."""
    return json.dumps(feed(period), ensure_ascii=False, indent=1) + "\n"


def feed_csv(period: Period, part: str) -> str:
    """One part as a table; unknown is empty."""
    names = field_map().get(part)
    if names is None:
        raise Invalid(_("The field map has no such part."), code="part")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in names.values()])
    for record in READERS[part](period):
        writer.writerow([_cell(value) for value in _renamed(record, names).values()])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else harmless(value)


def _renamed(record: Record, names: dict[str, str]) -> Record:
    return {name: record[field] for field, name in names.items()}


def _calls(period: Period) -> Iterator[Record]:
    rows = begun_in(period).order_by("pk")
    for pk, began, answered, ended, call_class, state, gate, incident in rows.values_list(
        *("pk", "began_at", "answered_at", "ended_at"),
        *("call_class", "state", "gate", "incident_id"),
    ).iterator():
        yield {
            "id": pk,
            "began": _at(began),
            "answered": _at(answered),
            "ended": _at(ended),
            "class": call_class or None,
            "state": state,
            "gate": gate or None,
            "incident": incident,
        }


def _incidents(period: Period) -> Iterator[Record]:
    for cases in batched(sorted(load_cases(period), key=lambda case: case.id)):
        ended = dict(
            Incident.objects.filter(pk__in=[case.id for case in cases]).values_list(
                "pk", "closed_at"
            )
        )
        for case in cases:
            yield {
                "id": case.id,
                "type": case.type,
                "group": case.group,
                "priority": case.priority,
                "state": case.state,
                "area": case.area or None,
                # A ring that nobody saw is unknown, whatever stands for it elsewhere.
                "received": _known(case.received),
                "answered": _known(case.answered),
                **{state: _first(case, state) for state in ("notified", "en_route", "on_scene")},
                "closed": _at(ended.get(case.id)),
                "agencies": sorted({job.agency for job in case.jobs if job.times}),
                "merged": case.merged,
            }


def _first(case: Case, state: str) -> str | None:
    there = [job.times[state] for job in case.jobs if state in job.times]
    return _known(min(there, key=lambda moment: moment.at, default=None))


def _known(moment: Moment | None) -> str | None:
    return None if moment is None or moment.derived else _at(moment.at)


def _complaints(period: Period) -> Iterator[Record]:
    rows = Complaint.objects.filter(filed_at__gte=period.start, filed_at__lt=period.end)
    names = FIELDS["complaints"]
    columns = (
        *("pk", "complaint_class", "category__code", "area__code", "channel", "state"),
        *("filed_at", "disposed_at", "answered_at", "closed_at", "score"),
    )
    for values in rows.order_by("pk").values_list(*columns).iterator():
        cells = (_at(v) if isinstance(v, datetime) else v for v in values)
        yield dict(zip(names, cells, strict=True))


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


READERS: dict[str, Callable[[Period], Iterator[Record]]] = {
    "calls": _calls,
    "incidents": _incidents,
    "complaints": _complaints,
}
