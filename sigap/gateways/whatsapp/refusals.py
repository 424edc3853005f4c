"""What WhatsApp answers instead of doing it, in our words."""

from typing import Any

MOST_SECONDS = 3600.0

# Meta's codes. Its HTTP status is 400 for most of them, so that the code comes first.
WINDOW = frozenset({131047})
PAIR = frozenset({131056})
RATE = frozenset({4, 80007, 130429, 131048, 133016})
PASSING = frozenset({1, 2, 131000, 131016, 131057, 133004})
# Of the account, and no fault of a message: the token has expired or may not, the account is
# locked, not registered or not paid for. It works again once somebody has put that right.
ACCOUNT = frozenset({3, 10, 190, *range(200, 300), 368, 131005, 131031, 131042, 133010})


class FarEnd(Exception):
    """What WhatsApp answered instead of doing it."""

    def __init__(self, code: int = 0, status: int = 0, *, after_s: float = 0.0) -> None:
        # Not Meta's words: they hold the number that was written to.
        super().__init__(f"{type(self).__name__} {code or status}")
        self.code, self.status, self.after_s = code, status, after_s


class Outside24h(FarEnd):
    """The person has not written for a day: only a template gets through."""


class TooOften(FarEnd):
    """Too much at once, in all or to this person (`pair`). Later it works."""

    @property
    def pair(self) -> bool:
        """Whether only this person has to wait."""
        return self.code in PAIR


class Refused(FarEnd):
    """It will be refused for ever as it stands."""


class Away(FarEnd):
    """Meta cannot be reached or has a fault. `perhaps` says that it may have been done all the
    same: the answer was lost, and a message that is sent again might arrive twice."""

    def __init__(
        self, code: int = 0, status: int = 0, *, after_s: float = 0.0, perhaps: bool = False
    ) -> None:
        super().__init__(code, status, after_s=after_s)
        self.perhaps = perhaps


def refusal(status: int, body: Any, after: str = "") -> FarEnd:
    """What an answer that is none means."""
    error = body.get("error") if isinstance(body, dict) else None
    given = error.get("code") if isinstance(error, dict) else 0
    code = given if isinstance(given, int) else 0
    after_s = min(float(after), MOST_SECONDS) if after.isascii() and after.isdigit() else 0.0
    if code in WINDOW:
        return Outside24h(code, status)
    if code in RATE | PAIR or status == 429:  # noqa: PLR2004
        return TooOften(code, status, after_s=after_s)
    if code in PASSING | ACCOUNT or status >= 500:  # noqa: PLR2004
        return Away(code, status, after_s=after_s)
    return Refused(code, status)
