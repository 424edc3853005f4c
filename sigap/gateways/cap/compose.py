"""CAP 1.2 written: the document that the city publishes, in the order that its schema asks for.
Pure."""

from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement
from zoneinfo import ZoneInfo

from sigap.warnings.message import Info, Message, Region

from .parse import NAMESPACE


def compose(message: Message, zone: ZoneInfo) -> bytes:
    """The message as XML; its times as the city's clocks show them, with their distance to UTC."""
    root = Element(f"{{{NAMESPACE}}}alert")
    _put(root, "identifier", message.identifier)
    _put(root, "sender", message.sender)
    _put(root, "sent", _when(message.sent, zone))
    _put(root, "status", message.status)
    _put(root, "msgType", message.msg_type)
    _put(root, "scope", message.scope)
    _put(root, "note", message.note)
    references = [f"{s},{i},{_when(at, zone)}" for s, i, at in message.references]
    _put(root, "references", " ".join(references))
    for info in message.infos:
        _info(root, info, zone)
    ElementTree.indent(root)
    told = ElementTree.tostring(
        root, encoding="utf-8", xml_declaration=True, default_namespace=NAMESPACE
    )
    return bytes(told)


def _info(root: Element, info: Info, zone: ZoneInfo) -> None:
    place = SubElement(root, f"{{{NAMESPACE}}}info")
    _put(place, "language", info.language)
    for category in info.categories:
        _put(place, "category", category)
    _put(place, "event", info.event)
    for response in info.responses:
        _put(place, "responseType", response)
    _put(place, "urgency", info.urgency)
    _put(place, "severity", info.severity)
    _put(place, "certainty", info.certainty)
    for name, at in (
        ("effective", info.effective),
        ("onset", info.onset),
        ("expires", info.expires),
    ):
        _put(place, name, _when(at, zone) if at else "")
    _put(place, "senderName", info.sender_name)
    _put(place, "headline", info.headline)
    _put(place, "description", info.description)
    _put(place, "instruction", info.instruction)
    _put(place, "web", info.web)
    _put(place, "contact", info.contact)
    for region in info.regions:
        _region(place, region)


def _region(info: Element, region: Region) -> None:
    place = SubElement(info, f"{{{NAMESPACE}}}area")
    _put(place, "areaDesc", region.desc)
    for ring in region.polygons:
        _put(place, "polygon", " ".join(f"{lat:.5f},{lng:.5f}" for lat, lng in ring))
    for lat, lng, km in region.circles:
        _put(place, "circle", f"{lat:.5f},{lng:.5f} {km:g}")
    for name, value in region.geocodes:
        code = SubElement(place, f"{{{NAMESPACE}}}geocode")
        _put(code, "valueName", name)
        _put(code, "value", value)


def _put(element: Element, name: str, text: str) -> None:
    """A child with this text; none where there is nothing to say."""
    if text:
        SubElement(element, f"{{{NAMESPACE}}}{name}").text = text


def _when(at: datetime, zone: ZoneInfo) -> str:
    """As CAP writes times: whole seconds; where the distance is none, it is written -00:00."""
    text = at.astimezone(zone).replace(microsecond=0).isoformat()
    return text.removesuffix("+00:00") + "-00:00" if text.endswith("+00:00") else text
