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

from sigap.calls.models import CLASSES

from ..calls import PARTS, WORKED
from ..rows import STATES

# Numbers are a city's own, so every key is a pair.
CITY = "city"
# Which kind says that an assignment has reached a state.
REACHED = {
    "notified": "assignment.notify",
    "en_route": "assignment.depart",
    "on_scene": "assignment.arrive",
}
TOLD = ("assignment.corrected", "assignment.told_late")
# An earlier beginning than was known is a fact of its own.
BEGAN = ("call.presented", "call.entered", "call.fact")
CLASSED = ("call.close", "call.reclassify")
UNCLASSED = ("call.abandon", "call.late_answer", "call.end_silent", "call.reviewed")
ANSWERED = ("call.answer", "call.late_answer", "call.entered")
LOST = ("call.refuse", "call.abandon")
TRIED = ("call.reach", "call.miss", "call.give_up")
GATE = ("call.screen", "call.set_aside", "call.queue", "call.fact")
ENDED = ("incident.resolve", "incident.close", "incident.reopen")
STEPS = 3  # of doubling: 2 ** 3 merges in a row
# What may be said of a call's class, by its place: the last word is then one number.
WORDS = ("", *CLASSES)
ACTED = 16  # and so much more, where somebody in the field dealt with it
SPACE = 2 * ACTED


def text(rows: ir.Table, field: str) -> ir.StringValue:
    """A code in the body; empty where there is none."""
    return rows.body.re_extract(f'"{field}":"([^"]*)"', 1)


def number(rows: ir.Table, field: str) -> ir.StringValue:
    """A whole number in the body, as its digits; empty where there is none."""
    return rows.body.re_extract(f'"{field}":([0-9]+)', 1)


def happened(rows: ir.Table) -> ir.IntegerValue:
    """When it happened: as somebody said, else when it was recorded."""
    return ibis.coalesce(rows.occurred_us, rows.at_us)


def classed_calls(journal: ir.Table) -> ir.Table:
    """Each call with when it began and the last word on its class, by its place in WORDS. One
    pass over few of the journal's kinds, since this is asked of every call."""
    kinds = (*BEGAN, *CLASSED, *UNCLASSED, *TRIED, "call.imported")
    rows = journal.filter(journal.kind.isin(kinds))
    # Not one choice after the other, but side by side: an engine then looks once at each
    # different body of a file, of which there are few, and not at every row.
    given = ibis.literal(list(WORDS)).index(text(rows, "call_class")).nullif(0)
    somebody = (rows.kind == "call.reviewed") & (text(rows, "reason") == "somebody")
    otherwise = ibis.cases(
        ((rows.kind == "call.abandon") | somebody, WORDS.index("abandoned")),
        (rows.kind == "call.end_silent", WORDS.index("silent")),
        (rows.kind == "call.late_answer", 0),
    )
    acted = rows.body.contains('"field_action":true').cast("int64") * ACTED
    rows = rows.select(
        CITY,
        call=rows.subject,
        began=ibis.cases(
            (rows.kind == "call.entered", happened(rows)),
            (rows.kind.isin(BEGAN), rows.occurred_us),
        ),
        last=rows.seq * SPACE + acted + ibis.coalesce(given, otherwise),
        tried=rows.kind.isin(TRIED),
        imported=rows.kind == "call.imported",
    )
    calls = rows.group_by([CITY, "call"]).aggregate(
        began_us=rows.began.min(),
        last=(rows["last"].max() % SPACE).coalesce(0),
        tried=rows.tried.any(),
        imported=rows.imported.any(),
    )
    calls = calls.filter(~calls.imported)
    return calls.select(
        CITY,
        "call",
        "began_us",
        "tried",
        said=calls["last"] % ACTED,
        acted=calls["last"] >= ACTED,
    )


def has_class(calls: ir.Table, *words: str) -> ir.BooleanValue:
    """Whether the last word on a call's class is one of these."""
    return calls.said.isin([WORDS.index(word) for word in words])


def lost_calls(journal: ir.Table, tried: ir.Table) -> ir.Table:
    """Of the calls that were rung back: those that nobody had answered, without those in which
    the gate heard nobody and no person did either."""
    rows = journal.filter(journal.kind.isin((*GATE, *ANSWERED, *LOST, "call.reviewed")))
    rows = rows.semi_join(tried, [rows[CITY] == tried[CITY], rows.subject == tried.call])
    rows = rows.mutate(
        answer=ibis.cases((rows.kind.isin(ANSWERED), 1), (rows.kind.isin(LOST), 0)),
        gate=ibis.cases((rows.kind.isin(GATE), text(rows, "source").nullif(""))),
        heard=(rows.kind == "call.reviewed") & (text(rows, "reason") == "somebody"),
    )
    last = rows.group_by([CITY, "subject"]).aggregate(
        answered=rows.answer.argmax(rows.seq, where=rows.answer.notnull()),
        gate=rows.gate.argmax(rows.seq, where=rows.gate.notnull()),
        heard=rows.heard.any(),
    )
    unheard = (last.gate.coalesce("") == "silent") & ~last.heard
    return last.filter((last.answered.coalesce(0) == 0) & ~unheard).select(CITY, call="subject")


