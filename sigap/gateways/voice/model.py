"""The voice model: silero VAD at 8 kHz, run on the chunks of many calls at once."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from .rule import CHUNK, RATE

CONTEXT = 32  # samples of the chunk before that stand in front of each chunk
STATE = 128
# Long noise makes the model deaf: after 15 s of it 52 of 60 short words are missed, though it has
# ended. So it begins anew after 2 s in which nothing was like speech, and 6 of them are.
UNLIKE, UNLIKE_CHUNKS = 0.3, 62

Floats = NDArray[np.float32]


def path() -> Path:
    """The model's file; its package is never imported, since its code needs torch."""
    found = find_spec("silero_vad")
    if found is None or not found.origin:
        raise ModuleNotFoundError("no module named silero_vad", name="silero_vad")
    return Path(found.origin).with_name("data") / "silero_vad.onnx"


class Model:
    """Knows how likely each of the given chunks is speech, and remembers what it heard before on
    each of `lines` lines."""

    def __init__(self, lines: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(path()), options, providers=["CPUExecutionProvider"]
        )
        self._state = np.zeros((2, lines, STATE), np.float32)
        self._context = np.zeros((lines, CONTEXT), np.float32)
        self._unlike = np.zeros(lines, np.int32)  # chunks in a row
        self._rate = np.array(RATE, np.int64)

    def forget(self, line: int) -> None:
        """What comes next on this line has nothing to do with what was before."""
        self._state[:, line] = 0
        self._context[line] = 0
        self._unlike[line] = 0

    def judge(self, lines: list[int], chunks: Floats) -> Floats:
        """How likely the next chunk of each of these lines is speech."""
        assert chunks.shape == (len(lines), CHUNK)
        likelihoods, state = self._session.run(
            None,
            {
                "input": np.concatenate((self._context[lines], chunks), axis=1),
                "state": self._state[:, lines],
                "sr": self._rate,
            },
        )
        judged: Floats = likelihoods[:, 0]
        unlike = np.where(judged < UNLIKE, self._unlike[lines] + 1, 0)
        state[:, unlike >= UNLIKE_CHUNKS] = 0
        self._unlike[lines] = unlike % UNLIKE_CHUNKS
        self._state[:, lines] = state
        self._context[lines] = chunks[:, -CONTEXT:]
        return judged
