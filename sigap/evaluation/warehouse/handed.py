"""What a city may hand on where it hands on no case: the cube as one file."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from . import measures
from .engines import opened
from .manifest import put


def write_cube(root: Path, to: Path, city: str = "") -> int:
    """Write the cube of all readings below `root` to a Parquet file; returns its rows. Such
    files of several cities, read together, are merged by `measures.merged`. A drill's says so
    in the file's own metadata."""
    with opened(root, "duckdb", city) as warehouse:
        cube = warehouse.arrow(measures.cube(warehouse.table("readings")))
        about = {"sigap.drill": str(warehouse.cities[0].drill).lower()}
        about["sigap.bucket_width"] = str(measures.WIDTH)
    table = cube.replace_schema_metadata(about)
    put(to, lambda made: pq.write_table(table, made, compression="zstd"))
    rows: Any = table.num_rows
    return int(rows)