def linked_calls(journal: ir.Table) -> ir.Table:
    """The calls that are about an incident, with the incident, the ring and the answer."""
    links = journal.filter(journal.kind == "call.linked")
    links = links.mutate(incident=number(links, "incident"))
    links = links.group_by([CITY, "subject"]).aggregate(
        incident=ibis.literal("incident:") + links.incident.argmax(links.seq)
    )
    rows = journal.filter(journal.kind.isin((*BEGAN, *ANSWERED, *LOST)))
    rows = rows.semi_join(links, [CITY, "subject"])
    rows = rows.mutate(
        began=ibis.cases(
            (rows.kind == "call.entered", happened(rows)),
            (rows.kind.isin(BEGAN), rows.occurred_us),
        ),
        ring=ibis.cases((rows.kind == "call.presented", rows.occurred_us)),
        # -1: the answer was none after all.
        answer=ibis.cases((rows.kind.isin(ANSWERED), happened(rows)), (rows.kind.isin(LOST), -1)),
    )
    times = rows.group_by([CITY, "subject"]).aggregate(
        began_us=rows.began.min(),
        ring_us=rows.ring.min(),
        answered_us=rows.answer.argmax(rows.seq, where=rows.answer.notnull()).nullif(-1),
    )
    return times.join(links, [CITY, "subject"]).select(
        CITY, "incident", "began_us", "ring_us", "answered_us", call="subject"
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
        # Under names of their own: a table that is joined to itself knows no left and right.
        below = merged.select(CITY, "incident", near=merged.root)
        above = merged.select(above_city=CITY, above=merged.incident, top=merged.root)
        joined = below.left_join(
            above, [below[CITY] == above.above_city, below.near == above.above]
        )
        merged = joined.select(CITY, "incident", root=ibis.coalesce(above.top, below.near))
    return merged


def carried(rows: ir.Table, merged: ir.Table) -> ir.Table:
    """`rows` with the incident that carries on for theirs, as `root`."""
    of = merged.select(of_city=CITY, of=merged.incident, top=merged.root)
    joined = rows.left_join(of, [rows[CITY] == of.of_city, rows.incident == of.of])
    return joined.select(*rows.columns, root=ibis.coalesce(of.top, rows.incident))


def jobs(journal: ir.Table) -> ir.Table:
    """Each assignment with its state and, of several times of a state, the latest record."""
    rows = journal.filter(journal.kind.startswith("assignment."))
    rows = rows.mutate(state=rows.after.nullif(""))
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
    every = classed_calls(journal)
    begun = every.filter(in_period(every, period))
    lost = lost_calls(journal, begun.filter(begun.tried))
    begun = _marked(begun, lost, "call", "lost")
    plain = begun.filter(~has_class(begun, *PARTS["valid"]))
    places = ibis.cases(
        *((plain.said == place, word or "unclassified") for place, word in enumerate(WORDS))
    )
    plain = plain.select(
        CITY,
        "call",
        line=places,
        unanswered=has_class(plain, "abandoned") | plain.lost,
        emergency_without_unit=ibis.literal(False),
    )
    return ibis.union(plain, _judged(journal, dispositions, every, begun))


def _judged(
    journal: ir.Table, dispositions: ir.Table, every: ir.Table, begun: ir.Table
) -> ir.Table:
    """Emergencies, complaints and repeats, by whether the field acted."""
    merged = roots(journal)
    about = carried(linked_calls(journal), merged).select(CITY, "call", "root")
    work = carried(jobs(journal), merged)
    worked = work.filter(work.state.isin(WORKED)).select(CITY, "root").distinct()
    ends = journal.filter(journal.kind.isin(ENDED))
    ends = ends.mutate(disposition=text(ends, "disposition"))
    ends = ends.group_by([CITY, "subject"]).aggregate(disposition=ends.disposition.argmax(ends.seq))
    not_followed = ends.join(
        dispositions.filter(~dispositions.followed_up), [CITY, "disposition"]
    ).select(CITY, root="subject")
    reports = every.filter(has_class(every, "emergency") | every.acted)
    reported = reports.join(about, [CITY, "call"]).select(CITY, "root").distinct()
    valid = begun.filter(has_class(begun, *PARTS["valid"]))
    of = about.select(of_city=CITY, of=about.call, root=about.root)
    marked = valid.left_join(of, [valid[CITY] == of.of_city, valid.call == of.of])
    marked = marked.select(*valid.columns, "root")
    for name, marks in (("worked", worked), ("not_followed", not_followed), ("reported", reported)):
        marked = _marked(marked, marks, "root", name)
    followed = marked.worked & ~marked.not_followed
    return marked.select(
        CITY,
        "call",
        line=ibis.cases(
            (has_class(marked, "emergency"), "emergency"),
            (
                has_class(marked, "complaint"),
                ibis.ifelse(marked.acted | followed, "complaint", "complaint_without_action"),
            ),
            else_=ibis.ifelse(followed | marked.reported, "repeat", "repeat_without_action"),
        ),
        unanswered=marked.lost,
        emergency_without_unit=has_class(marked, "emergency") & ~marked.worked,
    )


def _marked(rows: ir.Table, marks: ir.Table, key: str, name: str) -> ir.Table:
    """`rows` with whether `marks` has their key."""
    one = marks.select(of_city=CITY, of=marks[key])
    joined = rows.left_join(one, [rows[CITY] == one.of_city, rows[key] == one.of])
    return joined.select(*rows.columns, **{name: one.of.notnull()})


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
    cases = _cases(journal, merged, linked_calls(journal))
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


def _cases(journal: ir.Table, merged: ir.Table, about: ir.Table) -> ir.Table:
    """Each incident that carries on, with the earliest ring and answer of all its parts, and
    the first answer with the ring of that very call."""
    opened = journal.filter(journal.kind == "incident.opened")
    opened = opened.select(CITY, incident=opened.subject, opened_us=happened(opened))
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
