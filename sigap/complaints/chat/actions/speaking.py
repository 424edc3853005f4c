"""What is said in a conversation: kept, and due to be sent. Parts of other actions."""

from collections.abc import Sequence
from typing import Any

from sigap.core import clock
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import ChatSaid
from sigap.core.queries import deployment
from sigap.core.rows import insert, write
from sigap.places.models import Area
from sigap.places.queries import find_places

from ...models import Category, Complaint
from ...queries import link_to
from ...sorting import known_category
from ...survey.models import CaseSurvey
from .. import texts
from ..models import ChatMessage, Conversation
from ..queries import SHOWN_REPORTS, files_of_draft, reports_of
from ..script import QUESTIONS

MOST_WORDS = 8192  # of one message
MOST_SHOWN = 300  # of what somebody wrote, when it is said back
MOST_REPEATED = 80  # of a draft that they are reminded of
SURE = 85  # so well a place name must fit to be offered
AREA_GROUPS = 9  # rows of a list, less the one to skip
Choice = tuple[str, str]


def say(
    chat: Conversation,
    keys: str | Sequence[str],
    actor: Actor,
    *,
    choices: Sequence[Choice] = (),
    button: str = "",
    ask_place: bool = False,
    complaint: Complaint | None = None,
    survey: CaseSurvey | None = None,
    **values: Any,
) -> ChatMessage:
    """Queue a message made of these texts. `button` opens the choices as a list."""
    keys = [keys] if isinstance(keys, str) else list(keys)
    begun = {"body": short(chat.body.body, MOST_REPEATED) if chat.body else ""}
    given = _city() | begun | _of(complaint) | values
    body = "\n\n".join(texts.fill(texts.TEXTS[key], chat.language, given) for key in keys)
    tapped = list(choices)
    for key in keys:
        tapped += [
            (_choice(chat, name.format_map(given)), texts.pick(title, chat.language))
            for name, title in texts.BUTTONS.get(key, ())
        ]
    content: dict[str, Any] = {"text": body}
    if tapped:
        content |= {"choices": [list(choice) for choice in tapped], "list": button}
    if ask_place:
        content["ask_place"] = True
    if complaint is not None:
        content["number"] = complaint.number
    if survey is not None and values.get("day"):
        content["survey"] = values["day"]
    told: dict[str, Any] = {"complaint": complaint, "survey": survey}
    return queue(chat, body, content, actor, says=keys[-1], **told)


def queue(
    chat: Conversation,
    body: str,
    content: dict[str, Any],
    actor: Actor,
    *,
    says: str,
    complaint: Complaint | None = None,
    survey: CaseSurvey | None = None,
    by: str = "",
) -> ChatMessage:
    """Keep a message of ours; the sender takes it from here."""
    now = clock.now()
    message = ChatMessage(
        conversation=chat,
        incoming=False,
        kind="text",
        at=now,
        by=by,
        complaint=complaint,
        survey=survey,
        content=content,
        state="due",
        due_at=now,
    )
    insert(message)
    message.text = keep(subject_of(message), "message", body, actor=actor, most=MOST_WORDS)
    write(message, "text")
    record(
        "chat.said",
        subject=subject_of(chat),
        case=subject_of(complaint) if complaint else "",
        actor=actor,
        body=ChatSaid(message_id=message.pk, says=says),
    )
    return message


def ask(
    chat: Conversation, before: Sequence[str], actor: Actor, says: str = "", **told: Any
) -> None:
    """Ask the question that the conversation has come to, with what is said before it; `told`
    goes into that."""
    key = says or QUESTIONS[chat.state][1]
    language = chat.language
    if key == "which":
        found = [_category(chat, code) for code, _sure in chat.guesses]
        if len(found) < 3:  # noqa: PLR2004 - buttons
            found.append(
                (_choice(chat, "other_category"), texts.pick(texts.OTHER_CATEGORY, language))
            )
        say(chat, [*before, "which"], actor, choices=found, **told)
    elif key == "where":
        places = [] if says else places_in(chat.body.body if chat.body else "")
        if places:
            other = (_choice(chat, "other_place"), texts.pick(texts.OTHER_PLACE, language))
            found = [(_choice(chat, f"at:{kind}:{pk}"), name) for kind, pk, name in places[:2]]
            told |= {"choices": [*found, other], "place": places[0][2]}
            say(chat, [*before, "there"], actor, **told)
        else:
            say(chat, [*before, "where"], actor, ask_place=True, **told)
    elif key == "right":
        say(chat, [*before, "right"], actor, summary=_summary(chat), **told)
    else:
        say(chat, [*before, key], actor, **told)


