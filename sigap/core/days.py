"""The journal's days: what is published of each, and the proof that rows belong to it.

Every row's hash is over its columns and the hash before it (`core.journal`). Of each day of the
city that is over, three hashes are published:

- `head`, the hash of its last row;
- `root`, over the hashes of all its rows: a Merkle tree as in RFC 6962, so that a few rows are
  shown to be of that day without the others;
- `cases_root`, over the cases in which something happened that day, in the order of their names:
  of each how many rows it had by the day's end, and a digest over their hashes. So it can be
  shown that no row of a case is left out.

Days are closed by `core.actions.days`, in order and without a gap; `check_case.py` is what others
check with, and has the hashing that both sides share.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.db.models import Q

from .check_case import case_leaf, follow, leaf, node, split
from .journal import GENESIS, Verdict, canonical
from .models import Journal, JournalDay
from .queries import batched, city_zone

# Whose rows together are a case; what belongs to one names it as its `case`.
CASES = ("incident:", "call:", "complaint:")


@dataclass(frozen=True)
class Total:
    """How many rows a case had by the end of a day, and the digest over their hashes."""

    case: str
    rows: int
    digest: str


def day_heads() -> list[dict[str, Any]]:
    """What is published of all days that are over, oldest first: the content of a file of heads."""
    return [head_of(day) for day in JournalDay.objects.order_by("day")]


def head_of(day: JournalDay) -> dict[str, Any]:
    """What is published of one day, as JSON."""
    return {
        "day": day.day.isoformat(),
        "first_seq": day.first_seq,
        "last_seq": day.last_seq,
        "head": day.head,
        "root": day.root,
        "cases_root": day.cases_root,
    }


def next_day(now: datetime) -> JournalDay | None:
    """The first day that is over and not closed yet, as it is to be published; None where there
    is none. Where a clock stepped back over midnight, rows that came late count to the next."""
    last = JournalDay.objects.order_by("-day").first()
    rows = Journal.objects.filter(seq__gt=last.last_seq if last else 0)
    first = rows.order_by("seq").first()
    if first is None:
        return None
    zone = city_zone()
    day = first.at.astimezone(zone).date()
    if last:
        day = max(day, last.day + timedelta(days=1))
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    if now < end:
        return None
    final = rows.filter(at__lt=end).order_by("-seq").first() or first
    return JournalDay(day=day, published_at=now, **_sums(first.seq, final.seq))


def _sums(first: int, last: int) -> dict[str, Any]:
    """What the journal says of these rows, computed anew."""
    leaves = _row_leaves(first, last)
    return {
        "first_seq": first,
        "last_seq": last,
        "head": Journal.objects.get(pk=last).hash,
        "root": root(leaves),
        "cases_root": root(_case_leaves(totals(_cases_between(first, last), last))),
    }


def root(leaves: Sequence[bytes]) -> str:
    """The root over leaves (RFC 6962); over none the hash of nothing."""
    return _over(leaves).hex()


def _over(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256().digest()
    left = split(len(leaves))
    return node(_over(leaves[:left]), _over(leaves[left:]))


def fill(leaves: Sequence[bytes], known: Iterable[int]) -> list[str]:
    """The hashes of the largest parts in which no leaf is known, from left to right: with the
    known leaves they give the root (`check_case.rebuild`)."""
    found: list[str] = []

    def walk(first: int, count: int, within: list[int]) -> None:
        if not within:
            found.append(_over(leaves[first : first + count]).hex())
        elif count > 1:
            left = split(count)
            walk(first, left, [p for p in within if p < first + left])
            walk(first + left, count - left, [p for p in within if p >= first + left])

    walk(0, len(leaves), sorted(known))
    return found


def _row_leaves(first: int, last: int) -> list[bytes]:
    rows = Journal.objects.filter(seq__gte=first, seq__lte=last).order_by("seq")
    return [leaf(bytes.fromhex(h)) for h in rows.values_list("hash", flat=True)]


def _cases_between(first: int, last: int) -> list[str]:
    """The cases in which something happened, in the order of their names."""
    rows = Journal.objects.filter(seq__gte=first, seq__lte=last)
    found = {name for pair in rows.values_list("subject", "case") for name in pair}
    return sorted(name for name in found if name.startswith(CASES))


def _case_leaves(found: Iterable[Total]) -> list[bytes]:
    return [case_leaf(total.case, total.rows, total.digest) for total in found]


def rows_of(cases: Iterable[str]) -> list[Journal]:
    """All rows of these cases: about them, or of what belongs to them; oldest first."""
    names = list(cases)
    return list(Journal.objects.filter(Q(subject__in=names) | Q(case__in=names)).order_by("seq"))


def totals(cases: Sequence[str], until: int) -> list[Total]:
    """What the journal says of these cases up to the row `until`, in the order that is given."""
    count: dict[str, int] = defaultdict(int)
    digests: dict[str, str] = defaultdict(str)
    for some in batched(cases):
        wanted = set(some)
        rows = Journal.objects.filter(Q(subject__in=some) | Q(case__in=some), seq__lte=until)
        for subject, case, row_hash in rows.order_by("seq").values_list("subject", "case", "hash"):
            for name in {subject, case} & wanted:
                count[name] += 1
                digests[name] = follow(digests[name], row_hash)
    return [Total(name, count[name], digests[name]) for name in cases]


def proof_of(rows: Sequence[Journal], cases: Sequence[str], withheld: Iterable[int] = ()) -> Any:
    """What shows to anybody with the published heads that these rows are in the journal as they
    are, and that they are all of these cases. Of those `withheld` only the hash is shown."""
    hidden, days = set(withheld), list(JournalDay.objects.order_by("day"))
    published = days[-1].last_seq if days else 0
    before = _hashes([row.seq - 1 for row in rows if row.seq > 1])
    return {
        "published_to": published,
        "rows": [
            {"seq": row.seq, "hash": row.hash, "of": sorted({row.subject, row.case} - {""})}
            if row.seq in hidden
            else {"seq": row.seq, "text": canonical(row, before.get(row.seq - 1, GENESIS))}
            for row in rows
        ],
        "days": [
            {
                "day": day.day.isoformat(),
                "fill": fill(_rows_tree(day.first_seq, day.last_seq, day.root), mine),
            }
            for day in days
            if (mine := [r.seq - day.first_seq for r in rows if _is_of(r, day)])
        ],
        "cases": _whole(cases, [row for row in rows if row.seq <= published], days),
    }


def _is_of(row: Journal, day: JournalDay) -> bool:
    return day.first_seq <= row.seq <= day.last_seq


# What is published does not change: what was reckoned of a day is kept for the next case file.


@lru_cache(maxsize=64)
def _rows_tree(first: int, last: int, _root: str) -> list[bytes]:
    return _row_leaves(first, last)


@lru_cache(maxsize=16)
def _cases_tree(first: int, last: int, _cases_root: str) -> tuple[list[str], list[bytes]]:
    names = _cases_between(first, last)
    return names, _case_leaves(totals(names, last))


def _hashes(seqs: Iterable[int]) -> dict[int, str]:
    return {
        seq: row_hash
        for some in batched(seqs)
        for seq, row_hash in Journal.objects.filter(seq__in=some).values_list("seq", "hash")
    }


def _whole(cases: Sequence[str], rows: Sequence[Journal], days: list[JournalDay]) -> list[Any]:
    """Shows the total of each case at the end of the last published day on which something
    happened in it. Nothing of a case of which nothing is published."""
    of_day: dict[JournalDay, list[str]] = defaultdict(list)
    last = {name: row.seq for row in rows for name in (row.subject, row.case)}
    for case in cases:
        if seq := last.get(case):
            of_day[next(day for day in days if seq <= day.last_seq)].append(case)
    found = []
    for day, mine in of_day.items():
        names, leaves = _cases_tree(day.first_seq, day.last_seq, day.cases_root)
        for case in mine:
            place = names.index(case)
            shown = {"place": place, "of": len(names), "fill": fill(leaves, [place])}
            found.append({"case": case, "day": day.day.isoformat(), **shown})
    return found


def verify_days() -> Verdict:
    """Compute every published day anew and name the first that the journal does not bear out."""
    expected, done, head = 1, 0, GENESIS
    for day in JournalDay.objects.order_by("day"):
        if day.first_seq != expected:
            return Verdict(done, head, expected, f"the day before {day.day} is missing")
        rows = Journal.objects.filter(seq__gte=day.first_seq, seq__lte=day.last_seq)
        whole = rows.count() == day.last_seq - day.first_seq + 1
        if not whole or _sums(day.first_seq, day.last_seq) != {
            "first_seq": day.first_seq,
            "last_seq": day.last_seq,
            "head": day.head,
            "root": day.root,
            "cases_root": day.cases_root,
        }:
            return Verdict(done, head, day.first_seq, f"{day.day} is not as it was published")
        expected, done, head = day.last_seq + 1, done + 1, day.head
    return Verdict(done, head)
