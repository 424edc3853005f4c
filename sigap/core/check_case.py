#!/usr/bin/env python3
"""Check a case file of a 112 centre against the daily heads that the centre published:

    python3 check_case.py case.json heads.json

It needs Python and these two files, and asks nobody; best take heads that somebody else kept.
Checked are: that each row of the record that the file shows was in the record on its day, unchanged
and in its place; that no row of the case is left out up to the last published day; that the
timeline says what those rows say; that the hash of each attachment was recorded. Names and
sentences are not in the record: they are what the centre says that its codes mean.
"""

import json
import sys
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

COLUMNS = ["previous", "seq", "at", "occurred_at", "actor", "kind", "subject", "case"]
COLUMNS += ["before", "after", "body"]


class Fault(NamedTuple):
    """What does not hold: a code for programs, where, and words."""

    code: str
    where: str
    words: str


def leaf(data: bytes) -> bytes:
    """The hash of a leaf (RFC 6962), which can never be taken for that of a node."""
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of a node over the two below it (RFC 6962)."""
    return sha256(b"\x01" + left + right).digest()


def case_leaf(case: str, rows: int, digest: str) -> bytes:
    """The leaf of a case: how many rows it had by the end of the day, and the digest over them."""
    return leaf(json.dumps([case, rows, digest]).encode())


def follow(digest: str, row_hash: str) -> str:
    """The digest over a case's rows, carried on by one more; it begins as ""."""
    return sha256((digest + row_hash).encode()).hexdigest()


def split(size: int) -> int:
    """How many of `size` leaves stand on the left: the largest power of two below it."""
    return 1 << ((size - 1).bit_length() - 1)


def rebuild(known: dict[int, bytes], fill: list[str], size: int) -> str:
    """The root over `size` leaves, some known by their place. `fill` has the hashes of the largest
    parts without a known leaf, from left to right."""
    places, rest = sorted(known), iter(fill)

    def over(first: int, count: int) -> bytes:
        at = bisect_left(places, first)
        if at == len(places) or places[at] >= first + count:
            return bytes.fromhex(next(rest, ""))
        if count == 1:
            return known[first]
        return node(over(first, split(count)), over(first + split(count), count - split(count)))

    return over(0, size).hex() if size else ""


def verify_case(document: dict[str, Any], heads: list[dict[str, Any]]) -> list[Fault]:
    """All that does not hold of a case file, by the published days in their order."""
    try:
        return list(_faults(document, heads))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as odd:
        return [Fault("unreadable", type(odd).__name__, "this is not a whole case file")]


def waiting(document: dict[str, Any], heads: list[dict[str, Any]]) -> int:
    """How many rows are newer than the last published day: nothing proves them yet."""
    last = heads[-1]["last_seq"] if heads else 0
    return sum(row["seq"] > last for row in document["proof"]["rows"])


def _faults(document: dict[str, Any], heads: list[dict[str, Any]]) -> Iterator[Fault]:
    proof, told, last = document["proof"], {h["day"]: h for h in heads}, 0
    for head in heads:
        if head["first_seq"] != last + 1:
            yield Fault("heads", head["day"], "this day does not follow the one before it")
        last = head["last_seq"]
    before, hashes = 0, dict[int, str]()
    rows: dict[int, dict[str, Any]] = {}
    of: dict[str, list[int]] = {}
    for row in proof["rows"]:
        seq, text = row["seq"], row.get("text")
        if seq <= before:
            yield Fault("order", f"row {seq}", "this row is not in its place")
        before = seq
        hashes[seq] = sha256(text.encode()).hexdigest() if text else row["hash"]
        if text:
            found = rows[seq] = dict(zip(COLUMNS, json.loads(text), strict=True))
            if found["seq"] != seq or found["previous"] != hashes.get(seq - 1, found["previous"]):
                yield Fault("changed", f"row {seq}", "this row does not follow the one before it")
        for case in {rows[seq]["subject"], rows[seq]["case"]} if text else row["of"]:
            of.setdefault(case, []).append(seq)
    proven: set[int] = set()
    for day in filter(lambda day: day["day"] in told, proof["days"]):
        of_day = told[day["day"]]
        first, size = of_day["first_seq"], of_day["last_seq"] - of_day["first_seq"] + 1
        mine = [seq for seq in hashes if 0 <= seq - first < size]
        known = {seq - first: leaf(bytes.fromhex(hashes[seq])) for seq in mine}
        if rebuild(known, day["fill"], size) != of_day["root"]:
            yield Fault("changed", day["day"], "a row of this day is not as it was recorded")
        proven.update(mine)
    made_by = min(last, proof["published_to"])
    for seq in (seq for seq in hashes if seq <= made_by and seq not in proven):
        yield Fault("unproven", f"row {seq}", "nothing shows that this row was recorded")
    if any(made_by < seq <= last for seq in hashes):
        yield Fault("outdated", document["case"], "made before its last day was published")
    # Of each case there is one total, of the last published day on which something happened.
    totals = {total["case"]: total for total in proof["cases"]}
    for case in {document["case"], *document["covers"]}:
        mine = [seq for seq in of.get(case, []) if seq <= made_by]
        total, digest = totals.get(case), ""
        for seq in mine:
            digest = follow(digest, hashes[seq])
        if total and total["day"] in told:
            known = {total["place"]: case_leaf(case, len(mine), digest)}
            root = rebuild(known, total["fill"], total["of"])
            if root != told[total["day"]]["cases_root"]:
                yield Fault("left_out", case, "a row of this case is left out or was put in")
        elif total and total["day"] > max(told, default=""):
            yield Fault("old_heads", total["day"], "the heads do not reach to this day")
        elif mine:
            yield Fault("left_out", case, "nothing shows that no row of it is left out")
    recorded = {row["body"].get("sha256"): seq for seq, row in rows.items()}
    for line in document["timeline"]:
        if any(line[name] != rows[line["seq"]][name] for name in COLUMNS[2:10]):
            yield Fault("untrue", f"row {line['seq']}", "the timeline does not say what it says")
    for file in document["attachments"]:
        if file["sha256"] and file["sha256"] not in recorded:
            yield Fault("untrue", file["sha256"], "no row has the hash of this attachment")


def main(case_file: str, heads_file: str) -> int:
    """Check the two files and say what holds."""
    with open(case_file, encoding="utf-8") as one, open(heads_file, encoding="utf-8") as other:
        document, heads = json.load(one), json.load(other)["days"]
    faults = verify_case(document, heads)
    for fault in faults:
        print(f"FAULT {fault.code} ({fault.where}): {fault.words}.")
    if not faults:
        late = waiting(document, heads)
        print(f"{len(document['proof']['rows']) - late} rows hold; {late} are not published yet.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
