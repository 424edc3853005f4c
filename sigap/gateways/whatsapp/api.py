"""Meta's Graph API, as much of it as the city's number needs: send, mark as read, files, and
what the doctor asks about."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp

from .media import MOST_BYTES, BadMedia, agreed, same_sum
from .refusals import Away, Refused, refusal

PATIENCE_S = 15.0
FILE_PATIENCE_S = 60.0
CHUNK = 64 * 1024
MOST_ANSWER = 1024 * 1024
Found = TypeVar("Found")
# Where Meta keeps files. Our token goes along, so it goes nowhere else.
KEEPERS = (".fbsbx.com", ".facebook.com", ".whatsapp.net", ".fbcdn.net")


@dataclass(frozen=True)
class File:
    """A file that was fetched and checked."""

    data: bytes
    mime: str
    sha256: str


class Api:
    """The city's number at Meta."""

    def __init__(
        self, url: str, token: str, phone_id: str, account_id: str = "", *, patience: float = 1.0
    ) -> None:
        self._url, self._token = url.rstrip("/"), token
        self.phone_id, self.account_id = phone_id, account_id
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Api":
        connector = aiohttp.TCPConnector(limit=32)
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S * self._patience)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            headers={"User-Agent": "sigap", "Authorization": f"Bearer {self._token}"},
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._session:
            await self._session.close()

    async def send(self, request: dict[str, Any]) -> str:
        """Send what `say.request` has made; Meta's name for the message."""
        answer = await self._ask("POST", f"{self.phone_id}/messages", json=request)
        try:
            return str(answer["messages"][0]["id"])
        except (KeyError, IndexError, TypeError):
            raise Away(perhaps=True) from None

    async def mark_read(self, wamid: str, *, typing: bool = False) -> None:
        """Show the two blue ticks, and that an answer is being written."""
        request: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read"}
        request |= {"message_id": wamid}
        if typing:
            request["typing_indicator"] = {"type": "text"}
        await self._ask("POST", f"{self.phone_id}/messages", json=request)

    async def upload(self, data: bytes, mime: str, name: str = "file") -> str:
        """Bring a file to Meta; its id there, good for thirty days."""
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime)
        form.add_field("file", data, content_type=mime, filename=name)
        answer = await self._ask("POST", f"{self.phone_id}/media", data=form)
        return str(answer["id"])

    async def fetch(
        self, media_id: str, kind: str, *, sha256: str = "", most: int | None = None
    ) -> File:
        """A file that somebody sent, whole, of the kind that it says and with the checksum that
        the message gave. Raises BadMedia for one that is not to be kept. An address that has
        expired is asked for anew, once: Meta bars who asks in vain too often."""
        most = MOST_BYTES.get(kind, 0) if most is None else most
        for last in (False, True):
            try:
                where = await self._ask("GET", media_id, params={"phone_number_id": self.phone_id})
            except Refused:
                raise BadMedia("gone") from None
            size = where.get("file_size")
            announced = str(size) if isinstance(size, int | str) else ""
            if announced.isascii() and announced.isdecimal() and int(announced[:18]) > most:
                raise BadMedia("too_large")
            try:
                data, data_sum = await self._download(str(where.get("url", "")), most)
            except Refused:
                if last:
                    raise BadMedia("gone") from None
                continue
            sums = (sha256, str(where.get("sha256") or ""))
            if all(same_sum(given, data_sum) for given in sums):
                mime = agreed(data, str(where.get("mime_type") or ""))
                return File(data, mime, data_sum.hex())
        raise BadMedia("changed")

    async def get(self, path: str, **query: str) -> Any:
        """Read something about the account."""
        return await self._ask("GET", path, params=query)

    async def knock(self, url: str, **query: str) -> str:
        """What our own webhook answers somebody outside, who has no token."""
        async with aiohttp.ClientSession() as stranger:
            timeout = aiohttp.ClientTimeout(total=PATIENCE_S * self._patience)
            try:
                async with stranger.get(url, params=query, timeout=timeout) as answer:
                    words = (await answer.content.read(1024)).decode(errors="replace")
                    return words if answer.ok else ""
            except (aiohttp.ClientError, TimeoutError, ValueError):
                return ""

    async def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        async def answered(answer: aiohttp.ClientResponse) -> dict[str, Any]:
            try:
                body = json.loads(await answer.content.read(MOST_ANSWER))
            except ValueError:
                body = None
            if not answer.ok:
                raise refusal(answer.status, body, answer.headers.get("Retry-After", ""))
            if not isinstance(body, dict):
                raise Away(status=answer.status, perhaps=True)
            return body

        return await self._with(answered, method, f"{self._url}/{path}", **more)

    async def _download(self, url: str, most: int) -> tuple[bytes, bytes]:
        if not self._may_keep(url):
            raise BadMedia("strange")

        async def answered(answer: aiohttp.ClientResponse) -> tuple[bytes, bytes]:
            if answer.status != 200:  # noqa: PLR2004
                raise refusal(answer.status, None, answer.headers.get("Retry-After", ""))
            if (answer.content_length or 0) > most:
                raise BadMedia("too_large")
            data, data_sum = bytearray(), hashlib.sha256()
            async for chunk in answer.content.iter_chunked(CHUNK):
                data += chunk
                data_sum.update(chunk)
                if len(data) > most:
                    raise BadMedia("too_large")
            return bytes(data), data_sum.digest()

        timeout = aiohttp.ClientTimeout(
            total=FILE_PATIENCE_S * self._patience, sock_read=PATIENCE_S * self._patience
        )
        # Redirected elsewhere it would be a way into the city's own network.
        return await self._with(answered, "GET", url, timeout=timeout, allow_redirects=False)

    def _may_keep(self, url: str) -> bool:
        there, ours = urlsplit(url), urlsplit(self._url)
        host = f".{there.hostname or ''}"
        meta = there.scheme == "https" and host.endswith(KEEPERS)
        return meta or (there.scheme, there.netloc) == (ours.scheme, ours.netloc)

    async def _with(
        self,
        answered: Callable[[aiohttp.ClientResponse], Awaitable[Found]],
        method: str,
        url: str,
        **more: Any,
    ) -> Found:
        assert self._session is not None
        try:
            async with self._session.request(method, url, **more) as answer:
                return await answered(answer)
        except aiohttp.ClientConnectorError:
            raise Away from None  # never left this machine
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise Away(perhaps=True) from None
