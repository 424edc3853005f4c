"""How a simulated person reaches the product: over HTTP, signed in, with nothing but the
standard library, since the drill runs where only the product itself is installed."""

import hashlib
import hmac
import http.cookiejar
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Protocol

Answer = dict[str, Any]
TIMEOUT_S = 20
UNAUTHORIZED = 401


class Unhappy(Exception):
    """The product refused, or could not be reached (status 0)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code = status, code


class Browser(Protocol):
    """A signed-in person's way to the product."""

    def get(self, path: str) -> Answer:
        """Ask for JSON; Unhappy when it is refused."""

    def post(self, path: str, data: Answer) -> Answer:
        """Send a command as JSON; Unhappy when it is refused."""


def drill_password(secret: str, username: str) -> str:
    """The password of a crew's account in the drill: known to the server and to the
    simulation that it starts, kept nowhere."""
    return hmac.new(secret.encode(), f"drill:{username}".encode(), hashlib.sha256).hexdigest()


class HttpBrowser:
    """A person at a real address; signs in by itself at the first need and again when the
    session is over. Without a password it enters a drill by its role."""

    def __init__(self, base_url: str, username: str, password: str = "") -> None:
        self._base, self._name, self._password = base_url.rstrip("/"), username, password
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),  # a drill is on this machine
            urllib.request.HTTPCookieProcessor(self._jar),
            _NoRedirect(),
        )
        self._signed_in = False

    def get(self, path: str) -> Answer:
        """Ask for JSON."""
        return self._asked(path, None)

    def post(self, path: str, data: Answer) -> Answer:
        """Send a command as JSON."""
        return self._asked(path, data)

    def headers(self) -> dict[str, str]:
        """What makes a request this person's, for whoever sends it by other means."""
        if not self._signed_in:
            self._sign_in()
        cookies = "; ".join(f"{c.name}={c.value}" for c in self._jar)
        return {"Accept": "application/json", "X-CSRFToken": self._token(), "Cookie": cookies}

    def _asked(self, path: str, data: Answer | None) -> Answer:
        if not self._signed_in:
            self._sign_in()
        try:
            return self._json(path, data)
        except Unhappy as refusal:
            if refusal.status != UNAUTHORIZED and refusal.code != "csrf":
                raise
        self._sign_in()
        return self._json(path, data)

    def _json(self, path: str, data: Answer | None) -> Answer:
        body = None if data is None else json.dumps(data).encode()
        headers = {"Accept": "application/json", "X-CSRFToken": self._token()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer: Answer = json.loads(self._send(path, body, headers) or b"{}")
        return answer

    def _sign_in(self) -> None:
        self._jar.clear()
        path = "/sign-in" if self._password else "/"
        self._send(path, None, {})  # brings the token that the form needs
        form = {"csrfmiddlewaretoken": self._token()}
        if self._password:
            form |= {"username": self._name, "password": self._password}
        else:
            path, form = "/drill/enter", form | {"role": self._name}
        self._send(path, urllib.parse.urlencode(form).encode(), {})
        self._signed_in = True

    def _token(self) -> str:
        return next((c.value or "" for c in self._jar if c.name == "sigap_csrf"), "")

    def _send(self, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        return send(self._opener, self._base + path, body, headers)


class Exchange:
    """The telephone exchange: sends call events with its token."""

    def __init__(self, base_url: str, token: str) -> None:
        self._url, self._token = base_url.rstrip("/") + "/hooks/calls", token
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def report(self, event: Answer) -> None:
        """Send one event; it is kept once this returns."""
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._token}",
        }
        send(self._opener, self._url, json.dumps(event).encode(), headers)


def send(
    opener: urllib.request.OpenerDirector, url: str, body: bytes | None, headers: dict[str, str]
) -> bytes:
    """One request; Unhappy with the product's own code when it is refused."""
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - our own address
    try:
        with opener.open(request, timeout=TIMEOUT_S) as response:
            answer: bytes = response.read()
            return answer
    except urllib.error.HTTPError as error:
        if 300 <= error.code < 400:  # noqa: PLR2004 - done, and sent on to a page
            if "/sign-in" in error.headers.get("Location", "") and "sign-in" not in url:
                raise Unhappy(UNAUTHORIZED, "sign_in", "signed out") from None
            return b""
        raise _refusal(error) from None
    except OSError as error:
        raise Unhappy(0, "unreachable", type(error).__name__) from None


def _refusal(error: urllib.error.HTTPError) -> Unhappy:
    try:
        told = json.loads(error.read())["error"]
        return Unhappy(error.code, str(told["code"]), str(told["message"]))
    except (ValueError, KeyError, TypeError):
        return Unhappy(error.code, "", error.reason)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A command's answer counts, not the page that it leads to."""

    def redirect_request(self, *_arguments: Any, **_more: Any) -> None:
        return None
