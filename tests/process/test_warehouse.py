"""The warehouse on an engine that a province may have: Spark, on this machine alone."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.simulated import DAYS

from .server import Server, environment, run_sigap


def apart(one: Any, other: Any) -> float:
    """By how much two findings differ at most."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        return max((apart(one[key], other[key]) for key in one), default=0)
    if isinstance(one, list):
        assert len(one) == len(other)
        return max(map(apart, one, other), default=0)
    if isinstance(one, int | float) and one is not None:
        return abs(one - other)
    assert one == other
    return 0


def run(module: str, env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def plain_spark(folder: Path) -> Path:
    """A Spark that makes no Java code of each question: with so few rows that is all it did."""
    folder.mkdir()
    (folder / "spark-defaults.conf").write_text(
        "spark.sql.codegen.wholeStage false\n"
        "spark.sql.codegen.factoryMode NO_CODEGEN\n"
        "spark.sql.adaptive.enabled false\n"
    )
    return folder


def test_duckdb_and_spark_find_the_same(new_city: Callable[..., Server], tmp_path: Path) -> None:
    env = environment(new_city().data_dir)
    run("tests.process.a_few_days", env)
    run_sigap(env, "warehouse", "export", "--folder", str(tmp_path))
    # A second city with the same figures, so that percentiles come from the merged cube.
    for table in tmp_path.glob("*/city=kediri"):
        shutil.copytree(table, table.with_name("city=blitar"))
    other = (tmp_path / "manifest/kediri.json").read_text()
    other = other.replace("city=kediri", "city=blitar").replace('"kediri"', '"blitar"')
    (tmp_path / "manifest/blitar.json").write_text(other)
    env["SPARK_CONF_DIR"] = str(plain_spark(tmp_path / "conf"))
    days = [day.isoformat() for day in DAYS]
    found = json.loads(run("tests.process.on_both", env, str(tmp_path), *days).splitlines()[-1])
    for how, figures in found["duckdb"].items():
        assert figures.pop("engine") == "duckdb"
        assert found["spark"][how].pop("engine") == "spark"
        assert apart(figures, found["spark"][how]) <= 1e-6
        assert figures["calls"]["all"] > 100
    assert found["spark"]["facts"]["percentiles"] == "cube"
