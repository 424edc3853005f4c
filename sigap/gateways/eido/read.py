"""An EIDO as a record. Other systems leave fields out, write one where a list belongs, spell names
as older drafts did, and use codes that nobody here knows: what can be read is read, and the rest
is named. Only what is no EIDO at all is refused.

Places come as XML inside the JSON; of it two numbers are looked for, and no parser is let near it,
so that nothing in it can be expanded or fetched.
"""

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from sigap.core.errors import Invalid
from sigap.core.personal import normal_number
from sigap.neighbours.record import NoteTold, Record, UnitTold

from .codes import OTHER, UNIT_STATES, priority_of
from .compose import Part, compose

MOST_LINE, MOST_WORDS, MOST_PARTS = 200, 2000, 50
POS = re.compile(r"<(?:[\w-]+:)?pos\b[^>]{0,200}>\s*(-?\d[\d.]{0,20})[\s,]+(-?\d[\d.]{0,20})")
RADIUS = re.compile(r"<(?:[\w-]+:)?(?:radius|semiMajorAxis)\b[^>]{0,200}>\s*(\d[\d.]{0,12})")
CIVIC = re.compile(r"<(?:[\w-]+:)?(RD|STS|HNO|LMK|LOC|A6|A5|A4|A3)\b[^>]{0,100}>([^<]{1,200})<")
# Parts that are read; any other is named to whoever looks at the record.
READ = {
    *("incidentcomponent", "callcomponent", "callbackcomponent", "personcomponent"),
    *("locationcomponent", "locationinformationcomponent", "notescomponent"),
    *("emergencyresourcecomponent", "dispositioncomponent", "agencycomponent", "agentcomponent"),
}


def read(document: Any) -> Record:
    """What a document tells. Raises Invalid for one that tells of no incident and no call."""
    whole = _low(document)
    if not isinstance(whole, dict):
        raise Invalid(_("This is no EIDO."), code="eido")
    if not (whole.get("incidentcomponent") or whole.get("callcomponent")):
        raise Invalid(_("This is no EIDO."), code="eido")
    return _Read(whole).record()


def read_own(document: Part) -> Record:
    """The same, but of what we compose ourselves: ValueError unless every field of it is one that
    we write, just as we write it."""
    record = read(document)
    if compose(record) != document:
        raise ValueError("not as we compose it")
    return record


class _Read:
    """One document, with its parts by their names."""

    def __init__(self, whole: Part) -> None:
        self.whole = whole
        self.incident = next(_parts(whole.get("incidentcomponent")), {})
        self.call = next(_parts(whole.get("callcomponent")), {})
        self.places = [
            *_parts(whole.get("locationcomponent")),
            *_parts(whole.get("locationinformationcomponent")),
        ]

    def record(self) -> Record:
        whole, incident = self.whole, self.incident
        codes = [
            _line(incident.get(name))
            for name in (
                "incidenttypeinternalcode",
                "incidenttypecommonregistrytext",
                "incidenttypeinternaltext",
            )
        ]
        text = codes[2] or codes[1] or codes[0]
        codes[1] = "" if codes[1] == OTHER else codes[1]
        place = self._place()
        lat, lng, radius = _point(place.get("locationbyvalue"))
        ended = next(_parts(incident.get("dispositioncomponent")), {})
        status = _list(incident.get("incidentstatusinternaltext"))
        status = status or _list(incident.get("incidentstatuscommonregistrytext"))
        priority = incident.get("incidentcommonprioritynumber")
        what, victims, notes = self._notes()
        name = _line(whole.get("$id")) or _line(whole.get("incidenttrackingidentifier"))
        return Record(
            id=name,
            number=_line(incident.get("internalincidentid")),
            sender=_line(whole.get("issuingelementidentification")),
            type_codes=[c for c in dict.fromkeys(codes[:2]) if c],
            type_text=text,
            priority=priority_of(priority),
            priority_text=_line(incident.get("incidentpriorityinternaltext")),
            status=", ".join(status)[:MOST_LINE],
            outcome=_line(ended.get("dispositiondescriptiontext"))
            or _line(ended.get("dispositioncommonregistrycode")),
            lat=lat,
            lng=lng,
            radius_m=radius,
            address=_line(place.get("locationdescriptiontext")) or _civic(place),
            caller=self._caller(),
            rang_at=_time(self.call.get("callstarttimestamp")),
            what=what,
            victims=victims,
            units=self._units(),
            notes=notes,
            updated_at=_time(whole.get("lastupdatetimestamp")),
            unread=sorted(
                name[:40] for name in whole if name.endswith("component") and name not in READ
            )[:MOST_PARTS],
        )

    def _place(self) -> Part:
        """The incident's place, else the call's, else the first that says where."""
        named = [*_refs(self.incident, "locationreference"), *_refs(self.call, "locationreference")]
        by_name = {_line(place.get("$id")): place for place in self.places}
        wanted = [by_name[name] for name in named if name in by_name]
        others = [p for p in self.places if "unit" not in _line(p.get("$id"))]
        for place in (*wanted, *others):
            if _point(place.get("locationbyvalue"))[0] is not None:
                return place
        return next((p for p in (*wanted, *others)), {})

    def _caller(self) -> str:
        found: list[Any] = []
        for back in _parts(self.whole.get("callbackcomponent")):
            found += _list(back.get("callbackinformationuri"))
        found += _list(self.call.get("devicecallbackinformationurl"))
        found += _list(self.call.get("callercallbackinformationurl"))
        numbers = (normal_number(str(uri)) for uri in found)
        return next((number for number in numbers if number), "")

    def _notes(self) -> tuple[str, int | None, list[NoteTold]]:
        what, victims, notes = "", None, []
        for part in _parts(self.whole.get("notescomponent")):
            text = _words(part.get("notesactioncomments"))
            name = _line(part.get("$id")).rpartition(":")[2]
            if name == "what":
                what = text
            elif name == "victims" and text.isascii() and text.isdigit() and len(text) < 6:  # noqa: PLR2004
                victims = int(text)
            elif text:
                at = _time(part.get("notedatetimestamp")) or _time(part.get("lastupdatetimestamp"))
                same = part.get("lastupdatetimestamp") == self.whole.get("lastupdatetimestamp")
                notes.append(NoteTold(at=None if same else at, text=text))
        return what, victims, notes

    def _units(self) -> list[UnitTold]:
        by_name = {_line(place.get("$id")): place for place in self.places}
        units = []
        for part in _parts(self.whole.get("emergencyresourcecomponent")):
            at = next(
                (by_name[n] for n in _refs(part, "unitlocationreference") if n in by_name), {}
            )
            lat, lng, _radius = _point(at.get("locationbyvalue"))
            own = _list(part.get("unitstatusinternal"))
            common = _line(part.get("primaryunitstatusregistrytext"))
            known = {theirs: ours for ours, theirs in UNIT_STATES.items()}
            common = "" if common == OTHER else known.get(common, common)
            units.append(
                UnitTold(
                    name=_line(part.get("emergencyresourcename"))
                    or _line(part.get("enforcementunitname")),
                    kind=_line(part.get("emergencyresourcetypeinternaltext"))
                    or _line(part.get("emergencyresourcetypecommonregistrytext")).replace(
                        OTHER, ""
                    ),
                    status=", ".join(own)[:MOST_LINE] or common,
                    lat=lat,
                    lng=lng,
                    arrives_at=_time(part.get("eta")),
                )
            )
        return units


