"""`sigap sim`: fill an empty database with a simulated city."""

import os
import secrets
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as midnight

import click
from tqdm import tqdm

from . import events as e
from .callers import WIB
from .presets import PRESETS, Preset, public_table


@click.command("sim")
@click.option("--preset", "name", type=click.Choice(sorted(PRESETS)), default="kediri-2025")
@click.option(
    "--database",
    default="",
    help="sqlite:///path or postgresql://…; default: as the settings say. It must be empty.",
)
@click.option(
    "--fast/--slow",
    "fast",
    default=True,
    help="In bulk through the same actions, or request by request through every address.",
)
@click.option("--seed", default=112, show_default=True, help="Another seed, another city.")
@click.option("--days", default=0, help="Only the first days, with their share of the calls.")
def sim_command(name: str, database: str, fast: bool, seed: int, days: int) -> None:
    """Fill an empty database with made-up calls and incidents, marked as simulated."""
    preset = PRESETS[name]
    if days:
        last = min(preset.last, preset.first + timedelta(days=days - 1))
        preset = preset.days(preset.first, last)
    if database:
        os.environ["SIGAP_DATABASE_URL"] = database
    os.environ.setdefault("SIGAP_HOOK_TOKEN", secrets.token_urlsafe(24))
    from sigap.config.cli import start_django

    start_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    done = simulate(preset, seed=seed, fast=fast)
    for line in told(done, seconds=time.perf_counter() - began):
        click.echo(line)


def simulate(preset: Preset, *, seed: int, fast: bool, quiet: bool = False) -> Counter[str]:
    """Set the city up in the empty database and let the plan happen; how many calls of each
    class there were, those that nobody answered as "abandoned"."""
    from sigap.core import clock
    from sigap.core.errors import SigapError

    from .city import plan
    from .people import set_up

    start = datetime.combine(preset.first, midnight(0), WIB) - timedelta(hours=1)
    try:
        with clock.frozen(start):
            pack = set_up(preset)
    except SigapError as refusal:
        raise click.ClickException(str(refusal)) from None
    done: Counter[str] = Counter()
    with tqdm(total=preset.total, unit=" calls", disable=quiet or None, smoothing=0.02) as bar:

        def count(event: e.Event) -> None:
            if isinstance(event, e.Ring):
                done["abandoned"] += 1
                bar.update()
            elif isinstance(event, e.Close):
                done["abandoned"] -= 1
                done[event.call_class] += 1

        run = _fast if fast else _slow
        run(plan(preset, pack, seed), count)
    return done


def _fast(events: e.Plan, progress: Callable[[e.Event], None]) -> None:
    from . import fast

    fast.run(events, progress=progress)


def _slow(events: e.Plan, progress: Callable[[e.Event], None]) -> None:
    from . import slow
    from .inside import Inside

    with Inside() as world:
        slow.run(events, world, progress=progress)


def told(done: Counter[str], *, seconds: float) -> list[str]:
    """What was simulated, in the classes of the public table."""
    table = public_table(done)
    total = sum(table.values())
    lines = [f"Simulated in {seconds:.0f} s. All of it is made up."]
    lines += [f"  {name:<12}{n:>8,}{n / max(1, total):>9.2%}" for name, n in table.items()]
    lines.append(f"  {'all':<12}{total:>8,}")
    presented, gone = sum(done.values()), done["abandoned"]
    lines.append(
        f"Shown apart: {gone:,} abandoned ({gone / max(1, presented):.1%} of all presented), "
        f"{done['test']:,} test calls, {done['out_of_area']:,} from outside the city."
    )
    return lines
