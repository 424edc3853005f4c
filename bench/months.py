"""A city's seven months, simulated in bulk on SQLite: how long that takes and how large it
becomes, how soon a server with all of it serves, how fast the evaluation of all of it is.

`python -m bench.months` evaluates what the database holds, in a process of its own, and
prints how many seconds each time took.
"""

import json
import time

from sim.presets import PRESETS, public_table

from .product import Product, product
from .table import Measure, percentile

NAME = "kediri-2025"
PRESET = PRESETS[NAME]
PERIOD = ("--from", str(PRESET.first), "--to", str(PRESET.last))
SIGAP = "sigap.config.cli"
TURNS = 5


def run() -> list[Measure]:
    """On SQLite."""
    with product() as served:
        made = served.cost(SIGAP, "sim", "--preset", NAME)
        size = sum(file.stat().st_size for file in served.folder.iterdir())
        with served.asked() as ask:
            [(rows,)] = ask("SELECT count(*) FROM core_journal")
        verified = served.cost(SIGAP, "journal", "verify")
        printed = [served.cost(SIGAP, "monev", *PERIOD, "--format", "json") for _ in range(TURNS)]
        paper = ("monev", "paper", *PERIOD, "-o", str(served.folder / "report.pdf"))
        papers = [served.cost(SIGAP, *paper) for _ in range(TURNS)]
        evaluated: list[float] = json.loads(served.cost("bench.months").printed)
        starts, boards = _restarted(served)
        held = served.memory_mb()
    table = json.loads(printed[0].printed)["calls"]
    calls, planned = table["total"], public_table(PRESET.calls)
    counted = {one["key"]: one["calls"] for one in table["classes"]}
    return [
        Measure("simulated", made.seconds, "s", at_most=600),
        Measure("simulated: processor", made.processor_s, "s"),
        Measure("simulated: memory", made.memory_mb, "MB"),
        Measure("calls not found again", abs(calls - sum(planned.values())), at_most=0),
        *(
            Measure(f"{name}: apart from the city's own figure", abs(counted[name] - n), at_most=0)
            for name, n in planned.items()
        ),
        Measure("calls in the public table", calls),
        Measure("journal rows", rows),
        Measure("database", size / 2**20, "MiB"),
        Measure("journal verified", verified.seconds, "s"),
        Measure("evaluated: first time in a process", evaluated[0], "s", at_most=2),
        Measure("evaluated: median", percentile(evaluated, 50), "s", at_most=2),
        Measure("sigap monev, whole: median", percentile([p.seconds for p in printed], 50), "s"),
        Measure(
            "sigap monev paper, the report as PDF: median",
            percentile([p.seconds for p in papers], 50),
            "s",
            at_most=10,
        ),
        Measure("restart to serving: median", percentile(starts, 50), "s", at_most=5),
        Measure(f"restart to serving: worst of {TURNS}", max(starts), "s", at_most=5),
        Measure("the board's rows with it: median", percentile(boards, 50), "ms"),
        Measure("server's memory", held, "MB"),
    ]


def _restarted(served: Product) -> tuple[list[float], list[float]]:
    """How long each start took in seconds, and the board's first answer in milliseconds."""
    served.prepare("people", "1")
    starts, boards = [], []
    for _turn in range(TURNS):
        served.stop()
        starts.append(served.start())
        person = served.browser("bench-0")
        person.headers()  # signed in, which takes its own time
        began = time.perf_counter()
        person.get("/console/state")
        boards.append((time.perf_counter() - began) * 1000)
    return starts, boards


def main() -> None:
    """Evaluate again and again."""
    from sigap.config.cli import start_django

    start_django()
    from sigap.evaluation.evaluate import evaluate
    from sigap.evaluation.period import period_of

    taken = []
    for _turn in range(TURNS):
        began = time.perf_counter()
        evaluate(period_of(PRESET.first, PRESET.last))
        taken.append(time.perf_counter() - began)
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