def _low(value: Any, depth: int = 0) -> Any:
    """The same with the names of the fields in small letters, as far down as anybody looks."""
    if depth > 6:  # noqa: PLR2004
        return None
    if isinstance(value, dict):
        return {str(k).lower(): _low(v, depth + 1) for k, v in list(value.items())[:200]}
    if isinstance(value, list):
        return [_low(v, depth + 1) for v in value[: MOST_PARTS * 4]]
    return value


def _parts(value: Any) -> Iterator[Part]:
    """The components, whether one or a list of them was sent."""
    for part in (value if isinstance(value, list) else [value])[:MOST_PARTS]:
        if isinstance(part, dict):
            yield part


def _refs(part: Part, name: str) -> list[str]:
    found = part.get(name)
    names = []
    for one in found if isinstance(found, list) else [found]:
        ref = one.get("$ref") if isinstance(one, dict) else one
        if isinstance(ref, str):
            names.append(_line(ref.removeprefix("$ref:").removeprefix("#")))
    return names


def _list(value: Any) -> list[str]:
    lines = [_line(one) for one in (value if isinstance(value, list) else [value])[:20]]
    return [line for line in lines if line]


def _line(value: Any) -> str:
    """Words on one line, or "" where there are none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    text = "".join(c if c.isprintable() else " " for c in str(value)[: MOST_LINE * 2])
    return " ".join(text.split())[:MOST_LINE]


def _words(value: Any) -> str:
    text = value[:MOST_WORDS] if isinstance(value, str) else ""
    return "".join(c for c in text if c.isprintable() or c == "\n").strip()


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40:  # noqa: PLR2004
        return None
    try:
        at = datetime.fromisoformat(value)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at.astimezone(UTC) if 2000 <= at.year < 2100 else None  # noqa: PLR2004
    except (ValueError, OverflowError):
        return None


def _point(value: Any) -> tuple[float | None, float | None, float | None]:
    """Latitude, longitude and radius in a PIDF-LO; 0,0 is where no phone knows where it is."""
    if isinstance(value, dict):
        pair: list[Any] = [value.get("latitude"), value.get("longitude")]
        numbers = [float(n) for n in pair if isinstance(n, int | float) and math.isfinite(n)]
        text = f"<pos>{numbers[0]} {numbers[1]}" if len(numbers) == 2 else ""  # noqa: PLR2004
    else:
        text = value[:20_000] if isinstance(value, str) else ""
    found = POS.search(text)
    if found is None:
        return None, None, None
    try:
        lat, lng = float(found[1]), float(found[2])
    except ValueError:
        return None, None, None
    if not (-90 <= lat <= 90 and -180 <= lng <= 180) or (lat == 0 and lng == 0):
        return None, None, None
    circle = RADIUS.search(text)
    try:
        radius = float(circle[1]) if circle else None
    except ValueError:
        radius = None
    return lat, lng, radius


def _civic(place: Part) -> str:
    text = place.get("locationbyvalue")
    parts = CIVIC.findall(text[:20_000]) if isinstance(text, str) else []
    return _line(" ".join(words for _tag, words in parts))
