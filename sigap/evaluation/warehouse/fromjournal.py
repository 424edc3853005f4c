"""The same facts from journal rows alone, so that anyone can compute the figures again.

`calls` and `readings` make of the journal what `tables` exports of the city's own tables, and
`measures` counts both. Three things the journal does not hold, and here they differ:

- calls and incidents that were brought from an older system: it has their hash, not their class
  and times. They are left out.
- a call by which the exchange rings a lost caller back: it counts here as a call of its own.
- an answer's time that the exchange corrected afterwards, and a ring that it told after other
  events: the first word of the call stands for it.

Nor does it hold whose unit one was, so there are no figures by agency, and merges are followed
over eight steps.
"""

from collections.abc import Mapping

import ibis  # type: ignore[import-untyped]
import ibis.expr.types as ir  # type: ignore[import-untyped]

from sigap.calls.models import GHOST

from ..calls import WORKED
from ..rows import STATES

# Two rows of a case are one row of another case's table: all keys are within a city.
CITY = "city"
# Which kind says that an assignment has reached a state.
REACHED = {
    "notified": "assignment.notify",
    "en_route": "assignment.depart",
    "on_scene": "assignment.arrive",
}
TOLD = ("assignment.corrected", "assignment.told_late")
CLASSED = ("call.close", "call.reclassify")
ANSWERED = ("call.answer", "call.late_answer", "call.entered")
LOST = ("call.refuse", "call.abandon")
TRIED = ("call.reach", "call.miss", "call.give_up")
ENDED = ("incident.resolve", "incident.close", "incident.reopen")
STEPS = 3  # of doubling: 2 ** 3 merges in a row


def text(rows: ir.Table, field: str) -> ir.StringValue:
    """A code in the body; empty where there is none."""
    return rows.body.re_extract(f'"{field}":"([^"]*)"', 1)


def number(rows: ir.Table, field: str) -> ir.StringValue:
    """A whole number in the body, as its digits; empty where there is none."""
    return rows.body.re_extract(f'"{field}":([0-9]+)', 1)


def happened(rows: ir.Table) -> ir.IntegerValue:
    """When it happened: as somebody said, else when it was recorded."""
    return ibis.coalesce(rows.occurred_us, rows.at_us)


def known_calls(journal: ir.Table) -> ir.Table:
    """Each call with its class, its incident and its times, as its rows leave it."""
    rows = journal.filter(journal.subject.startswith("call:"))
    is_class = rows.kind.isin(CLASSED)
    somebody = (rows.kind == "call.reviewed") & (text(rows, "reason") == "somebody")
    rows = rows.mutate(
        began=ibis.cases((rows.kind == "call.entered", happened(rows)), else_=rows.occurred_us),
        ring=ibis.cases((rows.kind == "call.presented", rows.occurred_us)),
        said=ibis.cases(
            (is_class, text(rows, "call_class")),
            ((rows.kind == "call.abandon") | somebody, "abandoned"),
            (rows.kind == "call.late_answer", ""),
            (rows.kind == "call.end_silent", "silent"),
        ),
        acted=ibis.cases((is_class, rows.body.contains('"field_action":true'))),
        # -1: the answer was none after all.
        answer=ibis.cases((rows.kind.isin(ANSWERED), happened(rows)), (rows.kind.isin(LOST), -1)),
        about=ibis.cases((rows.kind == "call.linked", number(rows, "incident"))),
        gate=ibis.cases(
            (
                rows.kind.isin(("call.screen", "call.set_aside", "call.queue", "call.fact")),
                text(rows, "source").nullif(""),
            ),
        ),
        heard=somebody,
        tried=rows.kind.isin(TRIED),
        imported=rows.kind == "call.imported",
    )
    last = {
        name: rows[name].argmax(rows.seq, where=rows[name].notnull())
        for name in ("said", "acted", "answer", "about", "gate")
    }
    calls = rows.group_by([CITY, "subject"]).aggregate(
        began_us=ibis.coalesce(rows.began.min(), rows.at_us.min()),
        ring_us=rows.ring.min(),
        heard=rows.heard.any(),
        tried=rows.tried.any(),
        imported=rows.imported.any(),
        **last,
    )
    calls = calls.filter(~calls.imported)
    answered = calls.answer.nullif(-1)
    lost = answered.isnull() & calls.tried
    return calls.select(
        CITY,
        call=calls.subject,
        incident=ibis.literal("incident:") + calls.about,
        began_us=calls.began_us,
        ring_us=calls.ring_us,
        answered_us=answered,
        call_class=calls.said.coalesce(""),
        field_action=calls.acted.coalesce(False),
        unanswered=(calls.said.coalesce("") == "abandoned")
        | (lost & ((calls.gate.coalesce("") != "silent") | calls.heard)),
    )


