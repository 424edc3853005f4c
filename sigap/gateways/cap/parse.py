"""CAP 1.2 read from XML that anybody may have written: strict in what identifies a message and
in when it holds, mild in what can be mended. Pure."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException, DTDForbidden

from sigap.warnings.matching import is_point
from sigap.warnings.message import Info, Message, Point, Reference, Region

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_IN = f"{{{NAMESPACE}}}"
# What CAP forbids in identifiers and senders, since references are written with it.
_NAME = re.compile(r"^[^\s,<&]{1,200}$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$")
_CODE = re.compile(r"^[A-Za-z0-9_.:+/-]{1,32}$")
RING = 4  # points, the last being the first
MOST_INFOS = 50
MOST_REGIONS = 500
LINE, WORDS = 300, 20_000
WIDEST_KM = 20_038.0  # half around the earth


class BadCap(Exception):
    """What came cannot be taken for a warning; `code` says why, by the element where it helps."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code[:32]


def root_of(data: bytes) -> Element:
    """The root of a document in which nothing is declared: no DTD, no entities."""
    try:
        root: Element = ElementTree.fromstring(data, forbid_dtd=True)
    except DTDForbidden:
        raise BadCap("dtd") from None
    except DefusedXmlException:
        raise BadCap("entities") from None
    except (ParseError, ValueError, LookupError):
        page = re.match(rb"\s*(<!doctype\s+html|<html)", data[:200], re.IGNORECASE)
        raise BadCap("html" if page else "not_xml") from None
    return root


def is_cap(root: Element) -> bool:
    """Whether it is a message, not an index of them."""
    return root.tag == f"{_IN}alert"


def parse(data: bytes) -> Message:
    """The message in a document. Raises BadCap."""
    return message_of(root_of(data))


def message_of(root: Element) -> Message:
    """The message that an `alert` element holds. Raises BadCap."""
    if not is_cap(root):
        raise BadCap("not_cap")
    oddities: set[str] = set()
    found = root.findall(f"{_IN}info")
    if len(found) > MOST_INFOS:
        raise BadCap("too_many:info")
    message = Message(
        identifier=_name(root, "identifier"),
        sender=_name(root, "sender"),
        sent=_when(_needed(root, "sent"), "sent"),
        status=_code(root, "status"),
        msg_type=_code(root, "msgType"),
        scope=_code(root, "scope"),
        references=_references(root, oddities),
        note=_text(root, "note"),
        infos=tuple(_info(info, oddities) for info in found),
    )
    if not message.infos and message.msg_type in ("Alert", "Update"):
        raise BadCap("missing:info")
    if message.msg_type in ("Update", "Cancel", "Ack", "Error") and not message.references:
        oddities.add("no_references")
    return replace(message, oddities=tuple(sorted(oddities)))


def _info(info: Element, oddities: set[str]) -> Info:
    regions = info.findall(f"{_IN}area")
    if len(regions) > MOST_REGIONS:
        raise BadCap("too_many:area")
    categories = tuple(_code_of(e, "category") for e in info.findall(f"{_IN}category"))
    if not categories:
        raise BadCap("missing:category")
    effective, expires = _maybe(info, "effective"), _maybe(info, "expires")
    if effective and expires and expires <= effective:
        oddities.add("ends_before_it_begins")
    return Info(
        language=_text(info, "language", 20) or "en-US",
        categories=categories,
        event=_needed(info, "event", LINE),
        urgency=_code(info, "urgency"),
        severity=_code(info, "severity"),
        certainty=_code(info, "certainty"),
        responses=tuple(_code_of(e, "responseType") for e in info.findall(f"{_IN}responseType")),
        effective=effective,
        onset=_maybe(info, "onset"),
        expires=expires,
        sender_name=_text(info, "senderName", LINE),
        headline=_text(info, "headline", LINE),
        description=_text(info, "description"),
        instruction=_text(info, "instruction"),
        web=_web(_text(info, "web", 500)),
        contact=_text(info, "contact", LINE),
        regions=tuple(_region(region, oddities) for region in regions),
    )


