"""A model that the city trains on its own answered reports.

TF-IDF of words and letters with a linear classifier. scikit-learn trains it; to guess needs numpy
only, so the web process neither loads nor trusts more. A file of it is plain arrays and JSON,
read without pickle: opening one runs no code.
"""

import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from .features import Codes, Seen, parts, seen
from .guess import Guess

FORMAT = 1
FEWEST = 10  # reports of a category, below which the rules know it better
RARE = 2  # a feature of fewer texts says nothing about others
FOLDS = 3  # parts by which the confidence is calibrated
STRENGTH = 0.5  # of the fit (C of the linear classifier)
BOTH = np.float32(2**-0.5)  # two blocks of length one make one of length one

Floats = NDArray[np.float32]


# What numpy, zip and JSON raise for files that are broken or something else.
_BROKEN = (
    OSError,
    EOFError,
    KeyError,
    TypeError,
    AttributeError,
    ValueError,
    BadZipFile,
    zlib.error,
)


class NotAModel(ValueError):
    """A file that is no model, or of a version that this program does not read."""


@dataclass(frozen=True)
class Model:
    """A trained model. `weights` has a row for each feature and a column for each category."""

    codes: tuple[str, ...]
    examples: Mapping[str, int]  # that each category was learned from
    columns: Codes  # the features, in order
    idf: Floats
    weights: Floats
    bias: Floats
    sharpness: float  # what the scores are multiplied by, so that 0.8 is right four times in five
    seed: int = 0
    until: str = ""  # when the newest report came that it has learned from

    def guess(self, text: str, limit: int = 3) -> list[Guess]:
        """The likeliest categories with calibrated confidence, best first; none where nothing
        in the text was ever seen."""
        rows, values = _weighed(seen(text), self.columns, self.idf)
        if not len(rows):
            return []
        chances = self._chances(rows, values)
        best = np.argsort(-chances, kind="stable")[:limit]
        return [Guess(self.codes[n], round(float(chances[n]), 4)) for n in best]

    def _chances(self, rows: NDArray[np.int_], values: Floats) -> Floats:
        scores: Floats = values @ self.weights[rows] + self.bias
        chances: Floats = softmax(scores[None] * np.float32(self.sharpness))[0]
        return chances

    def explain(self, text: str, limit: int = 6) -> list[tuple[str, float]]:
        """The words that spoke most for the first guess, with how much more they spoke for it
        than for an average category; what letters say counts for the word they stand in."""
        rows, values = _weighed(seen(text), self.columns, self.idf)
        if not len(rows):
            return []
        best = int(np.argmax(self._chances(rows, values)))
        spoke = values * (self.weights[rows, best] - self.weights[rows].mean(axis=1))
        per_row = dict(zip(rows.tolist(), spoke.tolist(), strict=True))
        said = []
        for words, part in parts(text):
            mine, _ = _found(np.unique(np.concatenate(list(part.blocks()))), self.columns)
            said.append((words, sum(per_row.get(row, 0.0) for row in mine.tolist())))
        said.sort(key=lambda pair: (-pair[1], pair[0]))
        return [(words, round(weight, 3)) for words, weight in said[:limit] if weight > 0]

    def write(self, path: Path) -> None:
        """Write the model; a reader sees the old file or the new one."""
        told = {
            "format": FORMAT,
            "codes": self.codes,
            "examples": dict(self.examples),
            "sharpness": self.sharpness,
            "seed": self.seed,
            "until": self.until,
        }
        partial = path.with_name(path.name + ".part")
        with partial.open("wb") as file:
            np.savez_compressed(
                file,
                about=np.frombuffer(json.dumps(told).encode(), np.uint8),
                columns=self.columns,
                idf=self.idf,
                weights=self.weights.astype(np.float16),
                bias=self.bias,
            )
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Model":
        """Read a model. Raises NotAModel for anything else; no file can run code."""
        try:
            with np.load(path, allow_pickle=False) as file:
                about: dict[str, Any] = json.loads(file["about"].tobytes())
                if about["format"] != FORMAT:
                    raise NotAModel(f"{path.name}: format {about['format']}, not {FORMAT}")
                model = cls(
                    codes=tuple(str(code) for code in about["codes"]),
                    examples={str(code): int(n) for code, n in about["examples"].items()},
                    columns=file["columns"].astype(np.uint64),
                    idf=file["idf"].astype(np.float32),
                    weights=file["weights"].astype(np.float32),
                    bias=file["bias"].astype(np.float32),
                    sharpness=float(about["sharpness"]),
                    seed=int(about["seed"]),
                    until=str(about["until"]),
                )
        except _BROKEN as error:
            if isinstance(error, FileNotFoundError | NotAModel):
                raise
            raise NotAModel(f"{path.name}: {error}") from error
        model.check(path.name)
        return model

    def check(self, name: str) -> None:
        """Raises NotAModel where the parts do not fit each other."""
        wanted = (len(self.columns), len(self.codes))
        fits = (
            self.weights.shape == wanted
            and self.idf.shape == wanted[:1]
            and self.bias.shape == wanted[1:]
            and set(self.examples) == set(self.codes)
            and bool(np.all(self.columns[1:] > self.columns[:-1]))
            and all(bool(np.all(np.isfinite(a))) for a in (self.weights, self.idf, self.bias))
            and 0 < self.sharpness < float("inf")
        )
        if not fits or not self.codes:
            raise NotAModel(f"{name}: its parts do not fit each other")


