"""Whoever sends slowly, or too much, is in nobody's way."""

import socket
from contextlib import ExitStack

from .asking import Person, client, error_of
from .server import Server

HALF = (
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername="
)


def test_requests_that_stay_half_sent_hold_up_no_page(served: Server) -> None:
    with ExitStack() as sockets:
        for _each in range(20):
            slow = sockets.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            slow.sendall(HALF)
        assert client(served.url).get("/readyz").status_code == 200
        assert Person(served.url).get("/console/state")["calls"] is not None


def test_more_than_a_page_takes_is_refused_before_it_is_kept(served: Server) -> None:
    stranger = client(served.url, Accept="application/json")
    stranger.get("/sign-in")
    token = {"X-CSRFToken": stranger.cookies["sigap_csrf"]}
    large = {"file": ("large.bin", b"x" * 2**20)}
    answer = stranger.post("/sign-in", files=large, headers=token)
    assert answer.status_code == 413 and error_of(answer)["code"] == "too_large"
    assert stranger.get("/sign-in").status_code == 200
