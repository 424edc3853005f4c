"""A record as an EIDO: only fields of NENA-STA-021.1a-2022, the same bytes for the same record."""

import json
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from sigap.neighbours.record import Record, UnitTold

from .codes import OTHER, PRIORITIES, UNIT_STATES

VERSION = "1.0"
CONTEXT = {"@vocab": "./JSON-LD_Contexts/EmergencyIncidentDataObjectType.jsonld"}
Part = dict[str, Any]


def as_bytes(document: Part) -> bytes:
    """A document as it is sent and signed."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def compose(record: Record) -> Part:
    """The document. A part of which nothing is told is left out."""
    made = _Made(record)
    document: Part = made.part(record.id)
    document |= {"eidoVersion": VERSION, "issuingElementIdentification": record.sender}
    document["incidentComponent"] = made.incident()
    for name, parts in (
        ("callComponent", made.calls()),
        ("callbackComponent", made.callbacks()),
        ("personComponent", made.persons()),
        ("locationComponent", made.locations()),
        ("emergencyResourceComponent", made.resources()),
        ("notesComponent", made.notes()),
    ):
        if parts:
            document[name] = parts
    document["agencyComponent"] = [made.agency()]
    document["agentComponent"] = [made.agent()]
    document["@context"] = CONTEXT
    return document


def stamp(at: datetime) -> str:
    """A time as the standard writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class _Made:
    """The components of one record, and how they name each other."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.at = stamp(record.updated_at or datetime(1970, 1, 1, tzinfo=UTC))

    def part(self, name: str, at: str = "") -> Part:
        """What every component begins with."""
        own: Part = {"$id": name, "lastUpdateTimeStamp": at or self.at}
        return own | {"updatedByAgencyReference": _to(self.record.sender)}

    def of(self, what: str) -> str:
        return f"{self.record.id}:{what}"

    def incident(self) -> Part:
        told = self.record
        found = self.part(self.of("incident"))
        if told.number:
            found["internalIncidentId"] = told.number
        if told.type_codes:
            found["incidentTypeInternalCode"] = told.type_codes[0]
        if told.type_text:
            found["incidentTypeInternalText"] = told.type_text
        # Required. Ours stand for themselves where the city has named no common one.
        found["incidentTypeCommonRegistryText"] = (told.type_codes[1:] or [OTHER])[0]
        if told.status:
            found["incidentStatusInternalText"] = [told.status]
        if told.priority is not None:
            found["incidentCommonPriorityNumber"] = PRIORITIES[told.priority]
        if told.priority_text:
            found["incidentPriorityInternalText"] = told.priority_text
        if told.outcome:
            ended = self.part(self.of("disposition"))
            ended |= {"dispositionCommonRegistryCode": OTHER}
            found["dispositionComponent"] = [ended | {"dispositionDescriptionText": told.outcome}]
        if self.locations():
            found["locationReference"] = [_to(self.of("location"))]
        if self.persons():
            found["personReference"] = [_to(self.of("caller"))]
        if notes := self.notes():
            found["notesReference"] = [_to(note["$id"]) for note in notes]
        return found

    def calls(self) -> list[Part]:
        told = self.record
        if told.rang_at is None:
            return []
        call = self.part(self.of("call")) | {
            "callStateRegistryText": "callAnswered",
            "standardPrimaryCallType": "emergency",
            "direction": "incoming",
            "callStartTimestamp": stamp(told.rang_at),
        }
        if told.caller:
            call["callBackReference"] = _to(self.of("callback"))
        return [call]

    def callbacks(self) -> list[Part]:
        if not self.record.caller:
            return []
        uri = f"tel:{self.record.caller}"
        return [self.part(self.of("callback")) | {"callBackInformationUri": [uri]}]

    def persons(self) -> list[Part]:
        if not self.record.caller:
            return []
        person = self.part(self.of("caller")) | {"personIncidentRoleRegistryText": ["Caller"]}
        return [person | {"callBackReference": _to(self.of("callback"))}]

    def locations(self) -> list[Part]:
        told = self.record
        found = []
        if told.address or (told.lat is not None and told.lng is not None):
            place = self.part(self.of("location"))
            place["locationTypeDescriptionRegistryText"] = "Incident"
            if told.lat is not None and told.lng is not None:
                place["locationByValue"] = pidf_lo(told.lat, told.lng, told.radius_m)
            if told.address:
                place["locationDescriptionText"] = told.address
            found.append(place)
        for number, unit in enumerate(told.units):
            if unit.lat is not None and unit.lng is not None:
                place = self.part(self.of(f"unit{number}:location"))
                place["locationTypeDescriptionRegistryText"] = "Unit"
                found.append(place | {"locationByValue": pidf_lo(unit.lat, unit.lng, None)})
        return found

    def resources(self) -> list[Part]:
        return [self.resource(number, unit) for number, unit in enumerate(self.record.units)]

    def resource(self, number: int, unit: UnitTold) -> Part:
        found = self.part(self.of(f"unit{number}")) | {
            "emergencyResourceTypeCommonRegistryText": OTHER,
            "primaryUnitStatusRegistryText": UNIT_STATES.get(unit.status, OTHER),
            "secondaryUnitStatusRegistryText": [],
            "resourceAttributeRegistryText": [],
        }
        if unit.name:
            found["emergencyResourceName"] = unit.name
        if unit.kind:
            found["emergencyResourceTypeInternalText"] = unit.kind
        if unit.status:
            found["unitStatusInternal"] = [unit.status]
        if unit.arrives_at:
            found["eta"] = stamp(unit.arrives_at)
        if unit.lat is not None and unit.lng is not None:
            found["unitLocationReference"] = _to(self.of(f"unit{number}:location"))
        return found

    def notes(self) -> list[Part]:
        told = self.record
        found = []
        if told.what:
            found.append(self.note("what", told.what, ""))
        if told.victims is not None:
            found.append(self.note("victims", str(told.victims), ""))
        for number, one in enumerate(told.notes):
            found.append(self.note(f"note{number}", one.text, stamp(one.at) if one.at else ""))
        return found

    def note(self, name: str, text: str, at: str) -> Part:
        return self.part(self.of(name), at) | {"notesActionComments": text}

    def agency(self) -> Part:
        found = self.part(self.record.sender)
        found |= {"agencyRoleDescriptionRegistryText": ["CallReceiving"]}
        return found | {"agencyType": ["psap"]}

    def agent(self) -> Part:
        """By a role: no person of ours is named to others."""
        found = self.part(f"{self.record.sender}:desk")
        found |= {"agentRoleRegistryText": ["Call Taking"]}
        return found | {"agencyReference": _to(self.record.sender)}


def pidf_lo(lat: float, lng: float, radius_m: float | None) -> str:
    """A point, or a circle, as PIDF-LO (RFC 4119, RFC 5491)."""
    pos = f"<gml:pos>{escape(str(lat))} {escape(str(lng))}</gml:pos>"
    if radius_m is None:
        shape = f'<gml:Point srsName="urn:ogc:def:crs:EPSG::4326">{pos}</gml:Point>'
    else:
        uom = "urn:ogc:def:uom:EPSG::9001"
        shape = (
            f'<gs:Circle srsName="urn:ogc:def:crs:EPSG::4326">{pos}'
            f'<gs:radius uom="{uom}">{radius_m}</gs:radius></gs:Circle>'
        )
    return (
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" '
        'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
        'xmlns:gml="http://www.opengis.net/gml" '
        'xmlns:gs="http://www.opengis.net/pidflo/1.0" entity="pres:incident">'
        f'<tuple id="place"><status><gp:geopriv><gp:location-info>{shape}</gp:location-info>'
        "<gp:usage-rules/></gp:geopriv></status></tuple></presence>"
    )


def _to(name: str) -> dict[str, str]:
    return {"$ref": name}
