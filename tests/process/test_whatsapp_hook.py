"""What WhatsApp brings to a real server is on the disk before it is answered."""

import hashlib
import hmac
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from .asking import client
from .cities import City
from .server import running

SECRET, WORD = "rahasia-aplikasi-di-uji", "kata-kota-di-uji-saja"
ROWS = "SELECT external_id, payload FROM core_inbox WHERE source = 'whatsapp' ORDER BY id"


def delivery(*numbers: int) -> bytes:
    """A body with these messages and a status of each."""
    messages = [
        {"id": f"wamid.{n}", "from": "6281233451190", "type": "text", "text": {"body": f"ke {n}"}}
        for n in numbers
    ]
    statuses = [{"id": f"wamid.out{n}", "status": "read"} for n in numbers]
    value = {"messages": messages, "statuses": statuses}
    return json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()


def kept_as(wamid: str) -> str:
    """What a message is known by again: in Meta's own name the number can be read."""
    return "sha256:" + hashlib.sha256(wamid.encode()).hexdigest()


def bring(url: str, body: bytes) -> httpx.Response:
    """Meta brings it."""
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
    return client(url).post("/hooks/whatsapp", content=body, headers=headers)


def test_what_was_answered_is_there_after_a_power_cut_once_and_in_order(fresh: City) -> None:
    known = {"whatsapp_app_secret": SECRET, "whatsapp_verify_token": WORD}
    server = fresh.server(web_only=True, **known)
    with running(server):
        asked = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1158201444"}
        assert client(server.url).get("/hooks/whatsapp", params=asked).text == "1158201444"
        assert client(server.url).get("/hooks/whatsapp").status_code == 403
        bodies = [delivery(n, n + 1, n + 2) for n in range(0, 90, 3)] * 2
        with ThreadPoolExecutor(8) as crowd:
            answers = list(crowd.map(lambda body: bring(server.url, body).status_code, bodies))
        assert Counter(answers) == {200: 60}
        assert bring(server.url, delivery(1000, *range(2000, 2500))).status_code == 200
        server.kill()
        rows = fresh.ask(ROWS)
    names = [name for name, _payload in rows]
    assert len(names) == len(set(names)) == 90 * 2 + 501 * 2
    for start in range(0, 90, 3):
        kept = [kept_as(f"wamid.{start + n}") for n in range(3)]
        where = names.index(kept[0])
        assert names[where : where + 3] == kept
    assert json.loads(rows[0][1])["message"]["text"]["body"].startswith("ke ")
