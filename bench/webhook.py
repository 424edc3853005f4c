"""How many WhatsApp messages per second are taken durably, and how a burst of them is drained.

5,000 people make a report each in four messages, one message in a webhook, over 64 connections as
fast as they are answered; some webhooks come twice. The server keeps each on the disk (fsync)
before it answers 200, and its worker holds the conversations at the same time: reads, guesses the
category, finds the place, queues the answers, files the reports. No answer goes out: nothing here
plays Meta.
"""

import hashlib
import hmac
import json
import time

from tools.postgres import private_cluster

from .load import Answers, request, send
from .product import Product, product
from .table import Measure, percentile

CLIENTS = 64
PEOPLE = 5000
SAID = ("Lampu jalan mati di gang saya sudah seminggu", "ya", "kelurahan Campurejo", "nggih")
REPEAT_EACH = 50  # of so many webhooks one comes again, as Meta does
WARM_UP = 100
SECONDS = 60.0
DRAINED_S = 900.0


def run() -> list[Measure]:
    """Both databases."""
    with product() as served:
        found = _measure(served, "SQLite")
    with private_cluster() as url, product(url) as served:
        return found + _measure(served, "PostgreSQL")


def _measure(served: Product, name: str) -> list[Measure]:
    served.set_up()
    served.start()
    send(served.port, webhooks(served, "w", WARM_UP), clients=CLIENTS, seconds=SECONDS)
    served.drained(DRAINED_S)
    wanted, before = webhooks(served, "b", PEOPLE), served.processor_s()
    answers = send(served.port, wanted, clients=CLIENTS, seconds=SECONDS)
    began = time.perf_counter()
    served.drained(DRAINED_S)
    drained = time.perf_counter() - began
    spent, messages = served.processor_s() - before, PEOPLE * len(SAID)
    seconds = answers.seconds + drained
    return [
        Measure(f"{name}: messages kept", answers.per_second, "/s", at_least=1500),
        Measure(f"{name}: answer, median", percentile(answers.latencies_ms, 50), "ms"),
        Measure(f"{name}: answer, P99", percentile(answers.latencies_ms, 99), "ms", at_most=150),
        Measure(f"{name}: all understood after the last one", drained, "s"),
        Measure(f"{name}: kept and understood, to the end", messages / seconds, "/s"),
        Measure(f"{name}: reports filed by it, to the end", PEOPLE / seconds, "/s"),
        Measure(f"{name}: processor per message", spent / messages * 1000, "ms"),
        Measure(f"{name}: lost, doubled, out of order", _wrong(served, answers), "", at_most=0),
    ]


def webhooks(served: Product, prefix: str, people: int) -> list[bytes]:
    """The requests by which so many people say all that, each after the other's."""
    found = []
    for turn, words in enumerate(SAID):
        for person in range(people):
            number = f"62812{prefix == 'w':d}{person:07}"
            contact = {"profile": {"name": f"Warga {person}"}, "wa_id": number}
            contact["user_id"] = f"ID.{prefix}{person}"
            message = {
                "id": f"wamid.{prefix}.{person}.{turn}",
                "from": number,
                "timestamp": str(int(time.time())),
                "type": "text",
                "text": {"body": words},
            }
            value = {"contacts": [contact], "messages": [message]}
            changes = [{"field": "messages", "value": value}]
            body = json.dumps({"entry": [{"changes": changes}]}).encode()
            secret = served.whatsapp_secret.encode()
            signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
            headers = {"Content-Type": "application/json"}
            headers["X-Hub-Signature-256"] = f"sha256={signature}"
            found.append(request("POST", "/hooks/whatsapp", headers, body))
            if len(found) % REPEAT_EACH == 0:
                found.append(found[-1])
    return found


def _wrong(served: Product, answers: Answers) -> int:
    """How many messages are not there once and in their person's order, and how many reports."""
    answers.expect(200)
    with served.asked() as ask:
        rows = ask(
            "SELECT conversation_id, wamid FROM complaints_chatmessage"
            " WHERE incoming AND wamid LIKE 'wamid.b.%' ORDER BY id"
        )
        [(reports,)] = ask(
            "SELECT count(DISTINCT complaint_id) FROM complaints_chatmessage"
            " WHERE wamid LIKE 'wamid.b.%'"
        )
        [(refused,)] = ask("SELECT count(*) FROM core_inbox WHERE error <> ''")
    order: dict[int, list[str]] = {}
    for chat, wamid in rows:
        order.setdefault(chat, []).append(wamid)
    turns = [str(turn) for turn in range(len(SAID))]
    whole = sum([name.rpartition(".")[2] for name in said] == turns for said in order.values())
    wrong: int = abs(whole - PEOPLE) + abs(reports - PEOPLE) + refused
    return wrong + abs(len(rows) - PEOPLE * len(SAID))
