"""The city's seven months in bulk: how long it takes, how large it becomes, how fast the
evaluation of all of it is. Run alone: `python -m bench.months`."""

import os
import resource
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Simulate into a fresh SQLite database and print what it cost."""
    with tempfile.TemporaryDirectory(prefix="sigap-months-") as folder:
        os.environ |= {"SIGAP_DATA_DIR": folder, "SIGAP_DATABASE_URL": ""}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")
        import django

        django.setup()
        from django.core.management import call_command

        from sigap.core.journal import tip_seq, verify
        from sigap.evaluation.evaluate import evaluate
        from sigap.evaluation.period import period_of
        from sim.cli import simulate, told
        from sim.presets import PRESETS

        call_command("migrate", verbosity=0)
        preset = PRESETS["kediri-2025"]
        began, cpu = time.perf_counter(), time.process_time()
        done = simulate(preset, seed=112, fast=True)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        print("\n".join(told(done, seconds=seconds)))
        print(_row("simulated, wall clock", seconds, "s"))
        print(_row("simulated, processor", cpu, "s"))
        print(_row("processor per call", cpu / preset.total * 1000, "ms"))
        print(_row("journal rows", tip_seq(), ""))
        size = sum(f.stat().st_size for f in Path(folder).iterdir())
        print(_row("database", size / 2**20, "MiB"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(_row("most memory", peak / 2**10, "MiB"))
        began = time.perf_counter()
        evaluate(period_of(preset.first, preset.last))
        print(_row("evaluation of all of it", time.perf_counter() - began, "s"))
        began = time.perf_counter()
        verdict = verify()
        print(_row("journal verified", time.perf_counter() - began, "s"))
        if verdict.broken_seq is not None:
            raise SystemExit(f"the journal is broken: {verdict.why}")


def _row(what: str, number: float, unit: str) -> str:
    return f"  {what:<26}{number:>12,.1f} {unit}"


if __name__ == "__main__":
    main()
