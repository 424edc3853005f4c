"""Sessions in the database, as Django keeps them. Each request asks for one, so it is asked
for by the statement that is built once (see `core.rows`)."""

import logging

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError

from . import clock
from .rows import row

log = logging.getLogger("sigap.database")


class SessionStore(db.SessionStore):
    """What a browser's cookie stands for."""

    def _get_session_from_db(self) -> Session | None:
        found = row(Session, pk=self.session_key)
        if found is None or found.expire_date <= clock.now():
            self._session_key = None
            return None
        return found

    def save(self, must_create: bool = False) -> None:
        """Keep it. A session that is known already need not be: while the database cannot be
        written, what may be read is answered, and what was done is not called undone."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if not isinstance(error.__context__, OperationalError):
                raise  # it was ended meanwhile
            log.warning("the time that a session was last seen could not be kept")
