"""The OpenAPI document of the interfaces for other systems, made from the models that check
what they send; and the page that shows it."""

import json
from typing import Any, Literal

from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import path
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from sigap import __version__
from sigap.core.actors import Permission
from sigap.core.web import Request, view

from .aml import PhoneForm, PhoneSms
from .telephony import CallEvent

TEMPLATE = "#/components/schemas/{model}"


class Accepted(BaseModel):
    """The event is on the disk; it is understood a moment later."""

    id: int = Field(description="The number of the event; the same when it is sent again.")
    status: Literal["accepted"]


class Problem(BaseModel):
    """What was wrong, for a program and for a person."""

    code: str = Field(description="Short and stable, e.g. `token`, `fields`, `too_large`.")
    message: str = Field(description="In Indonesian, or in English when that is accepted.")
    fields: dict[str, str] | None = Field(None, description="What is wrong with which field.")


class Failure(BaseModel):
    """The body of every answer that is not a success."""

    error: Problem


class Readiness(BaseModel):
    """Whether requests can be answered, part by part."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, bool] = {}


MODELS: tuple[type[BaseModel], ...] = (CallEvent, PhoneForm, PhoneSms, Accepted, Failure, Readiness)
EXAMPLE = {
    "event_id": "pbx1-20261102-000017-3",
    "call_id": "pbx1-20261102-000017",
    "kind": "presented",
    "at": "2026-11-02T08:00:00+07:00",
    "number": "+6281233451190",
    "trunk": "112-a",
}
PHONE = {
    "device_number": "+6281233451190",
    "time": 1793581200000,
    "location_latitude": -7.8228,
    "location_longitude": 112.0119,
    "location_time": 1793581212000,
    "location_accuracy": 25.0,
    "location_confidence": 0.68,
    "location_source": "gps",
    "hmac": "0123456789abcdef0123456789abcdef01234567",
}
SMS = {
    "from": "+6281233451190",
    "text": 'A"ML=1;lt=-7.82280;lg=+112.01190;rd=25;top=20261102010012;lc=68;pm=G;'
    "si=510010000000000;ei=000000000000000;mcc=510;mnc=01;ml=128",
}
CURLS = {
    "/hooks/calls": "curl -X POST http://localhost:8112/hooks/calls \\\n"
    '  -H "Authorization: Bearer $SIGAP_HOOK_TOKEN" \\\n'
    '  -H "Content-Type: application/json" \\\n'
    f"  -d '{json.dumps(EXAMPLE)}'",
    "/hooks/aml": "curl -X POST http://localhost:8112/hooks/aml \\\n"
    '  -H "Authorization: Bearer $SIGAP_HOOK_TOKEN" \\\n'
    f"  --data-urlencode 'from={SMS['from']}' \\\n"
    f"  --data-urlencode 'text={SMS['text']}'",
}


ORDERS = "state people greet connect hold resume queue hang_up dial".split()  # noqa: SIM905


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    _map, found = models_json_schema(
        [(model, "validation") for model in MODELS], ref_template=TEMPLATE
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sigap 112",
            "version": __version__,
            "summary": "Interfaces for other systems",
            "description": "What a telephone exchange and callers' phones send, and what "
            "monitoring reads.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "externalDocs": {
            "description": "Reports of citizens: Open311 GeoReport v2, which describes itself",
            "url": "/open311/v2/discovery.json",
        },
        "paths": {
            "/hooks/calls": {"post": _calls()},
            "/hooks/calls/orders": {"get": _orders()},
            "/hooks/aml": {"post": _aml()},
            "/healthz": {"get": _health()},
            "/readyz": {"get": _ready()},
            "/metrics": {"get": _metrics()},
        },
        "components": {
            "schemas": found["$defs"],
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of `SIGAP_HOOK_TOKEN`.",
                },
                "metrics": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of `SIGAP_METRICS_TOKEN`; an administrator's "
                    "session does as well.",
                },
            },
        },
    }


def _calls() -> dict[str, Any]:
    return {
        "operationId": "reportCallEvent",
        "summary": "Report one event of one call",
        "description": "Answered once the event is on the disk. An event that comes again (the "
        "same `event_id` and `exchange`) gets the same answer and changes nothing; events may "
        "come in any order. After 503, send the same event again.",
        "tags": ["telephony"],
        "security": [{"token": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _ref("CallEvent"),
                    "examples": {"presented": {"summary": "A call rings", "value": EXAMPLE}},
                }
            },
        },
        "responses": {
            "202": _json("Accepted", "The event is kept."),
            "400": _json("Failure", "The request was cut off."),
            "401": _json("Failure", "The token is missing or wrong, or hooks are closed."),
            "415": _json("Failure", "Not application/json."),
            "422": _json("Failure", "Not a call event: `fields` says why."),
            **_of_every_door(),
        },
    }


def _orders() -> dict[str, Any]:
    order = {
        "type": "object",
        "properties": {
            "do": {"type": "string", "enum": ORDERS},
            "call": {"type": "string", "description": "The `call_id` of the exchange."},
        },
    }
    return {
        "operationId": "followOrders",
        "summary": "Follow what the control room wants of an exchange",
        "description": "One line of JSON per order, for as long as the connection lasts. The "
        "first is `state`: the open calls, the operators with their telephones, the city's "
        "numbers; `people` says the last two anew. An empty object comes every two seconds: "
        "without it for five, ring every telephone. `greet` tells how the gate is to greet a "
        "caller (`skip`: not at all, `longer`: by the longer prompt), `connect` and `resume` "
        "name the `operator` and the `phone`, `dial` the `number` of a lost caller and the "
        "`call_id` that the new call is to have (`as`), which is reported with `returns`.",
        "tags": ["telephony"],
        "security": [{"token": []}],
        "parameters": [
            {"name": "exchange", "in": "query", "schema": {"type": "string", "default": "pbx"}}
        ],
        "responses": {
            "200": {
                "description": "The orders.",
                "content": {"application/x-ndjson": {"schema": order}},
            },
            "401": _json("Failure", "The token is missing or wrong, or hooks are closed."),
            "405": _json("Failure", "Another method than GET."),
            "422": _json("Failure", "That is no name of an exchange."),
        },
    }


def _aml() -> dict[str, Any]:
    one_of = [_ref("PhoneForm"), _ref("PhoneSms")]
    return {
        "operationId": "reportPhoneLocation",
        "summary": "Report where a caller's phone is (AML)",
        "description": "Closed until `SIGAP_AML_KEY` is set. Either a phone's own form (AML over "
        "HTTPS), whose last field `hmac` signs all before it, or an AML text message that the "
        "network's SMS gateway passes on, with the token of the other hooks. Data SMS (binary) is "
        "not taken. A location that comes again changes nothing; it may come before its call. "
        "IMEI, IMSI and cells are not read.",
        "tags": ["telephony"],
        "security": [{}, {"token": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {"anyOf": one_of},
                    "examples": {
                        "phone": {"summary": "A phone's form", "value": PHONE},
                        "sms": {"summary": "A text message", "value": SMS},
                    },
                }
            },
        },
        "responses": {
            "202": _json("Accepted", "The location is kept."),
            "400": _json("Failure", "No form, no AML message, or the request was cut off."),
            "401": _json("Failure", "The signature, or an SMS gateway's token, is wrong."),
            "404": _json("Failure", "Locations of phones are not taken here."),
            "415": _json("Failure", "Not application/x-www-form-urlencoded."),
            "422": _json("Failure", "Not an SMS gateway's form: `fields` says why."),
            **_of_every_door(),
        },
    }


def _of_every_door() -> dict[str, Any]:
    return {
        "405": _json("Failure", "Another method than POST."),
        "409": _json(
            "Failure",
            "The time of it lies in the future or before the year 2000: one of the clocks is "
            "wrong. Send it again when that is right.",
        ),
        "413": _json("Failure", "More than 16 KiB."),
        "503": _json("Failure", "Nothing was kept: send again."),
    }


def _health() -> dict[str, Any]:
    return {
        "operationId": "health",
        "summary": "Whether the process lives",
        "tags": ["monitoring"],
        "security": [],
        "responses": {"200": {"description": "It lives.", "content": {"text/plain": _text()}}},
    }


def _ready() -> dict[str, Any]:
    return {
        "operationId": "readiness",
        "summary": "Whether requests can be answered",
        "tags": ["monitoring"],
        "security": [],
        "responses": {
            "200": _json("Readiness", "Ready."),
            "503": _json("Readiness", "Not ready; the checks say what is missing."),
        },
    }


def _metrics() -> dict[str, Any]:
    return {
        "operationId": "metrics",
        "summary": "Figures for Prometheus",
        "tags": ["monitoring"],
        "security": [{"metrics": []}],
        "responses": {
            "200": {"description": "Prometheus text.", "content": {"text/plain": _text()}},
            "401": {"description": "The token is missing or wrong."},
            "403": {"description": "Signed in, but not as an administrator."},
        },
    }


def _ref(model: str) -> dict[str, str]:
    return {"$ref": TEMPLATE.format(model=model)}


def _json(model: str, description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _ref(model)}}}


def _text() -> dict[str, Any]:
    return {"schema": {"type": "string"}}


@view(Permission.PUBLIC)
def openapi(request: Request) -> HttpResponseBase:
    """The document for programs."""
    return JsonResponse(document())


@view(Permission.PUBLIC)
def docs(request: Request) -> HttpResponseBase:
    """The document for people."""
    described = document()
    context = {
        "info": described["info"],
        "operations": [
            {
                "method": method.upper(),
                "path": address,
                "operation": operation,
                "token": any(operation["security"]),
                "bodies": _bodies(operation),
                "example": CURLS.get(address, ""),
                "responses": [
                    {"status": status, "description": answer["description"]}
                    for status, answer in operation["responses"].items()
                ],
            }
            for address, methods in described["paths"].items()
            for method, operation in methods.items()
        ],
        "schemas": [
            {"name": name, "about": schema.get("description", ""), "fields": _fields(schema)}
            for name, schema in described["components"]["schemas"].items()
        ],
    }
    return render(request, "gateways/docs.html", context)


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "kind": _kind(field),
            "required": name in required,
            "about": field.get("description", ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _kind(field: dict[str, Any]) -> str:
    """The type of a field in words."""
    if "enum" in field:
        return ", ".join(field["enum"])
    if "const" in field:
        return str(field["const"])
    if "anyOf" in field:
        return " or ".join(_kind(one) for one in field["anyOf"])
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    limits = [
        text.format(field[key])
        for key, text in (("minLength", "≥ {}"), ("maxLength", "≤ {}"), ("pattern", "{}"))
        if key in field
    ]
    kind = field.get("format") or field.get("type", "")
    return f"{kind} ({', '.join(limits)})" if limits else str(kind)


def _bodies(operation: dict[str, Any]) -> list[dict[str, str]]:
    """What may be sent: the shapes, each with its media type."""
    content = operation.get("requestBody", {}).get("content", {})
    return [
        {"kind": kind, "model": one["$ref"].rpartition("/")[2]}
        for kind, part in content.items()
        for one in part["schema"].get("anyOf", [part["schema"]])
    ]


urlpatterns = [
    path("api/docs", docs),
    path("api/openapi.json", openapi),
]
