"""Tests on a machine of their own: python -m tests.process.apart tests/process/softphone.py

An exchange offers browsers no address on loopback, so a telephone in a browser needs a machine
with another one. This makes such a machine, in which nothing else is reachable; what is mounted
there is mounted nowhere else.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ADDRESS = "10.112.0.1"
NETWORK = (
    "link set lo up",
    "link add sound type veth peer name far",
    f"address add {ADDRESS}/24 dev sound",
    "link set sound up",
    "link set far up",
)


def run_apart(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run pytest with these arguments on a machine of its own."""
    user = () if os.geteuid() == 0 else ("--map-root-user",)
    command = [
        "unshare",
        *user,
        "--net",
        "--mount",
        sys.executable,
        "-m",
        "tests.process.apart",
        *arguments,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def main() -> None:
    """Make the network, and become pytest."""
    for line in NETWORK:
        subprocess.run(["ip", *line.split()], check=True)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *sys.argv[1:]])


if __name__ == "__main__":
    main()
