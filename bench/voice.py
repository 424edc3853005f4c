"""What it costs to listen to calls: 150 at once in one process, as Asterisk sends them; and the
model alone, over many calls at a time or over one after the other, on the same audio."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from sigap.gateways.voice.model import Floats, Model
from sigap.gateways.voice.rule import CHUNK, RATE
from tests.process.lines import Caller, Control, VoiceServer, sound, spoken
from tests.process.server import running

from .product import TICKS
from .table import Measure

CALLS = 150
SECONDS = 20.0
WARM_UP_S = 2.0
FRAME_S = 0.02
MODEL_SECONDS = 5
SILENCE, ROAR = "silence", "roar"


def run() -> list[Measure]:
    """The process, then the model."""
    return _process() + _model()


def _sounds() -> list[bytes]:
    """A third of the calls are silent, on a third there is noise, on a third somebody speaks."""
    length = round((WARM_UP_S + SECONDS) * RATE) * 2
    words = spoken("Tolong, ada kebakaran di rumah saya, cepat datang")
    rest = sound(SILENCE, WARM_UP_S + SECONDS)
    speech = sound(SILENCE, WARM_UP_S) + words * (length // len(words)) + rest
    return [rest[:length], sound(ROAR, WARM_UP_S + SECONDS)[:length], speech[:length]]


def _process() -> list[Measure]:
    sounds = _sounds()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        server = VoiceServer(Path(folder), "--calls-per-core", str(CALLS))
        opened.enter_context(running(server))
        control = opened.enter_context(closing(Control(server.socket)))
        callers = [opened.enter_context(closing(Caller())) for _ in range(CALLS)]
        for n, caller in enumerate(callers):
            control.listen(f"c{n}", caller)
        size = round(FRAME_S * RATE) * 2
        spent, lags = 0.0, []
        for at, _ in enumerate(_every_frame(WARM_UP_S + SECONDS)):
            if at * FRAME_S == WARM_UP_S:
                spent = -_processor_s(server.process.pid)
            for n, caller in enumerate(callers):
                caller.send(sounds[n % 3][at * size : (at + 1) * size], control.audio)
            if at % 10 == 0:
                lags.append(control.ask("ping", n=at)["lag_ms"])
        spent += _processor_s(server.process.pid)
        memory = _memory_mb(server.process.pid)
        for n, caller in enumerate(callers):
            control.received(f"c{n}", caller)  # or it ends here: something was lost
        wanted = [[], ["noise"], ["speech"]]
        wrong = sum(control.kinds(f"c{n}") != wanted[n % 3] for n in range(CALLS))
        return [
            Measure("calls listened to at once", CALLS),
            Measure("calls judged wrongly", wrong, at_most=0),
            Measure("oldest audio that waits, worst", max(lags), "ms", at_most=300),
            Measure(
                "processor per second of audio", spent / SECONDS / CALLS * 1000, "ms", at_most=4
            ),
            Measure("calls that one core carries", SECONDS * CALLS / spent, at_least=250),
            Measure("memory", memory, "MB", at_most=200),
        ]


def _every_frame(seconds: float) -> Iterator[None]:
    """Returns as often as Asterisk sends a frame per call, at the right time."""
    began = time.perf_counter()
    for n in range(round(seconds / FRAME_S)):
        time.sleep(max(0.0, began + n * FRAME_S - time.perf_counter()))
        yield


def _model() -> list[Measure]:
    """On audio in which somebody speaks, each call at another place in it."""
    audio = np.frombuffer(_sounds()[2], np.int16).astype(np.float32) / np.float32(32768)
    chunks = audio[: len(audio) // CHUNK * CHUNK].reshape(-1, CHUNK)
    number = MODEL_SECONDS * RATE // CHUNK
    calls = np.stack([np.roll(chunks, -n, axis=0)[:number] for n in range(CALLS)])
    batched = _cost_ms(_together, calls)
    single = _cost_ms(_one_by_one, calls)
    return [
        Measure("model alone, 150 calls at a time, per second of audio", batched, "ms"),
        Measure("model alone, one call at a time, per second of audio", single, "ms"),
        Measure("one at a time costs so many times as much", single / batched, at_least=2),
    ]


def _cost_ms(judge: Callable[[Model, Floats], None], calls: Floats) -> float:
    """Processor time per second of audio; of three times the least."""
    spent = []
    for _ in range(3):
        model, began = Model(CALLS), time.process_time()
        judge(model, calls)
        spent.append(time.process_time() - began)
    return min(spent) / (calls.size / RATE) * 1000


def _together(model: Model, calls: Floats) -> None:
    lines = list(range(len(calls)))
    for n in range(calls.shape[1]):
        model.judge(lines, calls[:, n])


def _one_by_one(model: Model, calls: Floats) -> None:
    for n in range(calls.shape[1]):
        for line in range(len(calls)):
            model.judge([line], calls[line : line + 1, n])


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [x for x in status.splitlines() if x.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024
