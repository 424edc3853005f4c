"""`sigap voice`: needs neither the database nor the settings."""

import logging
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import click

NEEDED = {"numpy": "numpy", "onnxruntime": "onnxruntime", "silero_vad": "silero-vad"}
# One thread listens, so more cores carry no more than this: 300 calls were measured to keep up
# beside other work, 480 were not.
MOST = 300


def most_calls(per_core: int) -> int:
    """How many calls this machine may listen to; one core is left for the rest of Sigap."""
    cores = len(os.sched_getaffinity(0))
    return min(MOST, per_core * max(1, cores - 1))


@click.command("voice")
@click.option(
    "--socket",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the controlling process speaks to this one.",
)
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="Where the audio comes in on loopback; 0: any that is free.",
)
@click.option(
    "--calls-per-core",
    default=240,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="As many calls are listened to per core, one core left out.",
)
@click.option("--beside", is_flag=True, help="End when the standard input is closed.")
@click.option("--check", is_flag=True, help="Only say whether this machine can do it.")
def voice_command(
    path: Path | None, port: int, calls_per_core: int, beside: bool, check: bool
) -> None:
    """Hear whether somebody speaks on the calls that Asterisk sends here."""
    if missing := [package for module, package in NEEDED.items() if not find_spec(module)]:
        sys.exit(f"Voice detection lacks {', '.join(missing)}. Run: make install")
    try:
        from .check import check_model
        from .server import CannotListen, serve
    except ImportError as error:  # there, but not for this machine
        sys.exit(f"Voice detection cannot be loaded: {error}")
    if check:
        if fault := check_model():
            sys.exit(f"Voice detection does not work: {fault}")
        click.echo(f"ok: at most {most_calls(calls_per_core)} calls")
        return
    if path is None:
        raise click.UsageError("Say where to listen: --socket PATH")
    import uvloop

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        sound = uvloop.run(serve(path, port, most_calls(calls_per_core), beside=beside))
    except CannotListen as error:
        sys.exit(f"Voice detection cannot listen: {error}")
    sys.exit(0 if sound else 1)
