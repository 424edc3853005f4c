"""A month evaluated out of fifty million journal rows, read as Parquet: on DuckDB, and on Spark
for the same figures. The rows are made up, two years of a large city; they have the journal's
columns and kinds, but empty hashes, which no figure asks for and nothing compresses.

`python -m bench.warehouse FOLDER ENGINE [MARGIN]` evaluates what lies there, in a process of its
own, and prints how long each time took and what came out.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigap.config.cli import start_django

from .table import Measure, percentile

if TYPE_CHECKING:
    from sigap.evaluation.warehouse.manifest import Part

ROWS, MONTHS = 50_000_000, 24
FIRST = datetime(2024, 1, 1)  # noqa: DTZ001 - local days of the made-up city
# The month that is evaluated, from its first to its last day: February of a leap year.
DAYS = (datetime(2024, 2, 1), datetime(2024, 2, 29))  # noqa: DTZ001
TURNS = 3
# Months of the journal that are read before and after it: what a month's evaluation needs, where
# nothing was corrected later.
MARGIN = "1"
# Journal rows that a call leaves behind, and an emergency besides.
OF_A_CALL, OF_AN_EMERGENCY = 6, 10
EMERGENCIES = 0.02
PER_CALL = OF_A_CALL + EMERGENCIES * OF_AN_EMERGENCY

# A call by its number i: what it is about comes from a hash of it, and every row's time is so
# many microseconds after the ring.
MONTH = """
WITH call AS (
  SELECT i, hash(i) AS h, $start + CAST(i * $step AS BIGINT) AS ring FROM range($calls) t(i)
), fact AS (
  SELECT $from + i AS id, ring, h % 100 < 2 AS urgent, h // 7 % 100 AS q,
         1000000 * (2 + h // 100 % 12) AS s, 1000 * (h // 1000 % 90000) AS d FROM call
), row AS (
  SELECT id, ring, urgent, s, d, unnest([
      {'k': 0, 'kind': 'call.presented', 'of': 'call', 'us': 0, 'told': true},
      {'k': 1, 'kind': 'call.queue', 'of': 'call', 'us': 900000, 'told': true},
      {'k': 2, 'kind': 'call.claimed', 'of': 'call', 'us': s, 'told': false},
      {'k': 3, 'kind': 'call.answer', 'of': 'call', 'us': s, 'told': true},
      {'k': 12, 'kind': 'call.end', 'of': 'call', 'us': s + 9000000 + d, 'told': true},
      {'k': 13, 'kind': 'call.close', 'of': 'call', 'us': s + 12000000 + d, 'told': false},
      {'k': 4, 'kind': 'incident.opened', 'of': 'incident', 'us': s + 20000000, 'told': false},
      {'k': 5, 'kind': 'call.linked', 'of': 'call', 'us': s + 20000000, 'told': false},
      {'k': 6, 'kind': 'assignment.made', 'of': 'assignment', 'us': s + d, 'told': false},
      {'k': 7, 'kind': 'assignment.notify', 'of': 'assignment', 'us': s + d, 'told': false},
      {'k': 8, 'kind': 'incident.start', 'of': 'incident', 'us': s + d, 'told': false},
      {'k': 9, 'kind': 'assignment.acknowledge', 'of': 'assignment', 'us': s + d + 9000000,
       'told': true},
      {'k': 10, 'kind': 'assignment.depart', 'of': 'assignment', 'us': s + d + 3 * s,
       'told': true},
      {'k': 11, 'kind': 'assignment.arrive', 'of': 'assignment', 'us': s + 2 * d + 9 * s,
       'told': true},
      {'k': 14, 'kind': 'assignment.complete', 'of': 'assignment', 'us': s + 9 * d + 90 * s,
       'told': true},
      {'k': 15, 'kind': 'incident.close', 'of': 'incident', 'us': s + 9 * d + 99 * s,
       'told': false}
    ]) AS r,
    CASE WHEN urgent THEN 'emergency' WHEN q < 75 THEN 'silent' WHEN q < 97 THEN 'prank'
         ELSE 'information' END AS class
  FROM fact
)
SELECT id * 16 + r.k AS seq, ring + r.us AS at_us,
  CASE WHEN r.told THEN ring + r.us END AS occurred_us,
  'user:' || id % 40 AS actor, r.kind AS kind, r.of || ':' || id AS subject,
  CASE WHEN urgent AND r.k > 3 THEN 'incident:' || id ELSE '' END AS case,
  '' AS before,
  CASE r.kind WHEN 'assignment.notify' THEN 'notified' WHEN 'assignment.depart' THEN 'en_route'
       WHEN 'assignment.arrive' THEN 'on_scene' WHEN 'assignment.complete' THEN 'completed'
       WHEN 'call.close' THEN 'closed' ELSE '' END AS after,
  CASE r.kind
    WHEN 'call.close' THEN '{"call_class":"' || class || '"}'
    WHEN 'call.answer' THEN '{"operator":' || id % 40 || ',"source":"operator"}'
    WHEN 'call.claimed' THEN '{"operator":' || id % 40 || '}'
    WHEN 'call.linked' THEN '{"incident":' || id || '}'
    WHEN 'incident.opened' THEN '{"area":"35.71.01.1001","call":' || id
      || ',"priority":2,"source":"call","type":"kecelakaan_lalin"}'
    WHEN 'incident.close' THEN '{"disposition":"ditangani"}'
    ELSE CASE r.of WHEN 'assignment' THEN '{"source":"crew","unit":"AMB-0' || id % 9 || '"}'
         ELSE '{"has_number":true}' END
  END AS body,
  '' AS hash
FROM row WHERE urgent OR r.k IN (0, 1, 2, 3, 12, 13) ORDER BY seq
"""


def make(folder: Path, rows: int, months: int = MONTHS) -> int:
    """Fill a warehouse with about so many journal rows, month by month; returns how many."""
    import duckdb
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    from sigap.evaluation.warehouse.manifest import Manifest, commit
    from sigap.evaluation.warehouse.tables import SCHEMAS, micros

    calls, parts, month = round(rows / months / PER_CALL), [], FIRST
    for number in range(months):
        after = (month + timedelta(days=31)).replace(day=1)
        start = micros((month - timedelta(hours=7)).replace(tzinfo=UTC))
        step = (after - month) / timedelta(microseconds=1) / calls
        path = f"journal/city=bench/month={month:%Y-%m}/{number:012}.parquet"
        (folder / path).parent.mkdir(parents=True)
        with duckdb.connect() as made:
            given = {"calls": calls, "from": number * calls + 1, "start": start, "step": step}
            query = MONTH
            for name, value in given.items():
                query = query.replace(f"${name}", str(value))
            made.execute(f"COPY ({query}) TO '{folder / path}' (FORMAT parquet, CODEC zstd)")
        parts.append(_part(folder, path))
        month = after
    path = "dispositions/city=bench/0.parquet"
    (folder / path).parent.mkdir(parents=True)
    ends = pa.table(
        {"disposition": ["ditangani"], "followed_up": [True]}, schema=SCHEMAS["dispositions"]
    )
    pq.write_table(ends, folder / path)
    every: dict[str, list[Part]] = {name: [] for name in SCHEMAS}
    every |= {"journal": parts, "dispositions": [_part(folder, path)]}
    total = sum(part.rows for part in parts)
    commit(
        folder,
        Manifest(
            city="bench",
            time_zone="Asia/Jakarta",
            drill=False,
            first_seq=1,
            last_seq=total,
            head="",
            made_at="",
            tables=every,
        ),
    )
    return total


def _part(folder: Path, path: str) -> "Part":
    import pyarrow.parquet as pq

    from sigap.evaluation.warehouse.manifest import Part

    rows = pq.read_metadata(folder / path).num_rows
    return Part(path, rows, (folder / path).stat().st_size)


def run() -> list[Measure]:
    """Make the rows, evaluate a month of them on both engines."""
    start_django()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        began = time.perf_counter()
        rows = make(folder, ROWS)
        made_s = time.perf_counter() - began
        size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
        duck, duck_mb = _evaluated(folder, "duckdb", MARGIN)
        whole, whole_mb = _evaluated(folder, "duckdb", "")
        spark, spark_mb = _evaluated(folder, "spark", MARGIN)
    return [
        Measure("journal rows", rows),
        Measure("made", made_s, "s"),
        Measure("as Parquet", size / 2**20, "MiB"),
        Measure("calls of the month", duck["figures"]["calls"]["all"]),
        Measure("a month on DuckDB: first time in a process", duck["taken"][0], "s", at_most=5),
        Measure("a month on DuckDB: median", percentile(duck["taken"], 50), "s", at_most=5),
        Measure("DuckDB: processor", duck["processor"], "s"),
        Measure("DuckDB: memory", duck_mb, "MB"),
        Measure("a month of all rows on DuckDB: median", percentile(whole["taken"], 50), "s"),
        Measure("all rows on DuckDB: memory", whole_mb, "MB"),
        Measure("differs from the month's rows", _apart(duck["figures"], whole["figures"])),
        Measure("a month on Spark, in one process: median", percentile(spark["taken"], 50), "s"),
        Measure("Spark: memory of Python and Java", spark_mb, "MB"),
        Measure("largest difference", _apart(duck["figures"], spark["figures"]), at_most=1e-6),
    ]


def _evaluated(folder: Path, engine: str, margin: str) -> tuple[dict[str, Any], float]:
    """What `main` prints, and the most memory that it and its children had."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.warehouse", str(folder), engine, margin], stdout=out
        )
        most = 0.0
        while process.poll() is None:
            most = max(most, _held_mb(process.pid))
            time.sleep(0.05)
        if process.returncode:
            raise RuntimeError(f"{engine}: ended with {process.returncode}")
        out.seek(0)
        found: dict[str, Any] = json.loads(out.read().splitlines()[-1])
    return found, most


