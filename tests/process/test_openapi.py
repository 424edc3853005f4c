"""Schemathesis, which makes requests of all sorts out of the OpenAPI document, finds nothing
in a running server: no fault of ours, no answer that the document does not describe."""

import subprocess
import sys
from pathlib import Path

from .server import TOKEN, Server

SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
EXAMPLES = "40"  # of each operation, beside those at the limits of every field
SHUT_OUT = "Authentication failed"  # Schemathesis's words for an operation that only refuses


def test_schemathesis_finds_nothing(served: Server, tmp_path: Path) -> None:
    said = ask_everything(served, TOKEN, tmp_path)
    # All of the document was tested, and with a token that opened every door.
    assert "5 selected / 6 total" in said and SHUT_OUT not in said, said


def test_schemathesis_notices_when_a_door_stays_shut(served: Server, tmp_path: Path) -> None:
    said = ask_everything(served, "not-the-token", tmp_path)
    assert SHUT_OUT in said, said


def ask_everything(served: Server, token: str, where: Path) -> str:
    """What Schemathesis printed after asking for all it can think of; a fault ends the test."""
    command = [
        *(SCHEMATHESIS, "run", f"{served.url}/api/openapi.json"),
        *("--header", f"Authorization: Bearer {token}"),
        # A stream has no end; tests/stories/test_orders.py reads it.
        *("--exclude-path", "/hooks/calls/orders"),
        *("--seed", "112", "--max-examples", EXAMPLES, "--no-color"),
    ]
    done = subprocess.run(
        command, cwd=where, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
