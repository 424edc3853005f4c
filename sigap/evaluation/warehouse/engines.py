"""Where the expressions run: DuckDB in this process, or Spark, which a province may have."""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis  # type: ignore[import-untyped]
import ibis.expr.types as ir  # type: ignore[import-untyped]
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from django.utils.translation import gettext as _

from sigap.core.errors import Invalid, SigapError

from .manifest import Manifest, check, read_all
from .tables import SCHEMAS, TODAY

ENGINES = ("duckdb", "spark")
LOCAL = "local[2]"
# What Spark needs to be told where nobody else has: this machine alone, and no page of its own.
SPARK_HERE = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
}
SPARK = {
    "spark.ui.showConsoleProgress": "false",
    # Months and codes stay the text that they are.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
}


class Warehouse:
    """The tables of some cities on one engine."""

    def __init__(self, backend: Any, root: Path, cities: list[Manifest], empty: Path) -> None:
        self._backend, self._root, self.cities, self._empty = backend, root, cities, empty

    def table(self, name: str, months: Sequence[str] = ()) -> ir.Table:
        """One table of all the cities; of these months only, where any are given. Each file is
        looked at first, so that a damaged one is named."""
        parts = [part for city in self.cities for part in city.tables[name]]
        if months:
            parts = [p for p in parts if any(f"/month={month}/" in p.path for month in months)]
        files = [str(check(self._root, part)) for part in parts]
        if not files:
            return self._read(name, [self._nothing(name)], self._empty)
        return self._read(name, files, self._root)

    def rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        """Compute a table, as rows."""
        found: list[dict[str, Any]] = self.arrow(expression).to_pylist()
        return found

    def arrow(self, expression: ir.Table) -> pa.Table:
        """Compute a table; Invalid where a file cannot be read after all."""
        try:
            return self._backend.to_pyarrow(expression)
        except Exception as error:
            if (damaged := _unreadable(error)) is None:
                raise
            raise Invalid(_("A file of the warehouse cannot be read: %(why)s") % damaged) from error

    def _read(self, name: str, files: list[str], base: Path) -> ir.Table:
        if self._backend.name == "duckdb":
            found: ir.Table = self._backend.read_parquet(
                files, table_name=name, hive_partitioning=True, hive_types_autocast=False
            )
            return found
        reader = self._backend._session.read.option("basePath", str(base / name))
        reader.parquet(*files).createOrReplaceTempView(name)
        made: ir.Table = self._backend.table(name)
        return made

    def _nothing(self, name: str) -> str:
        folder = self._empty / name / "city=none" / ("" if name in TODAY else "month=none")
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(SCHEMAS[name].empty_table(), folder / "none.parquet")
        return str(folder / "none.parquet")


@contextmanager
def opened(
    root: Path, engine: str, city: str = "", *, master: str = "", memory: str = ""
) -> Iterator[Warehouse]:
    """The warehouse below `root` on an engine: of one city, or of all that lie there. `master`
    is where Spark is (this machine), `memory` how much an engine may take, as "1g"."""
    cities = read_all(root)
    if city and city not in cities:
        known = ", ".join(cities)
        raise Invalid(_("No such city here. There are: %(known)s.") % {"known": known})
    chosen = [cities[city]] if city else list(cities.values())
    with tempfile.TemporaryDirectory() as scratch:
        backend = _spark(master, memory) if engine == "spark" else _duckdb(memory, scratch)
        try:
            yield Warehouse(backend, root, chosen, Path(scratch))
        finally:
            backend.disconnect()


def _duckdb(memory: str, scratch: str) -> Any:
    limits = {"memory_limit": memory.replace("g", "GB").replace("m", "MB")} if memory else {}
    # It fetches nothing by itself, and nothing but Parquet is asked of it.
    apart = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    return ibis.duckdb.connect(temp_directory=scratch, **limits, **apart)


def _spark(master: str, memory: str) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise Invalid(_("Spark needs the package pyspark, which is not installed.")) from error
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of each connection
    here = not master or master.startswith("local")
    if here:
        java = Path(os.environ.get("JAVA_HOME", ""), "bin", "java")
        if not ("JAVA_HOME" in os.environ and java.exists()) and shutil.which("java") is None:
            raise Invalid(_("Spark needs Java 17 or newer, which this machine has not."))
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    wanted = {**SPARK, **(SPARK_HERE if here else {})}
    if memory:
        wanted["spark.driver.memory"] = memory
    builder = SparkSession.builder.master(master or LOCAL).appName("sigap")
    for key, value in wanted.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return ibis.pyspark.connect(session)


def _unreadable(error: Exception) -> dict[str, str] | None:
    """The engine's own words, where it says that a file is at fault."""
    if isinstance(error, SigapError):
        return None
    told = str(error)
    signs = (
        "TProtocolException",
        "Parquet",
        "parquet",
        "CANNOT_READ_FILE",
        "FAILED_READ_FILE",
        "ZSTD",
        "No such file",
    )
    if any(sign in told for sign in signs):
        return {"why": told.strip().partition("\n")[0][:300]}
    return None
