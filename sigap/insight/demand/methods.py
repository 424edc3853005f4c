"""How many calls will ring in each hour to come, as a distribution and never as one number. Pure.

Each method takes the hours that are known and gives, for each hour asked, a negative binomial
distribution: its mean, and a spread that holds both what calls do by themselves and how little is
known of the mean. Which method a city is shown is settled by `backtest` on its own days.
"""

import warnings
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from scipy.stats import nbinom  # type: ignore[import-untyped]

from .calendar import WEEK, CityDays, Numbers, columns, flags, rain, slots

LEAST_DAYS = 14  # known days, below which nothing is said
REGRESSION_DAYS = 120  # and from which on a regression is tried
RECENT = 12 * WEEK  # hours that the mean of the same hours looks back
TINY = 1e-6  # the spread of what is as good as Poisson
LEVELS = (80, 95)


class NotConverged(Exception):
    """A method has found no answer that can be trusted; another one is to be used."""


@dataclass(frozen=True)
class Spread:
    """One negative binomial distribution for each hour: variance = mean + alpha * mean^2."""

    mean: Numbers
    alpha: Numbers

    def _law(self) -> tuple[Numbers, Numbers]:
        alpha = np.maximum(self.alpha, TINY)
        return 1 / alpha, 1 / (1 + alpha * self.mean)

    def quantile(self, share: float) -> Numbers:
        """The fewest calls that are not exceeded with this probability: whole calls."""
        found: Numbers = nbinom.ppf(share, *self._law())
        return np.maximum(found, 0)

    def interval(self, percent: float) -> tuple[Numbers, Numbers]:
        """The middle of the distribution, both ends whole calls and included: it holds at least
        so many percent, more where calls are few."""
        tail = (1 - percent / 100) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    def below(self, calls: Numbers) -> Numbers:
        """The probability of at most so many calls."""
        found: Numbers = nbinom.cdf(calls, *self._law())
        return found

    def crps(self, calls: Numbers) -> Numbers:
        """How far the distribution was off, in calls: the continuous ranked probability score of
        each hour. Of a certain forecast it is the plain error."""
        r, p = self._law()
        top = int(max(np.max(nbinom.isf(1e-9, r, p), initial=0), np.max(calls, initial=0))) + 1
        steps = np.arange(top)
        found: Numbers = np.zeros(len(calls))
        for part in np.array_split(np.arange(len(calls)), max(1, len(calls) * top // 2_000_000)):
            law = nbinom.cdf(steps[None, :], r[part, None], p[part, None])
            step = steps[None, :] >= calls[part, None]
            found[part] = ((law - step) ** 2).sum(axis=1)
        return found

    def covered(self, calls: Numbers, percent: float) -> Numbers:
        """How much of each observation lies in the middle `percent`. Calls are whole, so that no
        whole interval holds exactly 80 %: one that is an end of it counts by the part of its
        probability that lies within, and the mean of a right forecast is `percent` exactly."""
        tail = (1 - percent / 100) / 2
        low, high = self.below(calls - 1), self.below(calls)
        within = np.minimum(high, 1 - tail) - np.maximum(low, tail)
        return np.clip(within / np.maximum(high - low, 1e-12), 0, 1)


@dataclass(frozen=True)
class Past:
    """The hours that are known, in their order; those that are not known are left out."""

    hours: Sequence[datetime]
    calls: Numbers
    days: CityDays

    @property
    def known_days(self) -> float:
        """So many hours as that are."""
        return len(self.hours) / 24

    def before(self, at: datetime) -> "Past":
        """What was known at that time."""
        n = bisect_left(self.hours, at)
        return Past(self.hours[:n], self.calls[:n], self.days)


@dataclass(frozen=True)
class Ahead:
    """What a method says: of each hour, and how much whole days differ beyond it."""

    hours: Spread
    day_alpha: float = 0.0


Method = Callable[[Past, Sequence[datetime]], Ahead]


def extra(calls: Numbers, mean: Numbers, used: int = 0) -> float:
    """How much more calls differ than by chance (moments): 0 is Poisson. `used` is the number of
    figures that the mean was fitted with, which makes the differences too small."""
    free = len(calls) / max(1, len(calls) - used)
    over = float(np.sum((calls - mean) ** 2) * free - np.sum(mean))
    return max(0.0, over / max(float(np.sum(mean**2)), 1e-12))


def day_extra(past: Past, mean: Numbers) -> float:
    """The same of whole days: what makes a day lively, all its hours together."""
    sums: dict[object, list[float]] = {}
    for at, calls, expected in zip(past.hours, past.calls, mean, strict=True):
        day = sums.setdefault(at.date(), [0, 0.0, 0.0])
        day[0] += 1
        day[1] += calls
        day[2] += expected
    whole = np.array([d[1:] for d in sums.values() if d[0] == 24])
    return extra(whole[:, 0], whole[:, 1]) if len(whole) > 1 else 0.0


def last_week(past: Past, ahead: Sequence[datetime]) -> Ahead:
    """As many as in the same hour a week before, the last such hour that is known: the simplest
    thing that anybody would do, by which the others are measured."""
    known = dict(zip(past.hours, past.calls, strict=True))
    mean = float(np.mean(past.calls))
    # An hour without a call does not mean that there never is one.
    least = 0.1 * mean + 1e-3
    pairs = [at for at in past.hours if at - _WEEK in known]
    twice = Past(pairs, np.array([known[at] for at in pairs]), past.days)
    before = np.array([max(known[at - _WEEK], least) for at in pairs])
    alpha = extra(twice.calls, before) if pairs else 1.0
    found = []
    for hour in ahead:
        at = hour - _WEEK
        while at not in known and at > past.hours[0]:
            at -= _WEEK
        found.append(max(known.get(at, mean), least))
    return Ahead(Spread(np.array(found), np.full(len(found), alpha)), day_extra(twice, before))


def same_hours(past: Past, ahead: Sequence[datetime]) -> Ahead:
    """The mean of the same hours of the last twelve weeks, drawn towards the mean of that hour on
    all days of its kind (working week, weekend) as far as weekdays are alike (empirical Bayes)."""
    recent = Past(past.hours[-RECENT:], past.calls[-RECENT:], past.days)
    slot, kinds = slots(recent.hours), np.repeat([0, 1], [5 * 24, 2 * 24])
    n = np.bincount(slot, minlength=WEEK).astype(float)
    sums = np.bincount(slot, weights=recent.calls, minlength=WEEK)
    alike = kinds * 24 + np.tile(np.arange(24), 7)  # which slots are of one kind and hour
    n_alike, sums_alike = (np.bincount(alike, weights=x)[alike] for x in (n, sums))
    # Each counts one hour as any other beside its own: that nobody rang yet is not never.
    prior = np.maximum((sums_alike + np.mean(recent.calls)) / (n_alike + 1), 1e-3)
    there = n > 0
    own = np.where(there, sums / np.maximum(n, 1), prior)
    alpha = extra(recent.calls, own[slot], used=int(there.sum()))
    noise = (1 / prior + alpha) / np.maximum(n, 0.1)
    off = own / prior - 1
    differ = np.sum((off**2 - noise)[there] / noise[there]) / np.sum(1 / noise[there])
    drawn = max(0.0, float(differ)) / (max(0.0, float(differ)) + noise)
    mean = prior * (1 + drawn * off)
    unsure = drawn * noise + (1 / prior + alpha) / (n_alike + 1)
    asked = slots(ahead)
    spread = Spread(mean[asked], alpha + unsure[asked])
    return Ahead(spread, day_extra(recent, mean[slot]) + float(np.mean(unsure)) / 7)


def regression(past: Past, ahead: Sequence[datetime]) -> Ahead:
    """Poisson regression on the calendar. How sure each coefficient is is reckoned from whole
    days, since the hours of a day are alike. Raises NotConverged."""
    try:
        import statsmodels.api as sm  # type: ignore[import-untyped]
    except ImportError as error:
        raise NotConverged("statsmodels is not installed") from error
    shape = columns(past.days, past.hours, ahead)
    x = shape.of(past.days, past.hours)
    level = float(np.mean(past.calls))
    if level <= 0:
        raise NotConverged("no calls at all")
    # One hour as any other for each column: an hour of the day in which nobody has ever called
    # would otherwise be held for one in which nobody ever will.
    middle = x.mean(axis=0)
    prior = np.tile(middle, (x.shape[1] - 1, 1))
    prior[np.arange(x.shape[1] - 1), np.arange(1, x.shape[1])] = 1
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            fit = sm.GLM(
                np.concatenate([past.calls, np.full(len(prior), level)]),
                np.vstack([x, prior]),
                family=sm.families.Poisson(),
            ).fit(maxiter=100)
            beta, bread = np.asarray(fit.params), np.asarray(fit.normalized_cov_params)
        except (ValueError, np.linalg.LinAlgError) as error:
            raise NotConverged(type(error).__name__) from error
    asked = shape.of(past.days, ahead)
    known, mean = np.exp(x @ beta), np.exp(asked @ beta)
    cov = _by_days(bread, x, past, known)
    unsure = np.einsum("ij,jk,ik->i", asked, cov, asked)
    sane = fit.converged and np.all(np.isfinite(mean)) and np.all(np.isfinite(unsure))
    if not sane or np.max(mean) > 20 * max(np.max(past.calls), 1) or np.min(unsure) < 0:
        raise NotConverged("the regression has found no steady answer")
    alpha = extra(past.calls, known, used=x.shape[1])
    day = day_extra(past, known) + float(np.mean(unsure))
    return Ahead(Spread(mean, alpha + unsure), day)


def _by_days(bread: Numbers, x: Numbers, past: Past, known: Numbers) -> Numbers:
    """The covariance of the coefficients, each day being one observation."""
    day = np.array([at.toordinal() for at in past.hours])
    first = np.flatnonzero(np.r_[True, day[1:] != day[:-1]])
    scores = np.add.reduceat(x * (past.calls - known)[:, None], first, axis=0)
    more = len(first) / max(1, len(first) - 1)
    found: Numbers = more * bread @ (scores.T @ scores) @ bread
    return found


def trees(past: Past, ahead: Sequence[datetime]) -> Ahead:
    """Gradient-boosted trees (LightGBM). Their spread is measured on the last four weeks, of which
    they have learned nothing. Raises NotConverged where they are not installed."""
    try:
        import lightgbm
    except ImportError as error:
        raise NotConverged("lightgbm is not installed") from error
    apart = past.hours[-1] - timedelta(weeks=4)
    early = past.before(apart)
    late = Past(past.hours[len(early.hours) :], past.calls[len(early.hours) :], past.days)

    def learn(known: Past, asked: Sequence[datetime]) -> Numbers:
        data = lightgbm.Dataset(_leaves(known, known.hours), known.calls, free_raw_data=True)
        model = lightgbm.train(_TREES, data, num_boost_round=150)
        found: Numbers = np.asarray(model.predict(_leaves(known, asked)), dtype=float)
        return np.maximum(found, 1e-3)

    checked = learn(early, late.hours)
    mean = learn(past, ahead)
    alpha = extra(late.calls, checked)
    return Ahead(Spread(mean, np.full(len(mean), alpha)), day_extra(late, checked))


def _leaves(known: Past, hours: Sequence[datetime]) -> Numbers:
    slot, found = slots(hours), flags(known.days, hours)
    parts = [slot % 24, slot // 24, [at.timetuple().tm_yday for at in hours]]
    parts += [found[name] for name in found]
    parts += [[at.toordinal() for at in hours], rain(known.days, hours)]
    return np.column_stack([np.asarray(part, dtype=float) for part in parts])


_WEEK = timedelta(weeks=1)
_TREES = {
    "objective": "poisson",
    "num_leaves": 15,
    "learning_rate": 0.05,
    "min_data_in_leaf": 40,
    "num_threads": 1,
    "deterministic": True,
    "seed": 112,
    "verbosity": -1,
}
METHODS: dict[str, Method] = {
    "last_week": last_week,
    "same_hours": same_hours,
    "regression": regression,
    "trees": trees,
}