class TooFew(ValueError):
    """Not enough examples of two categories: nothing can be learned yet."""


def train(
    pairs: Sequence[tuple[str, str]], seed: int = 0, fewest: int = FEWEST, until: str = ""
) -> Model:
    """Learn from (text, category) from scratch. Categories with fewer than `fewest` examples are
    left to the rules. The same pairs and seed make the same model. Raises TooFew."""
    from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]

    counts = Counter(code for _, code in pairs)
    codes = tuple(sorted(code for code, n in counts.items() if n >= max(fewest, FOLDS)))
    if len(codes) < 2:
        raise TooFew(f"two categories with {max(fewest, FOLDS)} examples each are needed")
    number = {code: n for n, code in enumerate(codes)}
    kept = [(seen(text), number[code]) for text, code in pairs if code in number]
    label = np.array([n for _, n in kept])
    columns, idf = _columns([text for text, _ in kept])
    x = _matrix([text for text, _ in kept], columns, idf)
    held_out = np.zeros((len(kept), len(codes)), np.float32)
    for fit, rest in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(label, label):
        weights, bias = _fit(x[fit], label[fit], seed)
        held_out[rest] = x[rest] @ weights + bias
    weights, bias = _fit(x, label, seed)
    return Model(
        codes=codes,
        examples={code: counts[code] for code in codes},
        columns=columns,
        idf=idf,
        # As it will be read from its file, so that a model that was saved guesses the same.
        weights=weights.astype(np.float16).astype(np.float32),
        bias=bias,
        sharpness=_sharpness(held_out, label),
        seed=seed,
        until=until,
    )


def softmax(scores: Floats) -> Floats:
    """Scores of each row as probabilities."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def _fit(x: Any, label: NDArray[np.int_], seed: int) -> tuple[Floats, Floats]:
    """One linear classifier; a row of weights for each feature."""
    from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

    fitted = LinearSVC(C=STRENGTH, random_state=seed, tol=1e-2).fit(x, label)
    weights, bias = fitted.coef_, fitted.intercept_
    if len(weights) == 1:  # of two categories it tells only the second
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return np.ascontiguousarray(weights.T, np.float32), bias.astype(np.float32)


def _sharpness(scores: Floats, label: NDArray[np.int_]) -> float:
    """Temperature scaling: the one number that makes confidence true on texts that the
    classifier had not seen."""
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]

    rows = np.arange(len(label))

    def surprise(power: float) -> float:
        chances = softmax(scores * np.float32(np.exp(power)))
        return float(-np.log(np.maximum(chances[rows, label], 1e-12)).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3, 4), method="bounded").x))


def _columns(texts: Sequence[Seen]) -> tuple[Codes, Floats]:
    """The features that are in more than one text, and how much each says."""
    each = [np.unique(block) for text in texts for block in text.blocks()]
    found, times = np.unique(np.concatenate(each), return_counts=True)
    often = times >= min(RARE, len(texts))
    idf = np.log((1 + len(texts)) / (1 + times[often])) + 1
    return found[often], idf.astype(np.float32)


def _matrix(texts: Sequence[Seen], columns: Codes, idf: Floats) -> Any:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    weighed = [_weighed(text, columns, idf) for text in texts]
    ends = np.cumsum([0, *(len(rows) for rows, _ in weighed)]).astype(np.int32)
    indices = np.concatenate([rows for rows, _ in weighed]).astype(np.int32)
    # liblinear copies anything else than doubles.
    values = np.concatenate([values for _, values in weighed]).astype(np.float64)
    return csr_matrix((values, indices, ends), shape=(len(texts), len(columns)))


def _found(codes: Codes, columns: Codes) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
    """The rows of features that the model knows, and which of the given they are."""
    if not len(codes) or not len(columns):
        return np.empty(0, np.int_), np.zeros(len(codes), np.bool_)
    rows = np.minimum(np.searchsorted(columns, codes), len(columns) - 1)
    known = columns[rows] == codes
    return rows[known], known


def _weighed(text: Seen, columns: Codes, idf: Floats) -> tuple[NDArray[np.int_], Floats]:
    """The rows of a text's features and their weights, each block of length one."""
    all_rows, all_values = [], []
    for block in text.blocks():
        codes, times = np.unique(block, return_counts=True)
        rows, known = _found(codes, columns)
        values = (1 + np.log(times[known])).astype(np.float32) * idf[rows]
        length = np.float32(np.sqrt((values**2).sum()))
        all_rows.append(rows)
        all_values.append(values * (BOTH / length) if length else values)
    return np.concatenate(all_rows), np.concatenate(all_values)
