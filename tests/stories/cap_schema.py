"""A strict check of a CAP 1.2 document, as its schema asks for it: which elements stand where, in
which order and how often, and what their text may be. Written from the data dictionary."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from sigap.warnings.message import (
    CATEGORIES,
    CERTAINTIES,
    MSG_TYPES,
    RESPONSES,
    SCOPES,
    SEVERITIES,
    STATUSES,
    URGENCIES,
)

NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")  # the schema knows no Z
NAME = re.compile(r"[^\s,<&]+")
ANY = re.compile(r".*", re.DOTALL)
LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
PAIR = r"-?\d+(\.\d+)?,-?\d+(\.\d+)?"
POLYGON = re.compile(rf"{PAIR}( {PAIR}){{3,}}")
CIRCLE = re.compile(rf"{PAIR} \d+(\.\d+)?")
REFERENCES = re.compile(r"([^\s,]+,[^\s,]+,\d{4}\S+)( [^\s,]+,[^\s,]+,\d{4}\S+)*")
ONE, MAYBE, MANY, SOME = (1, 1), (0, 1), (0, 999), (1, 999)

# In the order of the schema: how often, and what it may hold.
ALERT = {
    "identifier": (ONE, NAME),
    "sender": (ONE, NAME),
    "sent": (ONE, TIME),
    "status": (ONE, STATUSES),
    "msgType": (ONE, MSG_TYPES),
    "source": (MAYBE, ANY),
    "scope": (ONE, SCOPES),
    "restriction": (MAYBE, ANY),
    "addresses": (MAYBE, ANY),
    "code": (MANY, ANY),
    "note": (MAYBE, ANY),
    "references": (MAYBE, REFERENCES),
    "incidents": (MAYBE, ANY),
    "info": (MANY, None),
}
INFO = {
    "language": (MAYBE, LANGUAGE),
    "category": (SOME, CATEGORIES),
    "event": (ONE, ANY),
    "responseType": (MANY, RESPONSES),
    "urgency": (ONE, URGENCIES),
    "severity": (ONE, SEVERITIES),
    "certainty": (ONE, CERTAINTIES),
    "audience": (MAYBE, ANY),
    "eventCode": (MANY, None),
    "effective": (MAYBE, TIME),
    "onset": (MAYBE, TIME),
    "expires": (MAYBE, TIME),
    "senderName": (MAYBE, ANY),
    "headline": (MAYBE, ANY),
    "description": (MAYBE, ANY),
    "instruction": (MAYBE, ANY),
    "web": (MAYBE, re.compile(r"https?://\S+")),
    "contact": (MAYBE, ANY),
    "parameter": (MANY, None),
    "resource": (MANY, None),
    "area": (MANY, None),
}
AREA = {
    "areaDesc": (ONE, ANY),
    "polygon": (MANY, POLYGON),
    "circle": (MANY, CIRCLE),
    "geocode": (MANY, None),
    "altitude": (MAYBE, ANY),
    "ceiling": (MAYBE, ANY),
}
PAIRED = {"valueName": (ONE, ANY), "value": (ONE, ANY)}
PARTS = {"info": INFO, "area": AREA, "geocode": PAIRED, "eventCode": PAIRED, "parameter": PAIRED}


def faults_of(document: bytes) -> list[str]:
    """What is not as the schema asks for; nothing where the document is valid."""
    root = ElementTree.fromstring(document)
    if root.tag != f"{NAMESPACE}alert":
        return [f"root is {root.tag}"]
    return list(_faults(root, ALERT, "alert"))


def _faults(element: Element, known: dict[str, tuple], where: str) -> list[str]:  # type: ignore[type-arg]
    found: list[str] = []
    children = [child for child in element if child.tag != SIGNATURE]
    names = [child.tag.removeprefix(NAMESPACE) for child in children]
    order = list(known)
    found += [f"{where}: {name} is not known" for name in names if name not in known]
    ranks = [order.index(name) for name in names if name in known]
    if ranks != sorted(ranks):
        found.append(f"{where}: the order is {names}")
    for name, ((least, most), _what) in known.items():
        if not least <= names.count(name) <= most:
            found.append(f"{where}: {name} stands {names.count(name)} times")
    for child, name in zip(children, names, strict=True):
        what = known.get(name, (ONE, ANY))[1]
        if what is None:
            found += _faults(child, PARTS[name], f"{where}/{name}")
        elif isinstance(what, tuple) and child.text not in what:
            found.append(f"{where}/{name}: {child.text!r} is no code")
        elif isinstance(what, re.Pattern) and not what.fullmatch(child.text or ""):
            found.append(f"{where}/{name}: {child.text!r}")
        if child.attrib:
            found.append(f"{where}/{name}: has attributes")
        if name == "polygon" and (child.text or "").split()[0] != (child.text or "").split()[-1]:
            found.append(f"{where}/polygon: not closed")
    return found
