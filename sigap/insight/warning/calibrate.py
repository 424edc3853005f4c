"""How high a score must be, so that chance alone reaches it once in so many days. Pure.

The category's own past is played again many times as chance would have it: its level, the spread
of its weeks, its areas' shares. What the same scan finds in these days is a false alarm by
definition; the threshold is where one is left in so many days. Where the true past had more alarms
than that (things that come in clusters by nature), it counts instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from .rise import FEWEST, WEEK, rise_scores
from .scan import SHARE_COUNTS, WINDOW, YEAR, Floats, Zones, scores

SILENCE = 7  # days after an alarm of a category in which there is no other
# Days between two false alarms for which a threshold is kept; what lies between is interpolated.
PERIODS = (7, 14, 30, 60, 90, 120, 180, 240, 360, 720)
PLAYED = 2200  # days
ENOUGH_PAST = 180  # days of true past that have a say
WIDEST = 0.5  # the gamma's shape below which weeks are not believed to differ more


@dataclass(frozen=True)
class Curve:
    """How rare a score is: the lowest one by how many days lie between two false alarms."""

    scores: Mapping[int, float]

    def once_in(self, score: Floats) -> Floats:
        """In how many days chance reaches this score once, 720 at most; 0 for no score at all."""
        # Of periods with the same score the longest holds.
        values = np.array(list(self.scores.values())) - np.arange(len(PERIODS))[::-1] * 1e-9
        return np.where(score > 0, np.exp(np.interp(score, values, np.log(PERIODS))), 0.0)


@dataclass(frozen=True)
class Calibration:
    """How rare is what the scan of a category says, what the week's rise says, and that either of
    them says something as rare as that."""

    scan: Curve
    rise: Curve
    either: Curve

    def once_in(self, scan: Floats, rise: Floats) -> Floats:
        """In how many days chance gives either of these scores, or a rarer one, once."""
        rarer = np.maximum(self.scan.once_in(scan), self.rise.once_in(rise))
        return self.either.once_in(rarer)


def calibrate(
    counts: npt.NDArray[np.int_], zones: Zones, prior: Floats, *, least: int, name: str
) -> Calibration:
    """Find the thresholds of a category with this past (days by areas). The same past gives the
    same answer: the dice are thrown by `name`."""
    dice = np.random.default_rng(crc32(name.encode()))
    played = _played(counts, prior, dice)
    scan = scores(played, zones, prior, least=least, last=PLAYED)
    rise = rise_scores(played.sum(axis=1), least=least, last=PLAYED)
    curves = _curve(scan), _curve(rise)
    past = min(len(counts) - FEWEST * WEEK - WINDOW, YEAR)
    if past >= ENOUGH_PAST:
        true_scan = scores(counts, zones, prior, least=least, last=past)
        true_rise = rise_scores(counts.sum(axis=1), least=least, last=past)
        curves = _higher(curves[0], true_scan), _higher(curves[1], true_rise)
    rarer = np.maximum(curves[0].once_in(scan), curves[1].once_in(rise))
    return Calibration(*curves, _curve(rarer))


def _played(
    counts: npt.NDArray[np.int_], prior: Floats, dice: np.random.Generator
) -> npt.NDArray[np.int_]:
    """Days as chance would have them, with a year before the first that counts."""
    year = counts[-YEAR:]
    level = (year.sum() + 0.5) / len(year)
    share = year.sum(axis=0) + SHARE_COUNTS * prior
    share = share / share.sum()
    days = PLAYED + YEAR + WINDOW
    weeks = dice.gamma(shape := _shape(year.sum(axis=1)), 1 / shape, -(-days // WEEK))
    rates = np.repeat(weeks, WEEK)[:days, None] * level * share
    return np.asarray(dice.poisson(rates))


def _shape(city: npt.NDArray[np.int_]) -> float:
    """The shape of the gamma distribution by which weeks differ; large where chance explains it."""
    weeks = city[len(city) % WEEK :].reshape(-1, WEEK).sum(axis=1)
    if len(weeks) < FEWEST:
        return 1e6
    # The highest tenth may be outbreaks: they are no part of what is usual.
    kept = np.sort(weeks)[: max(FEWEST, int(len(weeks) * 0.9))]
    mean, excess = kept.mean(), kept.var(ddof=1) - kept.mean()
    return float(max(WIDEST, mean**2 / excess)) if excess > 0 else 1e6


def _higher(played: Curve, true: Floats) -> Curve:
    chance, past = played.scores, _curve(true).scores
    few = len(true) / 3  # a period that the past holds less often than this it knows nothing of
    best = [max(chance[p], past[p]) if p <= few else chance[p] for p in PERIODS]
    return Curve(dict(zip(PERIODS, np.maximum.accumulate(best).tolist(), strict=True)))


def _curve(found: Floats) -> Curve:
    """The lowest score for each period with which no more alarms were left than that."""
    candidates = np.unique(found[found > 0])[::-1][:600]
    alarms = np.array([_alarms(found, score) for score in candidates])
    curve: dict[int, float] = {}
    lowest = 0.0
    for period in PERIODS:
        few = np.nonzero(alarms > len(found) / period)[0]
        # Candidates fall from the highest: before the first that gives too many.
        first = few[0] if len(few) else len(candidates)
        score = float(candidates[first - 1]) if first else float(found.max()) + 1e-6
        lowest = max(lowest, score)
        curve[period] = lowest
    return Curve(curve)


def _alarms(found: Floats, score: float) -> int:
    """How many alarms there were at this threshold, with the silence after each."""
    n, quiet = 0, -1
    for day in np.nonzero(found >= score)[0].tolist():
        if day > quiet:
            n, quiet = n + 1, day + SILENCE - 1
    return n
