"""`python -m bench [names]`: run the benches named, or all, and print one table."""

import argparse
import importlib
import sys
import time

from . import machine
from .table import Measure, line

BENCHES: tuple[str, ...] = ("hooks", "views", "live", "screen", "months", "classify")
BENCHES += ("duplicates", "complaints", "lists", "webhook", "recommend", "positions", "voice")
BENCHES += ("gate", "ring", "exchange", "crew", "alarms", "record", "standby", "forecast")
BENCHES += ("warehouse",)
BY_NAME: tuple[str, ...] = ("valhalla", "lighthouse")  # these fetch what no test needs


def main() -> int:
    """Run; 1 when a target was missed."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHES + BY_NAME))
    names = options.parse_args().names or BENCHES
    if unknown := sorted(set(names) - {*BENCHES, *BY_NAME}):
        options.error(f"unknown: {', '.join(unknown)}. There are: {', '.join(BENCHES + BY_NAME)}")
    table, missed = machine.facts(), False
    try:
        for name in names:
            began, load = time.perf_counter(), machine.load()
            print(f"{name} …", file=sys.stderr, flush=True)
            measures: list[Measure] = importlib.import_module(f"bench.{name}").run()
            table += ["", *(line(name, measure) for measure in measures)]
            took = time.perf_counter() - began
            table.append(f"{'':<11}took {took:.0f} s; load {load} before, {machine.load()} after")
            missed |= any(measure.verdict == "MISSED" for measure in measures)
    finally:  # what was measured is shown even where the next bench fails
        print("\n".join(table))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