def roots(journal: ir.Table) -> ir.Table:
    """Each merged incident with the one that carries on."""
    rows = journal.filter(journal.kind.isin(("incident.merge", "incident.unmerge")))
    rows = rows.mutate(
        into=ibis.cases((rows.kind == "incident.merge", number(rows, "other")), else_="")
    )
    last = rows.group_by([CITY, "subject"]).aggregate(into=rows.into.argmax(rows.seq))
    merged = last.filter(last.into != "").select(
        CITY, incident="subject", root=ibis.literal("incident:") + last.into
    )
    for _step in range(STEPS):
        above = merged.select(above_city=CITY, above=merged.incident, top=merged.root)
        merged = merged.left_join(
            above, [merged[CITY] == above.above_city, merged.root == above.above]
        ).select(CITY, "incident", root=ibis.coalesce(above.top, merged.root))
    return merged


def carried(rows: ir.Table, merged: ir.Table) -> ir.Table:
    """`rows` with the incident that carries on for theirs, as `root`."""
    of = merged.select(of_city=CITY, of=merged.incident, top=merged.root)
    joined = rows.left_join(of, [rows[CITY] == of.of_city, rows.incident == of.of])
    return joined.select(*rows.columns, root=ibis.coalesce(of.top, rows.incident))


def jobs(journal: ir.Table) -> ir.Table:
    """Each assignment with its state and, of several times of a state, the latest record."""
    rows = journal.filter(journal.subject.startswith("assignment:"))
    rows = rows.mutate(state=ibis.cases((rows.after != "", rows.after)))
    times = {}
    for state in STATES:
        says = (rows.kind == REACHED[state]) | (
            rows.kind.isin(TOLD) & (text(rows, "state") == state)
        )
        times[f"{state}_us"] = happened(rows).argmax(rows.seq, where=says)
        times[f"{state}_derived"] = (text(rows, "source") == "derived").argmax(rows.seq, where=says)
    return rows.group_by([CITY, "subject", rows["case"].name("incident")]).aggregate(
        state=rows.state.argmax(rows.seq, where=rows.state.notnull()),
        first_seq=rows.seq.min(),
        **times,
    )


def calls(
    journal: ir.Table, dispositions: ir.Table, period: Mapping[str, tuple[int, int]]
) -> ir.Table:
    """Every call that began in the period with its line, as table `calls` has it. `period` is
    the first microsecond that counts, and the first that does not, of each city."""
    merged = roots(journal)
    known = carried(known_calls(journal), merged)
    family = [CITY, "root"]
    work = carried(jobs(journal), merged)
    worked = work.filter(work.state.isin(WORKED)).select(family).distinct()
    ends = journal.filter(journal.kind.isin(ENDED))
    ends = ends.group_by([CITY, "subject"]).aggregate(
        disposition=text(ends, "disposition").argmax(ends.seq)
    )
    not_followed = ends.join(
        dispositions.filter(~dispositions.followed_up), [CITY, "disposition"]
    ).select(CITY, root="subject")
    reported = (
        known.filter(
            (known.call_class == "emergency")
            | ((known.call_class == "complaint") & known.field_action)
        )
        .select(family)
        .distinct()
    )
    marked = known.filter(in_period(known, period))
    for name, marks in (("worked", worked), ("not_followed", not_followed), ("reported", reported)):
        one = marks.select(of_city=CITY, of=marks.root)
        joined = marked.left_join(one, [marked[CITY] == one.of_city, marked.root == one.of])
        marked = joined.select(*marked.columns, **{name: one.of.notnull()})
    followed = marked.worked & ~marked.not_followed
    acted = marked.field_action | followed
    repeats = followed | marked.reported
    plain = ("prank", "information", "abandoned", "test", "out_of_area", *GHOST)
    return marked.select(
        CITY,
        "call",
        "unanswered",
        line=ibis.cases(
            (marked.call_class == "", "unclassified"),
            (marked.call_class.isin(("emergency", *plain)), marked.call_class),
            (
                marked.call_class == "complaint",
                ibis.ifelse(acted, "complaint", "complaint_without_action"),
            ),
            else_=ibis.ifelse(repeats, "repeat", "repeat_without_action"),
        ),
        emergency_without_unit=(marked.call_class == "emergency") & ~marked.worked,
    )


def in_period(rows: ir.Table, period: Mapping[str, tuple[int, int]]) -> ir.BooleanValue:
    """Whether a row began in its own city's days."""
    spans = [
        (rows[CITY] == city) & (rows.began_us >= start) & (rows.began_us < end)
        for city, (start, end) in period.items()
    ]
    return ibis.or_(*spans)


