"""Several workers that look at the same moment raise one alarm, on either database."""

import subprocess
import sys

from .cities import ROOT, City
from .server import environment

WORKERS = 2


def test_two_workers_at_once_raise_one_alarm(fresh: City) -> None:
    own = environment(fresh.data_dir, fresh.database_url)
    command = [sys.executable, "-m", "tests.process.outbreak"]
    subprocess.run([*command, "make"], env=own, cwd=ROOT, check=True)
    at_once = [
        subprocess.Popen([*command, "scan"], env=own, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _n in range(WORKERS)
    ]
    raised = [int(worker.communicate(timeout=120)[0]) for worker in at_once]
    assert sorted(raised) == [0, 1]
    until = "(SELECT max(until) FROM proposals_scan WHERE kind = 'days')"
    found = f"SELECT count(*) FROM proposals_proposal WHERE kind <> 'return' AND until = {until}"
    assert fresh.ask(found) == [(1,)]
    fresh.verify()
