"""How many reports per second programs may send (Open311): each passes the key, the pace and the
city's map, is sorted, is on the disk before it is answered, and is answered with its category and
agency."""

import random
from urllib.parse import urlencode

from tools.postgres import private_cluster

from .load import Answers, request, send
from .product import Product, product
from .table import Measure, percentile

CLIENTS = 8
REPORTS = 6_000
SECONDS = 30.0
WORDS = ("Lampu jalan mati sejak Senin", "Pohon miring di tepi jalan", "Sampah menumpuk tiga hari")
CODES = ("pju", "pohon", "sampah")


def run() -> list[Measure]:
    """On PostgreSQL, as a real centre has it, and on SQLite."""
    with private_cluster() as cluster, product(cluster) as served:
        created, memory = _create(served)
    with product() as served:
        lite, lite_memory = _create(served)
    return [
        *_told("PostgreSQL", created, memory),
        *_told("SQLite", lite, lite_memory),
    ]


def _create(served: Product) -> tuple[Answers, float]:
    """Reports of one program, half of them with a category, all with a place and a number."""
    served.set_up()
    key = served.command("open311", "key", "add", "bench", "--rate", "1000000").strip()
    served.start()
    send(served.port, _reports(200, key, seed=1), clients=CLIENTS, seconds=SECONDS)  # warm
    created = send(served.port, _reports(REPORTS, key, seed=2), clients=CLIENTS, seconds=SECONDS)
    answered = created.expect(201).samples[201]
    if b"agency_responsible" not in answered or b"service_code" not in answered:
        raise RuntimeError(f"no category or agency in the answer: {answered!r}")
    with served.asked() as ask:
        ((kept,),) = ask("SELECT count(*) FROM complaints_complaint WHERE channel = 'open311'")
    if kept != 200 + len(created.latencies_ms):
        raise RuntimeError(f"{len(created.latencies_ms)} answered, {kept} kept")
    return created, served.memory_mb()


def _reports(count: int, key: str, seed: int) -> list[bytes]:
    chance = random.Random(seed)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    wanted = []
    for n in range(count):
        which = n % len(CODES)
        told = {
            "api_key": key,
            "service_code": CODES[which] if n % 2 else "",
            "description": f"{WORDS[which]} nomor {n}",
            "lat": f"{-7.82 + chance.uniform(-0.02, 0.02):.6f}",
            "long": f"{112.02 + chance.uniform(-0.02, 0.02):.6f}",
            "address_string": f"Jalan Uji {n}",
            "first_name": "Bench",
            "phone": f"0812{n % 2000:07}",
            "idempotency_key": f"{seed}-{n}",
        }
        body = urlencode(told).encode()
        wanted.append(request("POST", "/open311/v2/requests.json", headers, body))
    return wanted


def _told(where: str, created: Answers, memory: float) -> list[Measure]:
    at_least = 190 if where == "PostgreSQL" else None
    at_most = 80 if where == "PostgreSQL" else None
    return [
        Measure(f"{where}: reports filed", created.per_second, "/s", at_least=at_least),
        Measure(f"{where}: median", percentile(created.latencies_ms, 50), "ms"),
        Measure(f"{where}: P99", percentile(created.latencies_ms, 99), "ms", at_most=at_most),
        Measure(f"{where}: server's memory", memory, "MB"),
    ]
