"""For the process that controls the calls: the way to `sigap voice`, and keeping it running."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from .rule import Heard, Rule, What

log = logging.getLogger("sigap.voice")

PING_S = 1.0
PONG_S = 2.0  # without an answer for so long it is not healthy
ANSWER_S = 2.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0
STEADY_S = 30.0  # what lasted so long did not fail at once
START_S = 30.0

Listening = Literal["listening", "full", "later"]
Answer = dict[str, Any]


@dataclass
class _Wanted:
    """A call that shall be listened to, whatever becomes of the process."""

    feed: str
    rule: Rule
    told: set[What] = field(default_factory=set)


class Voice:
    """The way to the process. Lost, it is found again, and every call is asked for anew.

    async with Voice(path) as voice:
        await voice.listen("c1", feed)
        async for id, heard in voice.heard():
            ...
    """

    def __init__(self, path: Path, *, lag_limit_s: float = 1.0) -> None:
        self.audio: tuple[str, int] | None = None  # where Asterisk must send to
        self.most = 0
        self.connections = (
            0  # so many processes there were: a new one has not heard what was before
        )
        self.lag_s = 0.0
        self._path, self._lag_limit_s = path, lag_limit_s
        self._wanted: dict[str, _Wanted] = {}
        self._heard: asyncio.Queue[tuple[str, Heard]] = asyncio.Queue()
        self._ready = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._answers: dict[tuple[str, str], asyncio.Future[Answer]] = {}
        self._sent: dict[int, float] = {}  # pings without an answer, and when they were sent
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    @property
    def healthy(self) -> bool:
        """Whether it is there, answers, and keeps up."""
        now = asyncio.get_running_loop().time()
        answers = now - next(iter(self._sent.values()), now) < PONG_S
        return self._ready.is_set() and answers and self.lag_s <= self._lag_limit_s

    async def connected(self) -> None:
        """Wait until the process is there; from then on `audio` is known."""
        await self._ready.wait()

    async def listen(self, id: str, feed: str, rule: Rule | None = None) -> Listening:
        """Have a call listened to, whose audio comes by the connection with this name, a UUID.
        "full": the process takes no more, ask again if you like.
        "later": it does not answer; the call is asked for as soon as it does."""
        self._wanted[id] = _Wanted(feed, rule or Rule())
        answer = await self._ask(("listen", id), self._listen(id))
        if answer is None:
            return "later"
        if answer["is"] == "listening":
            return "listening"
        self._wanted.pop(id, None)
        if answer["is"] == "full":
            return "full"
        raise ValueError(answer["why"])

    async def forget(self, id: str) -> None:
        """The call has ended."""
        self._wanted.pop(id, None)
        await self._ask(("forget", id), {"do": "forget", "id": id})

    async def report(self, id: str) -> Answer | None:
        """What was heard on a call so far; nothing when that cannot be known."""
        answer = await self._ask(("report", id), {"do": "report", "id": id})
        return answer if answer and answer["is"] == "report" else None

    async def heard(self) -> AsyncIterator[tuple[str, Heard]]:
        """What is heard, as it is heard: the call's id and what it was. Each kind is told once
        per call, also where the process began anew in between."""
        while True:
            yield await self._heard.get()

    def _listen(self, id: str) -> Answer:
        wanted = self._wanted[id]
        return {"do": "listen", "id": id, "feed": wanted.feed, "rule": asdict(wanted.rule)}

    async def _ask(self, key: tuple[str, str], order: Answer) -> Answer | None:
        if not self._writer:
            return None
        future = asyncio.get_running_loop().create_future()
        self._answers[key] = future
        self._say(order)
        try:
            return await asyncio.wait_for(future, ANSWER_S)
        except TimeoutError:
            return None
        finally:
            if self._answers.get(key) is future:
                del self._answers[key]

    def _say(self, order: Answer) -> None:
        if self._writer:
            self._writer.write(json.dumps(order).encode() + b"\n")

    async def _run(self) -> None:
        loop, wait = asyncio.get_running_loop(), FIRST_WAIT_S
        while True:
            began = loop.time()
            with suppress(OSError, EOFError, ValueError):
                await self._talk(*await asyncio.open_unix_connection(str(self._path)))
            wait = FIRST_WAIT_S if loop.time() - began > STEADY_S else wait
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pings = None
        try:
            ready = json.loads(await asyncio.wait_for(reader.readline(), ANSWER_S))
            self.audio, self.most = (ready["audio"][0], ready["audio"][1]), ready["most"]
            self._writer, self.lag_s = writer, 0.0
            for id in self._wanted:
                self._say(self._listen(id))
            self.connections += 1
            self._ready.set()
            pings = asyncio.create_task(self._ping())
            while line := await reader.readline():
                self._take(json.loads(line))
        finally:
            self._ready.clear()
            self._writer = None
            self._sent.clear()
            for future in self._answers.values():
                if not future.done():
                    future.set_exception(TimeoutError())
            if pings:
                pings.cancel()
            writer.transport.abort()

    async def _ping(self) -> None:
        number = 0
        while True:
            number += 1
            self._sent[number] = asyncio.get_running_loop().time()
            self._say({"do": "ping", "n": number})
            await asyncio.sleep(PING_S)

    def _take(self, message: Answer) -> None:
        match message:
            case {"is": "pong", "n": number, "lag_ms": lag_ms}:
                self._sent = {n: at for n, at in self._sent.items() if n > number}
                self.lag_s = lag_ms / 1000
            case {"is": "heard", "id": id, "what": what, "after_s": after, "level_db": level}:
                wanted = self._wanted.get(id)
                if wanted and what not in wanted.told:
                    wanted.told.add(what)
                    self._heard.put_nowait((id, Heard(what, after, level)))
            case {"is": "report", "id": id}:
                self._answered(("report", id), message)
            case {"is": "forgotten", "id": id}:
                self._answered(("forget", id), message)
            case {"is": "listening" | "full", "id": id}:
                if not self._answered(("listen", id), message) and message["is"] == "full":
                    log.warning("a call is no longer listened to: full")
                    self._wanted.pop(id, None)
            case {"is": "error"}:
                keys = [key for key in self._answers if key[1] == message.get("id")]
                for key in keys:
                    self._answered(key, message)
                if not keys:
                    log.error("voice: %s", message["why"])

    def _answered(self, key: tuple[str, str], message: Answer) -> bool:
        future = self._answers.get(key)
        if not future or future.done():
            return False
        future.set_result(message)
        return True


class Beside:
    """Keeps a `sigap voice` process running as a child of this one: begins it again when it ends,
    or when it was not healthy for some time. It ends with this process, however that ends."""

    def __init__(
        self, path: Path, *, port: int = 0, calls_per_core: int = 240, patience_s: float = 5.0
    ) -> None:
        """With port 0 any that is free, and the same one again after a fault, because Asterisk
        goes on sending to it; should that not be possible, `voice.audio` changes."""
        self.voice = Voice(path)
        self.starts = 0
        self._path, self._port, self._patience_s = path, port, patience_s
        self._options = ("--calls-per-core", str(calls_per_core), "--beside")
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.voice.__aenter__()
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self.voice.__aexit__()

    @property
    def pid(self) -> int | None:
        """The number of the process that runs now."""
        return self._process.pid if self._process else None

    async def _keep(self) -> None:
        loop, wait, failures = asyncio.get_running_loop(), FIRST_WAIT_S, 0
        while True:
            began = loop.time()
            why = await self._run_once(failures)
            lasted = loop.time() - began > STEADY_S
            wait, failures = (FIRST_WAIT_S, 0) if lasted else (wait, failures + 1)
            log.error("the voice process %s; it begins again in %.1f s", why, wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)

    async def _run_once(self, failures: int) -> str:
        """Until it has to begin again; why."""
        port = self._port or (self.voice.audio[1] if self.voice.audio and failures < 3 else 0)
        command = ("-m", "sigap.config.cli", "voice", "--socket", str(self._path))
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, *command, "--port", str(port), *self._options),
            stdin=asyncio.subprocess.PIPE,
        )
        self.starts += 1
        ended = asyncio.create_task(process.wait())
        try:
            return await self._watch(ended)
        finally:
            if process.returncode is None:
                process.kill()
            await ended
            self._process = None

    async def _watch(self, ended: "asyncio.Task[int]") -> str:
        loop = asyncio.get_running_loop()
        last_well, patience_s = loop.time(), START_S
        while True:
            done, _ = await asyncio.wait({ended}, timeout=min(0.5, self._patience_s))
            if done:
                return f"ended with status {ended.result()}"
            if self.voice.healthy:
                last_well, patience_s = loop.time(), self._patience_s
            elif loop.time() - last_well > patience_s:
                return "is not healthy"
