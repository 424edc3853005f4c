"""What another centre's letters do. None of them opens, closes or sends anything by itself."""

import json
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.queries import fetch
from sigap.neighbours import actions
from sigap.neighbours.models import Centre
from sigap.neighbours.notes import (
    AidAnswer,
    AidRequest,
    HandoverAnswer,
    LoanEnded,
    Note,
    ShareAnswer,
    ShareEnded,
    ShareOffer,
    Withdrawn,
)

from .read import read


def understand_eido(payload: str, actor: Actor) -> None:
    """Turn a kept letter of a centre into what it does."""
    centre = fetch(Centre, code=actor.code.removeprefix("system:"), active=True)
    actions.heard_of(centre, actor=actor)
    try:
        document = json.loads(json.loads(payload)["body"])
    except (ValueError, RecursionError):
        raise Invalid(_("This is no JSON."), code="json") from None
    if not (isinstance(document, dict) and "note" in document):
        actions.receive_record(read(document), centre, actor=actor)
        return
    kind = document.get("note")
    model, does = _NOTES.get(kind if isinstance(kind, str) else "", (None, None))
    if model is None or does is None:
        raise Invalid(_("This kind of message is not known here."), code="note")
    try:
        said = model.model_validate(document)
    except ValidationError:
        raise Invalid(_("A field of the message cannot be read."), code="fields") from None
    does(said, centre, actor=actor)


def _withdrawn(said: Any, centre: Centre, *, actor: Actor) -> None:
    if said.what == "aid":
        actions.take_aid_withdrawal(said, centre, actor=actor)
    else:
        actions.take_withdrawal(said, centre, actor=actor)


_NOTES: dict[str, tuple[type[Note], Callable[..., object]]] = {
    "handover_answer": (HandoverAnswer, actions.take_answer),
    "withdrawn": (Withdrawn, _withdrawn),
    "aid_request": (AidRequest, actions.take_request),
    "aid_answer": (AidAnswer, actions.take_aid_answer),
    "loan_ended": (LoanEnded, actions.take_loan_end),
    "share_offer": (ShareOffer, actions.take_offer),
    "share_answer": (ShareAnswer, actions.take_share_answer),
    "share_ended": (ShareEnded, actions.take_share_end),
}
