"""Records as EIDO: ours come back as they went, others' are read as far as they can be."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigap.core.errors import Invalid
from sigap.gateways.eido.codes import PRIORITIES, priority_of
from sigap.gateways.eido.compose import as_bytes, compose
from sigap.gateways.eido.read import read, read_own
from sigap.neighbours.record import PARTS, PERSONAL, NoteTold, Record, UnitTold, only

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
FULL = Record(
    id="urn:emergency:uid:incidentid:0123456789abcdef:kediri",
    number="12",
    sender="kediri",
    type_codes=["kecelakaan_lalin", "VEHACC"],
    type_text="Kecelakaan lalu lintas",
    priority=1,
    priority_text="P1",
    status="in_progress",
    outcome="Ditangani",
    lat=-7.75,
    lng=112.18,
    radius_m=25.0,
    address="Jl. Raya Pare 12 <dekat pasar> & toko",
    caller="+6281233451190",
    rang_at=NOW,
    what="Truk dan motor",
    victims=2,
    units=[
        UnitTold(name="AMB-01", kind="Ambulans", status="en_route", lat=-7.8, lng=112.0),
        UnitTold(name="DMK-02", status="derek", arrives_at=NOW),
    ],
    notes=[NoteTold(at=datetime(2026, 11, 2, 0, 59, tzinfo=UTC), text="Jalan tertutup\nsatu sisi")],
    updated_at=NOW,
)


def test_what_we_write_comes_back_as_it_was() -> None:
    assert read_own(json.loads(as_bytes(compose(FULL)))) == FULL


@pytest.mark.parametrize("part", PARTS)
def test_each_part_alone_comes_back_too(part: str) -> None:
    told = only(FULL, [part])
    assert read_own(json.loads(as_bytes(compose(told)))) == told


def test_without_a_persons_part_nothing_of_a_person_is_written() -> None:
    text = as_bytes(compose(only(FULL, [p for p in PARTS if p not in PERSONAL]))).decode()
    for word in ("81233451190", "Pare", "Truk", "tertutup", "callback", "person"):
        assert word not in text


def test_a_document_that_is_not_quite_ours_is_not_taken_for_ours() -> None:
    document = compose(FULL) | {"vehicleComponent": []}
    assert read(document).unread == ["vehiclecomponent"]
    with pytest.raises(ValueError):
        read_own(document)


def test_the_same_record_is_the_same_bytes() -> None:
    assert as_bytes(compose(FULL)) == as_bytes(compose(FULL.model_copy(deep=True)))


@pytest.mark.parametrize("ours", PRIORITIES)
def test_a_priority_comes_back(ours: int) -> None:
    assert priority_of(PRIORITIES[ours]) == ours


@pytest.mark.parametrize("number", [-1, 11, "10", None, True, float("nan")])
def test_a_priority_off_the_scale_is_none(number: object) -> None:
    assert priority_of(number) is None


DRAFT: dict[str, Any] = {
    # As an older draft wrote it: other cases, one or a list, no version.
    "$id": "incidentid:0:psap.example",
    "LastUpdateTimeStamp": "2026-10-29T18:40:04.337Z",
    "incidentComponent": [
        {
            "incidentTypeInternalText": "CIVIL UNREST; REQUEST MUTUAL AID",
            "incidentTypeCommonRegistryText": "CU1",
            "incidentStatusInternalText": ["10-101"],
            "incidentCommonPriorityNumber": 10,
            "locationReference": "$ref:place",
        }
    ],
    "locationInformationComponent": {
        "$id": "place",
        "locationByValue": "<p><gs:Circle><gml:pos>-7.71 112.05 34</gml:pos>"
        '<gs:radius uom="m"> 31.5 </gs:radius></gs:Circle><ca:RD>Raya</ca:RD></p>',
    },
    "emergencyResourceComponent": {
        "enforcementUnitName": "Unit 7",
        "primaryUnitStatusRegistryText": "Enroute",
        "emergencyResourceTypeCommonRegistryText": "ENGINE",
    },
    "notesComponent": [{"notesActionComments": "first"}, "nonsense", {"notesActionComments": 7}],
    "alarmsSensorsComponent": [{}],
}


def test_an_older_draft_is_read_with_its_codes_as_they_are() -> None:
    told = read(DRAFT)
    assert (told.type_codes, told.type_text) == (["CU1"], "CIVIL UNREST; REQUEST MUTUAL AID")
    assert (told.status, told.priority) == ("10-101", 1)
    assert (told.lat, told.lng, told.radius_m, told.address) == (-7.71, 112.05, 31.5, "Raya")
    assert told.units == [UnitTold(name="Unit 7", kind="ENGINE", status="en_route")]
    assert [note.text for note in told.notes] == ["first"]
    assert told.unread == ["alarmssensorscomponent"]


def test_a_call_alone_is_enough() -> None:
    told = read(
        {
            "$id": "urn:emergency:uid:incidentid:a56e556d871:bcf.example",
            "callComponent": [{"callStartTimestamp": "2026-11-02T07:00:00+07:00"}],
            "callbackComponent": [{"callBackInformationUri": ["sip:x@y", "tel:081233451190"]}],
        }
    )
    assert told.caller == "+6281233451190" and told.rang_at == datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize("nothing", [None, [], {}, 3, "eido", {"agencyComponent": []}])
def test_what_is_no_eido_is_refused(nothing: Any) -> None:
    with pytest.raises(Invalid):
        read(nothing)


@pytest.mark.parametrize(
    "place",
    [
        "<pos>0 0</pos>",
        "<pos>95 10</pos>",
        "<pos>1.2.3 4</pos>",
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><pos>&a; 1</pos>',
        "<pos>" * 9000,
        {"latitude": "x"},
        7,
    ],
)
def test_a_place_that_is_none_is_left_out(place: Any) -> None:
    document = {
        "$id": "x",
        "incidentComponent": {"a": 1},
        "locationComponent": [{"locationByValue": place}],
    }
    assert (read(document).lat, read(document).address) == (None, "")


LEAF = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20)
KEYS = st.sampled_from(
    [
        *("$id", "incidentComponent", "callComponent", "locationComponent", "notesComponent"),
        *("emergencyResourceComponent", "callbackComponent", "callBackInformationUri", "$ref"),
        *("locationReference", "locationByValue", "incidentStatusInternalText", "eta"),
        *("incidentCommonPriorityNumber", "notesActionComments", "unitStatusInternal"),
    ]
)
ANYTHING = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6)
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, ANYTHING, max_size=8))
def test_no_document_can_break_the_reader(document: dict[str, Any]) -> None:
    try:
        told = read(document)
    except Invalid:
        return
    compose(told)
