"""The open data: the same in every form, described, and found by the catalogues of others."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from sigap.complaints.models import Category
from sigap.core import clock
from sigap.core.actions.configuration import define
from sigap.core.actors import system
from sigap.public import pace
from sigap.public.models import Edition

from .opening import SETS, a_usual_month, areas, at, published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _october(time: clock.Frozen) -> Iterator[None]:
    pace._counted.storage.reset()
    a_usual_month()
    time.at = at(date(2026, 11, 8)).astimezone(UTC)
    published()
    yield
    pace._counted.storage.reset()


def as_csv(client: Client, name: str) -> list[dict[str, str]]:
    text = client.get(f"/transparansi/data/{name}.csv").content.decode()
    return list(csv.DictReader(io.StringIO(text)))


def as_json(client: Client, path: str) -> Any:
    return json.loads(client.get(f"/transparansi/data/{path}").content)


def as_words(value: Any) -> str:
    """As a CSV has it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_the_same_in_every_form(client: Client, name: str) -> None:
    rows = as_json(client, f"{name}.json")["rows"]
    table = pq.read_table(io.BytesIO(client.get(f"/transparansi/data/{name}.parquet").content))
    assert table.to_pylist() == rows
    assert as_csv(client, name) == [{k: as_words(v) for k, v in row.items()} for row in rows]


@pytest.mark.parametrize("name", SETS)
def test_the_dictionary_says_what_every_column_means(client: Client, name: str) -> None:
    [told] = [one for one in as_json(client, "kamus.json")["datasets"] if one["name"] == name]
    text = client.get(f"/transparansi/data/{name}.csv").content.decode()
    assert text.splitlines()[0].split(",") == [column["name"] for column in told["columns"]]
    assert all(column["means"] and column["type"] for column in told["columns"])


def test_calls_are_told_by_day_and_class(client: Client) -> None:
    rows = as_csv(client, "panggilan")
    assert len(rows) == 31 * 7
    by = {(row["date"], row["class"]): row for row in rows}
    assert by["2026-10-02", "ghost"]["calls"] == "300"
    assert by["2026-10-01", "valid"] == {
        "date": "2026-10-01",
        "class": "valid",
        "calls": "0",
        "hidden": "false",
        "drill": "",
    }
    few = by["2026-10-02", "valid"]
    assert (few["calls"], few["hidden"]) == ("", "true")


def test_complaints_are_told_by_category_and_kelurahan(client: Client) -> None:
    first, second, *_ = areas()
    by = {(row["category"], row["area"]): row["complaints"] for row in as_csv(client, "aduan")}
    assert by["all", "all"] == "26"
    assert by["bansos", second] == ""
    assert ("bansos", first) not in by or by["bansos", first] == ""


def test_a_spreadsheet_makes_no_formula_of_a_name(client: Client, time: clock.Frozen) -> None:
    define(Category, key={"code": "pju"}, actor=system("setup"), name="=1+1", name_en="=1+1")
    Edition.objects.all().delete()
    published()
    assert "=1+1" not in {row["category_name"] for row in as_csv(client, "aduan")}
    assert "'=1+1" in {row["category_name"] for row in as_csv(client, "aduan")}


# What DCAT-AP 3 makes mandatory, and what it recommends and we always have.
CATALOG = ("dct:title", "dct:description", "dct:publisher", "dct:language", "foaf:homepage")
DATASET = ("dct:title", "dct:description", "dct:publisher", "dcat:keyword", "dct:temporal")
DISTRIBUTION = ("dcat:accessURL", "dcat:downloadURL", "dcat:mediaType", "dcat:byteSize")


def test_the_catalogue_has_what_dcat_asks_for(client: Client) -> None:
    answer = client.get("/transparansi/data/katalog.jsonld")
    assert answer["Content-Type"] == "application/ld+json"
    found = json.loads(answer.content)
    assert found["@type"] == "dcat:Catalog" and set(CATALOG) <= set(found)
    assert found["dct:publisher"]["@type"] == "foaf:Agent"
    assert {one["dct:identifier"] for one in found["dcat:dataset"]} == set(SETS)
    for one in found["dcat:dataset"]:
        assert one["@type"] == "dcat:Dataset" and set(DATASET) <= set(one)
        assert one["dct:publisher"]["@id"] == found["dct:publisher"]["@id"]
        assert len(one["dcat:distribution"]) == 3
        for way in one["dcat:distribution"]:
            assert way["@type"] == "dcat:Distribution" and set(DISTRIBUTION) <= set(way)
    known = set(found["@context"])
    assert {key.split(":")[0] for key in keys_of(found) if not key.startswith("@")} <= known


def test_the_catalogue_tells_the_size_and_hash_of_what_is_there(client: Client) -> None:
    from hashlib import sha256

    found = as_json(client, "katalog.jsonld")
    for one in found["dcat:dataset"]:
        for way in one["dcat:distribution"]:
            path = "/" + way["dcat:downloadURL"]["@id"].split("/", 3)[3]
            data = client.get(path).content
            assert way["dcat:byteSize"]["@value"] == str(len(data))
            assert way["spdx:checksum"]["spdx:checksumValue"]["@value"] == sha256(data).hexdigest()


def keys_of(part: Any) -> Iterator[str]:
    """Every key of a JSON-LD document but those of its context."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key != "@context":
                yield key
                yield from keys_of(value)
    elif isinstance(part, list):
        for one in part:
            yield from keys_of(one)


def test_without_its_library_there_is_no_parquet_and_all_else_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert client.get("/transparansi/data/aduan.parquet").status_code == 404
    assert client.get("/transparansi/data/aduan.csv").status_code == 200
    assert "PARQUET" not in client.get("/transparansi/data").content.decode()
