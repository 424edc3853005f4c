"""What happens to a call."""

from collections.abc import Callable

import pytest

from sigap.calls.actions import close_call, take_call
from sigap.calls.models import Call
from sigap.core.actors import Actor
from sigap.core.errors import Refused


def test_an_answered_silent_call_is_closed_in_one_step(
    answered: Callable[..., Call], actor: Callable[[str], Actor], journal: Callable[[], list[str]]
) -> None:
    call = close_call(answered().pk, "silent", actor=actor("call_taker"))
    assert (call.state, call.call_class) == ("closed", "silent")
    assert journal() == ["call.presented", "call.claimed", "call.answer", "call.close"]


def test_a_call_that_somebody_took_is_not_taken_again(
    answered: Callable[..., Call], actor: Callable[[str], Actor]
) -> None:
    call = answered()
    with pytest.raises(Refused, match="Call Taker"):
        take_call(call.pk, actor=actor("supervisor"), reason="x")
