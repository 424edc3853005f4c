"""A set of open data as a file: CSV, JSON or Parquet. Each is made once, until there is more."""

import csv
import hashlib
import importlib.util
import io
import json
import threading
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from sigap.core.models import JournalDay
from sigap.core.queries import deployment
from sigap.evaluation.report import harmless

from ..models import Edition
from .datasets import Dataset, mark

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
MOST_KEPT = 32


@dataclass(frozen=True)
class Made:
    """A file as it is sent."""

    data: bytes
    digest: str
    media: str


_lock = threading.Lock()
_made: dict[tuple[str, ...], Made] = {}


def forms() -> list[str]:
    """In which forms there are files here: Parquet only where its library is installed."""
    return [form for form in TYPES if form != "parquet" or importlib.util.find_spec("pyarrow")]


def made(dataset: Dataset, form: str) -> Made:
    """The file. Others who want one wait, so that none is made twice."""
    key = (dataset.name, form, get_language() or "", *_state())
    with _lock:
        if key not in _made:
            if len(_made) >= MOST_KEPT:
                _made.pop(next(iter(_made)))
            data = WRITERS[form](dataset)
            _made[key] = Made(data, hashlib.sha256(data).hexdigest(), TYPES[form])
        return _made[key]


def _state() -> tuple[str, ...]:
    """What the files hang on."""
    served, day = deployment(), JournalDay.objects.order_by("-day").first()
    # Editions and days stay as they are, so their digests tell all.
    every = "".join(Edition.objects.order_by("month").values_list("digest", flat=True))
    return (
        f"{served.city} {served.drill}" if served else "",
        day.head if day else "",
        hashlib.sha256(every.encode()).hexdigest(),
    )


def _csv(dataset: Dataset) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in dataset.columns])
    last = mark()
    for row in dataset.rows():
        writer.writerow([_cell(value) for value in (*row, last)])
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else harmless(value)


def _json(dataset: Dataset) -> bytes:
    names, last = [column.name for column in dataset.columns], mark()
    rows = [dict(zip(names, (*row, last), strict=True)) for row in dataset.rows()]
    head = {"dataset": dataset.name, "title": dataset.title, "note": last}
    return json.dumps(head | {"rows": rows}, ensure_ascii=False, indent=1).encode()


def _parquet(dataset: Dataset) -> bytes:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    kinds = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    last = mark()
    rows = [(*row, last) for row in dataset.rows()]
    columns = {
        column.name: pa.array(
            [row[n] for row in rows], type=kinds.get(column.kind, pa.string()), from_pandas=False
        )
        for n, column in enumerate(dataset.columns)
    }
    told = {"title": dataset.title, "note": last}
    table = pa.table(columns).replace_schema_metadata(told)
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


WRITERS = {"csv": _csv, "json": _json, "parquet": _parquet}