def _region(region: Element, oddities: set[str]) -> Region:
    return Region(
        desc=_needed(region, "areaDesc", LINE),
        polygons=tuple(
            ring
            for e in region.findall(f"{_IN}polygon")
            if (ring := _ring(e.text or "", oddities)) is not None
        ),
        circles=tuple(
            circle
            for e in region.findall(f"{_IN}circle")
            if (circle := _circle(e.text or "", oddities)) is not None
        ),
        geocodes=tuple(_geocodes(region)),
    )


def _ring(text: str, oddities: set[str]) -> tuple[Point, ...] | None:
    """The points of a polygon, closed. None where it is none: the warning itself still counts."""
    points = [_point(pair) for pair in text.split()]
    ring = [point for point in points if point is not None]
    if len(ring) != len(points) or len(set(ring)) < RING - 1:
        oddities.add("bad_polygon")
        return None
    if ring[0] != ring[-1]:
        oddities.add("open_polygon")
        ring.append(ring[0])
    return tuple(ring)


def _circle(text: str, oddities: set[str]) -> tuple[float, float, float] | None:
    parts = text.split()
    centre = _point(parts[0]) if len(parts) == 2 else None  # noqa: PLR2004
    with contextlib.suppress(ValueError):
        if centre and 0 <= (radius := float(parts[1])) <= WIDEST_KM:
            return (*centre, radius)
    oddities.add("bad_circle")
    return None


def _point(pair: str) -> Point | None:
    lat, _comma, lng = pair.partition(",")
    with contextlib.suppress(ValueError):
        point = float(lat), float(lng)
        if is_point(*point):
            return point
    return None


def _geocodes(region: Element) -> Iterator[tuple[str, str]]:
    for code in region.findall(f"{_IN}geocode"):
        name, value = _text(code, "valueName", 80), _text(code, "value", 80)
        if value:
            yield name, value


def _references(root: Element, oddities: set[str]) -> tuple[Reference, ...]:
    found = []
    for triple in _text(root, "references").split():
        parts = triple.split(",")
        try:
            sender, identifier, sent = parts
            found.append((sender, identifier, _when(sent, "references")))
        except (ValueError, BadCap):
            oddities.add("bad_reference")
    return tuple(found)


def _text(element: Element, name: str, most: int = WORDS) -> str:
    """What stands in a child, or nothing; without what no screen can show."""
    text = "".join(element.findtext(_IN + name) or "")
    shown = "".join(c for c in text if c.isprintable() or c in "\n\t").strip()
    return shown[:most]


def _needed(element: Element, name: str, most: int = WORDS) -> str:
    text = _text(element, name, most)
    if not text:
        raise BadCap(f"missing:{name}")
    return text


def _name(element: Element, name: str) -> str:
    text = _needed(element, name)
    if not _NAME.match(text):
        raise BadCap(f"bad:{name}")
    return text


def _code(element: Element, name: str) -> str:
    """A code, whether we know it or not."""
    _needed(element, name)
    found = element.find(_IN + name)
    assert found is not None
    return _code_of(found, name)


def _code_of(element: Element, name: str) -> str:
    text = (element.text or "").strip()
    if not _CODE.match(text):
        raise BadCap(f"bad:{name}")
    return text


def _maybe(element: Element, name: str) -> datetime | None:
    text = _text(element, name, 40)
    return _when(text, name) if text else None


def _when(text: str, name: str) -> datetime:
    """A time with its distance from UTC; without, nobody could say when it is."""
    if not _DATE.match(text):
        raise BadCap(f"date:{name}")
    try:
        at = datetime.fromisoformat(text)
        at.astimezone(None)  # some times near the ends of the calendar cannot be moved
    except (ValueError, OverflowError):
        raise BadCap(f"date:{name}") from None
    if not 2000 <= at.year < 2100:  # noqa: PLR2004 - years
        raise BadCap(f"date:{name}")
    return at


def _web(address: str) -> str:
    """An address that may stand in a link; nothing where it is of another kind."""
    return address if re.match(r"^https?://[^\s\"'<>]+$", address) else ""
