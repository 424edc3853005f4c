"""Many callers at once through a real Asterisk, as on the night of an earthquake."""

from collections import Counter

import pytest

from .centre import Centre
from .crowd import Crowd, right, short_calls
from .loops import run

pytestmark = pytest.mark.usefixtures("socket_enabled")
CALLS, PER_SECOND = 300, 10


def test_of_300_calls_at_ten_a_second_none_is_lost_or_taken_for_another(
    new_centre: Centre,
) -> None:
    with new_centre.working():
        crowd = Crowd(new_centre, per_second=PER_SECOND, at_once=CALLS)
        found = run(crowd.call(short_calls(CALLS)))
        run(new_centre.until(lambda: new_centre.channels() == 0))
        wrong = [became for became in found if not right(became)]
        assert not wrong, wrong[:3]
        assert len(new_centre.calls()) == CALLS
        kinds = Counter(new_centre.city.ask("SELECT kind FROM core_journal"))
        assert kinds[("call.presented",)] == CALLS
