"""Lists of complaints as a page shows them, the desk's and an agency's: which one is asked for,
what stands in a row, what was done to many at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ValidationError

from sigap.complaints import lists
from sigap.core.codes import Code
from sigap.core.errors import Invalid, Missing, SigapError
from sigap.core.web import Line, Request, invalid

from .deadlines import deadline
from .rows import Row
from .words import state_names

MOST_AT_ONCE = 200


def many(given: Any) -> Any:
    """One of a form's values, or several of them, as a list."""
    return given if isinstance(given, list) else [given]


def _moment(given: Any) -> Any:
    """The end of a page as it stands in an address: a time and a key."""
    if not isinstance(given, str):
        return given
    at, _comma, pk = given.partition(",")
    return (at, pk)


class Asked(BaseModel):
    """Which list, narrowed by what."""

    tab: Code = ""
    category: Code = ""
    area: Code = ""
    agency: Code = ""
    asset: Line = ""
    officer: int | None = None
    word: Line = ""
    after: Annotated[tuple[datetime, int] | None, BeforeValidator(_moment)] = None


def asked(request: Request, first: str) -> Asked:
    """What the address asks for, by default the `first` list; Invalid names what is wrong."""
    try:
        return Asked.model_validate({"tab": first} | {k: v for k, v in request.GET.items() if v})
    except ValidationError as error:
        raise invalid(error) from None


def each(ids: list[int], run: Callable[[int], Any]) -> str:
    """Do it to each, and tell how many were done and why others were not."""
    if not ids:
        raise Invalid(_("Mark at least one."), code="ids")
    if len(ids) > MOST_AT_ONCE:
        raise Invalid(_("At most %(n)d at once.") % {"n": MOST_AT_ONCE}, code="ids")
    done, refused = 0, []
    for pk in ids:
        try:
            run(pk)
            done += 1
        except SigapError as error:
            refused.append(str(error))
    told = ngettext("%(n)d done.", "%(n)d done.", done) % {"n": done}
    for why in dict.fromkeys(refused):
        told += " " + _("%(n)d not: %(why)s") % {"n": refused.count(why), "why": why}
    return told


def back_to(given: str, home: str) -> str:
    """The list that somebody came from; nowhere outside of it."""
    return given if given.startswith((home + "?", home + "/")) or given == home else home


def list_context(
    given: Asked, page: lists.Page, counts: dict[str, int], tabs: dict[str, str], home: str
) -> dict[str, Any]:
    """What a list shows, whoever's it is."""
    kept = {
        name: found
        for name in ("category", "area", "agency", "asset", "officer")
        if (found := getattr(given, name)) not in ("", None)
    }
    english = get_language() == "en"
    narrow, states = lists.choices(), _states(page.rows)
    after = f"{page.next[0].isoformat()},{page.next[1]}" if page.next else ""
    return {
        "rows": [_row(row, states, english) for row in page.rows],
        "tabs": [
            {
                "code": code,
                "name": name,
                "n": counts.get(code),
                "on": code == given.tab and not given.word,
                "url": f"{home}?{urlencode({'tab': code, **kept})}",
            }
            for code, name in tabs.items()
        ],
        "more": f"{home}?{urlencode({'tab': given.tab, **kept, 'after': after})}" if after else "",
        "here": f"{home}?{urlencode({'tab': given.tab, **kept})}",
        "given": given,
        "choices": {
            kind: [(code, other if english else name) for code, name, other in rows]
            for kind, rows in narrow.items()
        },
        "home": home,
    }


def wanted(given: Asked, tabs: Any) -> lists.Wanted:
    """The list that is asked for; Missing where there is none of that name."""
    if given.tab not in tabs:
        raise Missing(_("There is no such list."))
    names = ("tab", "category", "area", "agency", "asset", "officer", "after")
    return lists.Wanted(**{name: getattr(given, name) for name in names})


def _states(rows: list[Row]) -> dict[str, str]:
    machine = "referral" if any("complaint_state" in row for row in rows) else "complaint"
    return state_names(machine)


def _row(row: Row, states: dict[str, str], english: bool) -> Row:
    category = row["category_name_en"] if english else row["category_name"]
    return row | {
        "category": category or "",
        "state_name": states.get(row["state"], row["state"]),
        "due": deadline(row["due_at"]),
        # A row that is only shown is no time to look it up in.
        "guess": "" if row.get("category_name") else _first(row.get("guesses")),
    }


def _first(guesses: Any) -> str:
    return str(guesses[0][0]) if guesses else ""
