"""A client of others for GeoReport v2 (georeport, from PyPI) speaks with a running server."""

import io
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from defusedxml import ElementTree
from georeport import GeoReport  # type: ignore[import-untyped]
from PIL import Image

from .asking import client
from .cities import City, copied
from .server import Server, running, until

PLACE = {"lat": -7.8201, "long": 112.0203}


@pytest.fixture(scope="module")
def city(prototype: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city whose street lights are no secret."""
    with copied(prototype, tmp_path_factory.mktemp("open311") / "city") as own:
        own.do("UPDATE complaints_category SET publish = 'summary' WHERE code = 'pju'")
        yield own


@pytest.fixture(scope="module")
def server(city: City) -> Iterator[Server]:
    """Its server."""
    with running(city.server()) as started:
        yield started


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """A key made on the machine itself."""
    made = server.run("open311", "key", "add", "georeport", "--rate", "1000").strip()
    assert "georeport\tkey:1\t1000/minute\tactive" in server.run("open311", "key", "list")
    return made


def report(server: Server, key: str, form: str, **more: Any) -> httpx.Response:
    """A report, as every client of the specification posts it."""
    told = {"api_key": key, "service_code": "pju", "description": "Lampu mati", **PLACE, **more}
    return client(server.url).post(f"/open311/v2/requests.{form}", data=told)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport_reads_what_is_reported(server: Server, key: str, form: str) -> None:
    reader = GeoReport(f"{server.url}/open311/v2", "kediri", output_format=form)
    services = {one["service_code"]: one for one in reader.get_service_list()}
    assert services["pju"]["service_name"] == "Penerangan jalan"
    definition = reader.get_service_definition("pju")
    asked = definition["attributes"]
    asked = asked["attribute"] if form == "xml" else asked
    assert [one["code"] for one in asked] == ["asset", "condition"]

    numbers = []
    for _n in range(2):  # the client takes a list of one in XML for the one
        answer = report(server, key, form)
        assert answer.status_code == 201, answer.text
        if form == "xml":
            root = ElementTree.fromstring(answer.content)
            numbers.append(root.findtext("request/service_request_id") or "")
        else:
            numbers.append(answer.json()[0]["service_request_id"])
    listed = {one["service_request_id"] for one in reader.get_service_requests(status="open")}
    assert set(numbers) <= listed
    found = reader.get_service_requests(service_request_id=",".join(numbers), service_code="pohon")
    assert {one["service_request_id"] for one in found} == set(numbers)
    one = reader.get_service_request(numbers[0])
    assert (one["status"], one["service_code"]) == ("open", "pju")
    assert one["agency_responsible"] == "Dishub" and not one["description"]


def test_large_photos_pass_and_what_is_larger_is_refused(server: Server, key: str) -> None:
    told = {"api_key": key, "service_code": "pju", **{k: str(v) for k, v in PLACE.items()}}
    photo = _photo(3_000_000)
    http = client(server.url)
    sent = http.post("/open311/v2/requests.json", data=told, files={"media": ("a.jpg", photo)})
    assert sent.status_code == 201, sent.text
    more = http.post(
        "/open311/v2/requests.json", data=told, files={"media": ("a.jpg", bytes(30_000_000))}
    )
    assert (more.status_code, more.json()[0]["code"]) == (413, 413)
    words = http.post("/open311/v2/requests.xml", data=told | {"description": "x" * 1_000_000})
    assert words.status_code == 413
    assert ElementTree.fromstring(words.content).findtext("error/code") == "413"


def test_a_key_that_was_removed_is_refused_by_a_running_server(server: Server) -> None:
    key = server.run("open311", "key", "add", "another").strip()
    assert report(server, key, "json").status_code == 201
    assert "removed" in server.run("open311", "key", "remove", "another")

    def is_refused() -> bool:
        return report(server, key, "json").status_code == 403

    until(is_refused, 10)
    assert key not in server.log.read_text()


def test_the_journal_holds(city: City, server: Server, key: str) -> None:
    told = secrets.token_hex(8)
    answers = [report(server, key, "json", idempotency_key=told).json() for _n in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert "sound" in city.verify()
    (kept,) = city.ask("SELECT count(*) FROM core_journal WHERE actor = 'key:1'")[0]
    (filed,) = city.ask("SELECT count(*) FROM complaints_complaint WHERE origin = 'key:1'")[0]
    assert kept >= filed > 0


def _photo(size: int) -> bytes:
    """A JPEG, and so many bytes behind it, as some cameras write them."""
    drawn = io.BytesIO()
    Image.new("RGB", (64, 48), "blue").save(drawn, "JPEG")
    return drawn.getvalue() + bytes(size)
