"""Evaluates one warehouse on DuckDB and on Spark, in a process of its own, since Spark keeps a
Java machine beside it: python -m tests.process.on_both FOLDER FIRST LAST prints both as JSON."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from sigap.config.cli import start_django


def main(folder: str, first: str, last: str) -> None:
    """Facts of all cities (from the cube), and the journal rows of one."""
    start_django()
    from sigap.evaluation.warehouse.engines import ENGINES
    from sigap.evaluation.warehouse.figures import evaluate

    days = datetime.fromisoformat(first), datetime.fromisoformat(last)
    found = {
        engine: {
            "facts": asdict(evaluate(Path(folder), *days, engine=engine, memory="512m")),
            "journal": asdict(
                evaluate(
                    Path(folder),
                    *days,
                    city="kediri",
                    engine=engine,
                    memory="512m",
                    from_journal=True,
                )
            ),
        }
        for engine in ENGINES
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
