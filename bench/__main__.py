"""`python -m bench [names]`: run the benches named, or all, and print one table."""

import argparse
import importlib
import sys
import time

from . import machine
from .table import Measure, line

BENCHES = ("hooks", "views", "live", "screen", "months")


def main() -> int:
    """Run; 1 when a target was missed."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHES))
    names = options.parse_args().names or BENCHES
    if unknown := sorted(set(names) - set(BENCHES)):
        options.error(f"unknown: {', '.join(unknown)}. There are: {', '.join(BENCHES)}")
    print("\n".join(machine.facts()), "\n", flush=True)
    found: list[Measure] = []
    for name in names:
        began, load = time.perf_counter(), machine.load()
        measures: list[Measure] = importlib.import_module(f"bench.{name}").run()
        found += measures
        for measure in measures:
            print(line(name, measure))
        took = time.perf_counter() - began
        print(f"{'':<10}took {took:.0f} s; load before {load}\n", flush=True)
    return int(any(m.verdict == "MISSED" for m in found))


if __name__ == "__main__":
    sys.exit(main())
