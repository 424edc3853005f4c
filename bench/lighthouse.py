"""What Lighthouse says of the pages that anybody opens, in a city with complaints of a year.

It runs by name only, since it fetches Lighthouse with two hundred packages of its own, which no
test needs: the tests ask axe, of whose rules Lighthouse's mark for accessibility is made.
"""

import json
import os
import re
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.process.browsing import PROGRAM
from tools.vendor import node_and_npm

from .product import Product, product
from .table import Measure

LIGHTHOUSE = "lighthouse@12.8.2"
FLAGS = "--headless=new --no-sandbox --disable-gpu"
PAGES = ("/lapor", "/lacak", "/aduan", "/peringatan", "/transparansi", "/sign-in")
MONTHS_S = 60.0  # until the worker has published the months that are over


def run() -> list[Measure]:
    """The lowest marks of all pages, and the heaviest one."""
    node, npm = node_and_npm()
    with tempfile.TemporaryDirectory() as folder, product() as served:
        install = (npm, "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--silent")
        subprocess.run([node, *install, LIGHTHOUSE], check=True)
        served.cost("bench.filled", served.password, "2000")
        served.start()
        pages = [*PAGES, *_published(served)]
        found = [_asked(node, Path(folder), f"{served.url}{page}") for page in pages]

    def marks(category: str) -> list[float]:
        return [100 * one["categories"][category]["score"] for one in found]

    weights = [one["audits"]["total-byte-weight"]["numericValue"] / 1024 for one in found]
    return [
        Measure("pages", len(pages)),
        Measure("accessibility, the lowest", min(marks("accessibility")), at_least=100),
        Measure("performance, the lowest", min(marks("performance"))),
        Measure("the heaviest at first load", max(weights), "KB", at_most=100),
    ]


def _published(served: Product) -> list[str]:
    """The pages of years, months and rules that the first one leads to, once a month is there."""
    until = time.perf_counter() + MONTHS_S
    while time.perf_counter() < until:
        with urllib.request.urlopen(f"{served.url}/transparansi") as answer:
            links = set(re.findall(r'href="(/transparansi/[\w/-]+)"', answer.read().decode()))
        if any(re.search(r"\d{4}-\d\d$", link) for link in links):
            return sorted(links)
        time.sleep(1)
    raise RuntimeError(f"no month was published within {MONTHS_S:.0f} s")


def _asked(node: str, folder: Path, url: str) -> Any:
    program = folder / "node_modules" / "lighthouse" / "cli" / "index.js"
    told = subprocess.run(
        [
            *(node, str(program), url, "--quiet", "--output=json"),
            *("--only-categories=accessibility,performance", f"--chrome-flags={FLAGS}"),
        ],
        env=os.environ | {"CHROME_PATH": PROGRAM},
        check=True,
        capture_output=True,
    )
    return json.loads(told.stdout)