def _held_mb(pid: int) -> float:
    """The resident memory of a process and its children."""
    held = 0.0
    try:
        words = Path(f"/proc/{pid}/statm").read_text().split()
        held = int(words[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return held
    return held + sum(_held_mb(int(child)) for child in children)


def _apart(one: Any, other: Any) -> float:
    """By how much two findings differ at most; without end where they are not alike at all."""
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.keys() == other.keys():
        return max((_apart(one[key], other[key]) for key in one), default=0.0)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return max(map(_apart, one, other), default=0.0)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other)
    return 0.0 if one == other else float("inf")


def main(folder: str, engine: str, margin: str = "") -> None:
    """Evaluate again and again."""
    start_django()
    from sigap.evaluation.warehouse.figures import evaluate

    taken, used = [], []
    for _turn in range(TURNS):
        began, before = time.perf_counter(), time.process_time()
        found = evaluate(
            Path(folder),
            *DAYS,
            engine=engine,
            from_journal=True,
            margin=int(margin) if margin else None,
            memory="2g",
        )
        taken.append(time.perf_counter() - began)
        used.append(time.process_time() - before)
    figures = {key: asdict(found)[key] for key in ("calls", "clocks")}
    print(json.dumps({"taken": taken, "processor": min(used), "figures": figures}))


if __name__ == "__main__":
    main(*sys.argv[1:])
