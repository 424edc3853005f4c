"""Whether the model works on this machine: it tells a made voice from silence."""

import numpy as np

from .model import Floats, Model
from .rule import CHUNK, RATE, Rule, Watch

PITCH = 120  # hertz
FORMANTS = ((730, 90), (1090, 110), (2440, 160))  # of an "a": frequency and width, hertz


def check_model() -> str:
    """What is wrong, or nothing."""
    try:
        model = Model(2)
    except Exception as error:  # onnxruntime's own errors have no common base
        return f"the model cannot be loaded: {error}"
    watches = Watch(Rule()), Watch(Rule())
    heard = [False, False]
    for n, chunk in enumerate(_voice().reshape(-1, CHUNK), start=1):
        chunks = np.stack((chunk, np.zeros_like(chunk)))
        for line, likelihood in enumerate(model.judge([0, 1], chunks).tolist()):
            heard[line] |= bool(watches[line].hear(n * CHUNK, likelihood, -20.0))
    return "" if heard == [True, False] else "it does not tell a voice from silence"


def _voice() -> Floats:
    """A second of a voice that sings "a": a pitch that wavers, through three formants."""
    time = np.arange(RATE // CHUNK * CHUNK) / RATE
    phase = 2 * np.pi * np.cumsum(PITCH * (1 + 0.1 * np.sin(2 * np.pi * 3 * time))) / RATE
    tones = [
        sum(1 / (1 + ((n * PITCH - at) / width) ** 2) for at, width in FORMANTS) * np.sin(n * phase)
        for n in range(1, 30)
    ]
    voice = np.sum(tones, axis=0) * (0.5 - 0.5 * np.cos(2 * np.pi * 4 * time))
    loud: Floats = (0.2 * voice / np.abs(voice).max()).astype(np.float32)
    return loud