def readings(journal: ir.Table, period: Mapping[str, tuple[int, int]]) -> ir.Table:
    """The five clocks of every incident that began in the period, a row per clock as table
    `readings` has them, where all units count."""
    merged = roots(journal)
    cases = _cases(journal, merged, known_calls(journal))
    cases = cases.filter(in_period(cases, period))
    units = _units(carried(jobs(journal), merged))
    joined = cases.left_join(units, [cases[CITY] == units.of_city, cases.root == units.of])
    wide = joined.select(*cases.columns, *(c for c in units.columns if c not in ("of_city", "of")))
    no = ibis.literal(False)
    spans = {
        "answer": (wide.first_ring_us, wide.first_answer_us, no),
        "processing": (wide.answered_us, wide.told_us, wide.told_derived),
        "turnout": (
            wide.notified_us,
            wide.en_route_us,
            wide.notified_derived | wide.en_route_derived,
        ),
        "travel": (
            wide.en_route_us,
            wide.on_scene_us,
            wide.en_route_derived | wide.on_scene_derived,
        ),
        "total": (wide.began_us, wide.there_us, wide.began_derived | wide.there_derived),
    }
    return ibis.union(
        *(
            wide.select(
                CITY,
                incident=wide.root,
                clock=ibis.literal(clock),
                us=end - start,
                derived=derived.coalesce(False),
            )
            for clock, (start, end, derived) in spans.items()
        )
    )


def _cases(journal: ir.Table, merged: ir.Table, known: ir.Table) -> ir.Table:
    """Each incident that carries on, with the earliest ring and answer of all its parts, and
    the first answer with the ring of that very call."""
    opened = journal.filter(journal.kind == "incident.opened")
    opened = opened.select(CITY, incident=opened.subject, opened_us=happened(opened))
    about = known.filter(known.incident.notnull())
    rung = about.ring_us.notnull()
    first = about.group_by([CITY, "incident"]).aggregate(
        ring_us=about.ring_us.argmin(about.began_us, where=rung),
        began_us=about.began_us.min(),
        rung_us=about.began_us.min(where=rung),
        answered_us=about.answered_us.min(),
    )
    first = first.select(
        of_city=CITY,
        of=first.incident,
        # The ring of its first call: where nobody saw that one, it is unknown.
        ring_us=ibis.cases((first.rung_us == first.began_us, first.ring_us)),
        answered_us=first.answered_us,
    )
    joined = opened.left_join(first, [opened[CITY] == first.of_city, opened.incident == first.of])
    parts = joined.select(
        CITY,
        "incident",
        began_us=ibis.coalesce(first.ring_us, first.answered_us, opened.opened_us),
        began_derived=first.ring_us.isnull(),
        answered_us=first.answered_us,
    )
    parts = carried(parts, merged)
    whole = parts.group_by([CITY, "root"]).aggregate(
        began_us=parts.began_us.min(),
        began_derived=parts.began_derived.argmin(parts.began_us),
        answered_us=parts.answered_us.min(),
    )
    talked = carried(about.filter(about.answered_us.notnull()), merged)
    rung = talked.ring_us.notnull()
    talked = talked.group_by([CITY, "root"]).aggregate(
        first_us=talked.answered_us.min(),
        rung_us=talked.answered_us.min(where=rung),
        ring_us=talked.ring_us.argmin(talked.answered_us, where=rung),
    )
    talked = talked.rename(of_city=CITY, of="root")
    joined = whole.left_join(talked, [whole[CITY] == talked.of_city, whole.root == talked.of])
    return joined.select(
        *whole.columns,
        first_answer_us=talked.first_us,
        first_ring_us=ibis.cases((talked.rung_us == talked.first_us, talked.ring_us)),
    )


def _units(work: ir.Table) -> ir.Table:
    """Of each incident: when the first unit was notified and the first was there, and the
    times of the one that counts: that arrived first, else that was notified first and did not
    decline."""
    work = work.filter(work.notified_us.notnull() | work.on_scene_us.notnull())
    chosen = ibis.window(
        group_by=[work[CITY], work.root],
        order_by=[
            work.on_scene_us.isnull(),
            work.on_scene_us,
            work.state == "declined",
            work.notified_us.isnull(),
            work.notified_us,
            work.first_seq,
        ],
    )
    work = work.mutate(place=ibis.row_number().over(chosen))
    counts = work.on_scene_us.notnull() | ((work.state != "declined") & work.notified_us.notnull())
    one = (work.place == 0) & counts
    found = {
        f"{state}{what}": work[f"{state}{what}"].argmin(work.place, where=one)
        for state in STATES
        for what in ("_us", "_derived")
    }
    return (
        work.group_by([CITY, "root"])
        .aggregate(
            told_us=work.notified_us.min(),
            told_derived=work.notified_derived.argmin(work.notified_us),
            there_us=work.on_scene_us.min(),
            there_derived=work.on_scene_derived.argmin(work.on_scene_us),
            **found,
        )
        .rename(of_city=CITY, of="root")
    )
