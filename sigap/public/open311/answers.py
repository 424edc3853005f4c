"""What is answered, in the two forms of GeoReport v2: XML and JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from django.http import HttpRequest, HttpResponse

from sigap.core.errors import SigapError

Value = str | int | float | bool | None | Mapping[str, "Value"] | Sequence["Value"]
FORMS = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# What a list holds; a list is named after it.
ONE = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "comments": "comment",
    "media_urls": "media_url",
    "errors": "error",
}
# What XML 1.0 cannot hold, even escaped.
NEVER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answer(form: str, name: str, told: Value, status: int = 200) -> HttpResponse:
    """`told` as XML with the root `name`, or as JSON, which has no name for the whole."""
    if form == "xml":
        content = ElementTree.tostring(_element(name, told), "utf-8", xml_declaration=True)
    else:
        content = json.dumps(told, ensure_ascii=False).encode()
    response = HttpResponse(content, status=status, content_type=FORMS[form])
    # Any page may read what is here for everybody; no cookie is looked at.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def refusal(request: HttpRequest, error: SigapError) -> HttpResponse:
    """What went wrong, as the specification wants it told."""
    form = "xml" if request.path.endswith(".xml") else "json"
    told: list[Value] = [{"code": error.status, "description": str(error)}]
    return answer(form, "errors", told, error.status)


def _element(name: str, told: Value) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(told, Mapping):
        element.extend(_element(key, value) for key, value in told.items())
    elif isinstance(told, bool):
        element.text = str(told).lower()
    elif isinstance(told, Sequence) and not isinstance(told, str):
        element.extend(_element(ONE[name], one) for one in told)
    elif told is not None:
        element.text = NEVER.sub("", str(told))
    return element
