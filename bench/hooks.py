"""How many telephone events per second the inbox takes durably, while they are understood.

64 exchange connections report whole calls as fast as they are answered, each event once and
some twice; the server keeps each on the disk (fsync) before it answers, and its worker turns
them into calls at the same time.
"""

import json
import time
from datetime import UTC, datetime

from tools.postgres import private_cluster

from .load import Answers, request, send
from .product import Product, product
from .table import Measure, percentile

CLIENTS = 64
CALLS = 6000
KINDS = ("presented", "queued", "answered", "ended")
REPEAT_EACH = 50  # of so many requests one is a repeat, as after a broken connection
WARM_UP = 500
SECONDS = 30.0
DRAINED_S = 240.0


def run() -> list[Measure]:
    """Both databases."""
    with product() as served:
        found = _measure(served, "SQLite", at_least=1500)
    with private_cluster() as url, product(url) as served:
        return found + _measure(served, "PostgreSQL", at_least=1000)


def _measure(served: Product, name: str, *, at_least: float) -> list[Measure]:
    served.set_up()
    served.start()
    send(served.port, events(served, "warm", WARM_UP), clients=CLIENTS, seconds=SECONDS)
    served.drained(DRAINED_S)
    wanted, before = events(served, "call", CALLS), served.processor_s()
    answers = send(served.port, wanted, clients=CLIENTS, seconds=SECONDS)
    spent = served.processor_s() - before
    began = time.perf_counter()
    served.drained(DRAINED_S)
    drained = time.perf_counter() - began
    return [
        Measure(f"{name}: events kept", answers.per_second, "/s", at_least=at_least),
        Measure(f"{name}: answer, median", percentile(answers.latencies_ms, 50), "ms"),
        Measure(f"{name}: answer, P99", percentile(answers.latencies_ms, 99), "ms", at_most=150),
        Measure(f"{name}: processor per event", spent / len(answers.latencies_ms) * 1000, "ms"),
        Measure(f"{name}: all understood after the last one", drained, "s"),
        Measure(
            f"{name}: kept and understood per second, to the end",
            len(answers.latencies_ms) / (answers.seconds + drained),
            "/s",
        ),
        Measure(
            f"{name}: events lost or doubled",
            _wrong(served, answers, len(set(wanted))),
            "",
            at_most=0,
        ),
    ]


def events(served: Product, prefix: str, calls: int) -> list[bytes]:
    """The requests that report so many calls, from first ring to hanging up."""
    headers = {
        "Authorization": f"Bearer {served.hook_token}",
        "Content-Type": "application/json",
    }
    at = datetime.now(UTC).isoformat()
    found = []
    for call in range(calls):
        for kind in KINDS:
            event = {
                "event_id": f"{prefix}-{call}-{kind}",
                "call_id": f"{prefix}-{call}",
                "kind": kind,
                "at": at,
                "number": f"0812{call % 4000:07}",
                "trunk": f"112-{call % 8}",
            }
            found.append(request("POST", "/hooks/calls", headers, json.dumps(event).encode()))
            if len(found) % REPEAT_EACH == 0:
                found.append(found[-1])
    return found


def _wrong(served: Product, answers: Answers, events: int) -> int:
    """How many acknowledged events are not there exactly once, with their effect."""
    if set(answers.statuses) != {202}:
        raise RuntimeError(f"not all were accepted: {answers.statuses} {answers.samples}")
    with served.asked() as ask:
        [(letters,)] = ask("SELECT count(*) FROM core_inbox WHERE external_id LIKE 'call-%'")
        [(refused,)] = ask("SELECT count(*) FROM core_inbox WHERE error <> ''")
        [(rang,)] = ask("SELECT count(*) FROM core_journal WHERE kind = 'call.presented'")
        # Over many connections a call's events come in any order: what counts is that none
        # of them is unknown in the end.
        [(whole,)] = ask(
            "SELECT count(*) FROM calls_call WHERE presented_at IS NOT NULL"
            " AND queued_at IS NOT NULL AND answered_at IS NOT NULL AND ended_at IS NOT NULL"
        )
    calls = CALLS + WARM_UP
    wrong: int = abs(letters - events) + refused + abs(rang - calls) + abs(whole - calls)
    return wrong