def ask_which_area(chat: Conversation, actor: Actor, group: int | None = None) -> None:
    """The city's kelurahan in two lists of ten rows: first groups of letters, then one of them."""
    areas = list(Area.objects.order_by("name", "code"))
    size = max(1, -(-len(areas) // AREA_GROUPS))
    groups = [areas[start : start + size] for start in range(0, len(areas), size)]
    skip = (_choice(chat, "nowhere"), texts.pick(texts.SKIP_AREA, chat.language))
    button = texts.pick(texts.LIST_BUTTON, chat.language)
    if group is None or not 0 <= group < len(groups):
        rows = [
            (_choice(chat, f"areas:{n}"), f"{some[0].name} – {some[-1].name}")
            for n, some in enumerate(groups)
        ]
        say(chat, "which_area", actor, choices=[*rows, skip], button=button)
    else:
        rows = [(_choice(chat, f"at:area:{area.code}"), area.name) for area in groups[group][:9]]
        say(chat, "areas", actor, choices=[*rows, skip], button=button)


def ask_which_place(
    chat: Conversation, places: Sequence[tuple[str, str, str]], actor: Actor
) -> None:
    """Several places may be meant."""
    rows = [(_choice(chat, f"at:{kind}:{pk}"), name) for kind, pk, name in places[:9]]
    other = (_choice(chat, "nowhere"), texts.pick(texts.OTHER_PLACE, chat.language))
    button = texts.pick(texts.LIST_BUTTON, chat.language)
    say(chat, "which_place", actor, choices=[*rows, other], button=button)


def places_in(text: str, sure: float = SURE) -> list[tuple[str, str, str]]:
    """Areas and landmarks that a text names: kind, key and name of each, best first."""
    found = [m for m in find_places(text) if m.score >= sure and m.kind in ("area", "landmark")]
    named: dict[str, tuple[str, str, str]] = {}
    for match in found:
        named.setdefault(match.name, (match.kind, match.id, match.name))
    return list(named.values())


def tell_status(chat: Conversation, actor: Actor) -> None:
    """How their last reports are doing."""
    reports = list(reports_of(chat)[:SHOWN_REPORTS])
    if not reports:
        say(chat, "no_reports", actor)
        return
    lines = [
        texts.fill(texts.TEXTS["status_line"], chat.language, _of(report) | {"state": state})
        for report in reports
        for state in [texts.pick(texts.STATES[report.state], chat.language)]
    ]
    say(chat, "status", actor, reports="\n\n".join(lines))


def ask_solved(chat: Conversation, complaint: Complaint, actor: Actor, words: str) -> None:
    """Ask whether it is solved, and how they found it: one tap answers both."""
    language = chat.language
    rows = [
        (f"0:score:{complaint.pk}:{5 - n}", texts.pick(title, language))
        for n, title in enumerate(texts.SCORES)
    ]
    rows.append((f"0:unsolved:{complaint.pk}", texts.pick(texts.NOT_SOLVED, language)))
    button = texts.pick(texts.LIST_BUTTON, language)
    say(
        chat,
        "news_done",
        actor,
        choices=rows,
        button=button,
        complaint=complaint,
        words=short(words),
    )


def ask_score(
    chat: Conversation, complaint: Complaint, actor: Actor, keys: str | Sequence[str] = "how_was_it"
) -> None:
    """Ask how they found it, where they only said that it is solved."""
    rows = [(f"0:score:{complaint.pk}:{5 - n}", stars) for n, stars in enumerate(texts.STARS)]
    button = texts.pick(texts.LIST_BUTTON, chat.language)
    say(chat, keys, actor, choices=rows, button=button, complaint=complaint)


def ask_caller_score(
    chat: Conversation,
    survey: CaseSurvey,
    actor: Actor,
    keys: str | Sequence[str] = "survey",
    day: str = "",
) -> None:
    """Ask how a case of 112 was handled; `day` is when it was, for who has forgotten it."""
    rows = [(f"0:rate:{survey.pk}:{5 - n}", stars) for n, stars in enumerate(texts.STARS)]
    button = texts.pick(texts.LIST_BUTTON, chat.language)
    say(chat, keys, actor, choices=rows, button=button, survey=survey, day=day)


def short(words: str, most: int = MOST_SHOWN) -> str:
    """Words as they are said back."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _choice(chat: Conversation, name: str) -> str:
    """A choice by which an old button is known: of which draft it was."""
    of_any = name.startswith(("add:", "emergency", "no_emergency"))
    return f"{0 if of_any else chat.draft}:{name}"


def _category(chat: Conversation, code: str) -> Choice:
    row = known_category(code)
    names = (row.name, row.name_en) if row else (code, code)
    return _choice(chat, f"category:{code}"), texts.pick(names, chat.language)


def _summary(chat: Conversation) -> str:
    values = {"body": short(chat.body.body) if chat.body else "", "place": place_of(chat)}
    names = Category.objects.filter(code=chat.category).values_list("name", "name_en").first()
    values["category"] = texts.pick(names, chat.language) if names else ""
    values["files"] = str(files_of_draft(chat) or "")
    wished = [pair for name, pair in texts.PRIVACY.items() if getattr(chat, name)]
    values["privacy"] = ", ".join(texts.pick(pair, chat.language) for pair in wished)
    lines = zip(texts.SUMMARY, ("body", "category", "place", "files", "privacy"), strict=True)
    return "\n".join(
        texts.fill(pair, chat.language, values) for pair, name in lines if values[name]
    )


def place_of(chat: Conversation) -> str:
    """The place of the report that is being made, in words."""
    parts = [chat.address.body if chat.address else ""]
    parts += [chat.landmark.name if chat.landmark else "", chat.area.name if chat.area else ""]
    if chat.lat is not None and not any(parts[:2]):
        parts.insert(0, "📍")
    return short(", ".join(dict.fromkeys(filter(None, parts))), 120)


def _city() -> dict[str, Any]:
    served = deployment()
    pack = served.pack if served else {}
    return {"service": pack.get("service", "112"), "city": pack.get("city", "")}


def _of(complaint: Complaint | None) -> dict[str, Any]:
    if complaint is None:
        return {}
    return {"number": complaint.number, "link": link_to(complaint), "complaint": complaint.pk}
