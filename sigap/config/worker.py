"""The jobs that run by themselves: letters of the inbox, timers, retention."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from django.db import Error, connection

from sigap.calls.actions import (
    alarm_call_backs,
    alarm_ringing,
    alarm_set_aside,
    alarm_stale_claims,
    alarm_unattended,
    dial_due,
    end_silent_calls,
    fail_parties,
)
from sigap.calls.keeping import keep_arrived, remove_erased
from sigap.calls.retention import erase_expired
from sigap.complaints import learning
from sigap.complaints.actions import attach_repeats, mind_deadlines
from sigap.complaints.chat.actions import mind_drafts
from sigap.complaints.retention import contacts_in_use, erase_old, remove_erased_files
from sigap.core.actions.accounts import forget_sign_ins
from sigap.core.actions.alarms import repeat_alarms
from sigap.core.actions.days import close_days
from sigap.core.actions.jobs import job_ended
from sigap.core.actors import Actor, system
from sigap.core.errors import SigapError
from sigap.core.inbox import drain
from sigap.core.logs import wordless
from sigap.dispatch.actions import alarm_unacknowledged, erase_old_tracks
from sigap.dispatch.field.retention import erase_old_photos, remove_erased_photos
from sigap.fleet.actions import erase_old_notes, mind_readiness
from sigap.gateways.alerts.callers import tell_callers
from sigap.gateways.alerts.sender import send_alerts
from sigap.gateways.cap.feed import poll_due
from sigap.gateways.digest import send_digest
from sigap.gateways.eido.sender import exchange
from sigap.gateways.hooks import UNDERSTAND
from sigap.gateways.whatsapp.sender import fetch_due, send_due
from sigap.gateways.whatsapp.understand import follow_up
from sigap.incidents.actions import alarm_parked, alarm_undispatched
from sigap.neighbours.actions import mind_neighbours
from sigap.neighbours.retention import erase_told
from sigap.notify.actions import (
    escalate_due,
    follow_cases,
    follow_jobs,
    forget_addresses,
    mind_channels,
)
from sigap.places.actions import alarm_closures
from sigap.proposals.actions import erase_old_notes as erase_notes_of_proposals
from sigap.public.actions import publish_due
from sigap.reviews.notes.actions import erase_old_notes as erase_old_review_notes
from sigap.warnings.actions import alarm_sources, end_announcements, expire_warnings

from .duty import Duty
from .insights import seek_bursts, seek_returns, seek_trends

log = logging.getLogger("sigap.worker")
TIMER = system("timer")
# How often a job that did nothing says that it is alive.
SIGN_OF_LIFE_S = 10.0
STAND_BY_S = 1.0
LEARN_AT_MOST_S = 3600
REST = 3  # times as long as a turn took, while letters keep coming


class Aside:
    """A job that may wait for a disk: it goes on beside the others, one turn at a time, and
    what became of a turn is told at the next."""

    def __init__(self, run: Callable[[Actor], int]) -> None:
        self._run = run
        self._thread = ThreadPoolExecutor(1, "aside")
        self._turn: Future[int] | None = None

    def __call__(self, actor: Actor) -> int:
        """Begin a turn, unless one is going on; returns what the one before did."""
        before = self._turn
        if before is not None and not before.done():
            return 0
        self._turn = self._thread.submit(self._go, actor)
        return before.result() if before is not None else 0

    def rest(self) -> None:
        """Wait until the turn that is going on has ended."""
        if self._turn is not None:
            wait([self._turn])

    def _go(self, actor: Actor) -> int:
        try:
            return self._run(actor)
        except (SigapError, Error):
            connection.close()
            raise


@dataclass(frozen=True)
class Job:
    """Something to do every so many seconds; it returns how much it did."""

    name: str
    every_s: float
    run: Callable[[Actor], int]


def _forget(actor: Actor) -> int:
    """What is past its period: of calls, of complaints, of checks, of where units were and
    of their photos, of what was told to neighbours."""
    of_calls = erase_expired(actor=actor, others=contacts_in_use())
    of_complaints = sum(erase_old(actor=actor).values())
    of_units = erase_old_notes(actor=actor) + erase_old_tracks(actor=actor)
    of_units += erase_old_photos(actor=actor)
    told = erase_told(actor=actor) + forget_addresses(actor=actor)
    told += erase_notes_of_proposals(actor=actor)
    told += erase_old_review_notes(actor=actor)
    return sum(of_calls.values()) + of_complaints + of_units + told


def _end_warnings(actor: Actor) -> int:
    """Those whose time has come, and the sources that are silent."""
    ended = expire_warnings(actor=actor) + end_announcements(actor=actor)
    return ended + alarm_sources(actor=actor)


def _remove_files() -> int:
    """The files of what was erased."""
    return remove_erased() + remove_erased_files() + remove_erased_photos()


def learn_by_night() -> int:
    """Learn to sort reports, in a process of its own: training must not slow down the calls, and
    what it needs of the memory is given back. Returns how often, 0 or 1."""
    if not learning.is_due():
        return 0
    command = [sys.executable, "-m", "sigap.config.cli", "classify", "train", "--by-night"]
    done = subprocess.run(command, capture_output=True, timeout=LEARN_AT_MOST_S, check=False)
    if done.returncode not in (0, 1):  # 1: what is in use stays
        raise RuntimeError(f"exit {done.returncode}")
    return 1


def look_ahead_by_night() -> int:
    """Forecast the calls of the coming week, in a process of its own for the same reasons. Returns
    how often, 0 or 1."""
    # Loaded at the first turn: scipy takes most of a second, and nothing else here needs it.
    from sigap.insight.demand.outlook import is_due

    if not is_due():
        return 0
    command = [sys.executable, "-m", "sigap.config.cli", "insight", "demand", "--by-night"]
    # One core at most, however many a library would like to have.
    one = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, timeout=LEARN_AT_MOST_S, check=False, env=one
    )
    if done.returncode != 0:
        raise RuntimeError(f"exit {done.returncode}")
    return 1


JOBS = (
    Job("inbox", 0.1, lambda _actor: drain(UNDERSTAND)),
    Job("ringing", 1, lambda actor: alarm_ringing(actor=actor)),
    Job("stale_claims", 5, lambda actor: alarm_stale_claims(actor=actor)),
    Job("unattended", 5, lambda actor: alarm_unattended(actor=actor)),
    Job("set_aside", 2, lambda actor: alarm_set_aside(actor=actor)),
    Job("parties", 5, lambda actor: fail_parties(actor=actor)),
    Job("silent_ends", 2, lambda actor: end_silent_calls(actor=actor)),
    Job("dial", 1, lambda actor: dial_due(actor=actor)),
    Job("call_backs", 2, lambda actor: alarm_call_backs(actor=actor)),
    Job("undispatched", 1, lambda actor: alarm_undispatched(actor=actor)),
    # Before the next: it puts off what that would do where a channel is left to try.
    Job("alerts", 0.3, lambda actor: follow_jobs(actor=actor) + escalate_due(actor=actor)),
    Job("unacknowledged", 1, lambda actor: alarm_unacknowledged(actor=actor)),
    Job("alert_sender", 0.3, Aside(lambda actor: send_alerts(actor=actor))),
    Job("callers", 2, lambda actor: follow_cases(actor=actor)),
    Job("caller_sender", 2, Aside(lambda actor: tell_callers(actor=actor))),
    Job("channels", 10, lambda actor: mind_channels(actor=actor)),
    Job("parked", 20, lambda actor: alarm_parked(actor=actor)),
    Job("closures", 20, lambda actor: alarm_closures(actor=actor)),
    Job("quiet_alarms", 5, lambda actor: repeat_alarms(actor=actor)),
    Job("recordings", 5, Aside(lambda actor: keep_arrived(actor=actor))),
    Job("complaints", 60, lambda actor: mind_deadlines(actor=actor)),
    Job("chat_news", 0.5, lambda actor: follow_up(actor=actor)),
    Job("chat_drafts", 10, lambda actor: mind_drafts(actor=actor)),
    Job("chat_sender", 0.3, Aside(lambda actor: send_due(actor=actor))),
    Job("chat_files", 1, Aside(lambda actor: fetch_due(actor=actor))),
    Job("neighbours", 5, lambda actor: mind_neighbours(actor=actor)),
    Job("neighbours_sender", 1, Aside(lambda actor: exchange(actor=actor))),
    Job("repeats", 30, lambda actor: attach_repeats(actor=actor)),
    Job("sorting", 900, Aside(lambda _actor: learn_by_night())),
    Job("demand", 300, Aside(lambda _actor: look_ahead_by_night())),
    Job("warnings", 5, Aside(lambda actor: poll_due(actor=actor))),
    Job("warning_ends", 5, _end_warnings),
    Job("readiness", 60, lambda actor: mind_readiness(actor=actor)),
    Job("trends", 300, Aside(seek_trends)),
    Job("bursts", 60, Aside(seek_bursts)),
    Job("returns", 300, Aside(seek_returns)),
    # Looks often, so that a day is published soon after midnight; what it does, it does once.
    Job("journal_days", 300, Aside(lambda actor: close_days(actor=actor))),
    Job("digest", 60, Aside(lambda actor: send_digest(actor=actor))),
    Job("editions", 600, Aside(lambda actor: publish_due(actor=actor))),
    Job("sign_ins", 3600, lambda _actor: forget_sign_ins()),
    Job("retention", 86_400, _forget),
    Job("erased_files", 600, Aside(lambda _actor: _remove_files())),
)


class Worker:
    """One thread that runs each job when it is due; one job's fault stops no other.

    Of several workers on the same data one does the jobs and the others stand by.
    """

    def __init__(self, arrived: threading.Event | None = None) -> None:
        """`arrived` is set by the inbox of this process when there is a new letter."""
        self._arrived = arrived or threading.Event()
        self._stop = threading.Event()
        self._duty = Duty()
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)
        self._due = {job.name: 0.0 for job in JOBS}
        self._told = {job.name: float("-inf") for job in JOBS}

    def start(self) -> None:
        """Run beside the server."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the job in hand, then end."""
        self._stop.set()
        self._arrived.set()
        self._thread.join(10)

    def run(self) -> None:
        """Run until stopped."""
        while not self._stop.is_set():
            if not self._duty.mine():
                self._stop.wait(STAND_BY_S)
                continue
            self._arrived.clear()
            began, again = time.monotonic(), False
            for job in JOBS:
                # Asked each time: a job before may have lost the connection, and the duty.
                if time.monotonic() >= self._due[job.name] and self._duty.mine():
                    again |= self._do(job) > 0 and job.name == "inbox"
            if again and self._arrived.is_set():
                # In a rush, that letters are kept goes before what they mean.
                self._stop.wait(REST * (time.monotonic() - began))
            if again or self._arrived.wait(0.1):
                self._due["inbox"] = 0.0
        self._duty.leave()

    def _do(self, job: Job) -> int:
        self._due[job.name] = time.monotonic() + job.every_s
        done, fault = 0, ""
        try:
            done = job.run(TIMER)
        except (SigapError, Error) as error:
            fault = type(error).__name__
            connection.close()
            self._due[job.name] = time.monotonic() + max(1.0, job.every_s)
        except Exception as error:  # the others must go on
            fault = type(error).__name__
            log.error("job %s: %s", job.name, wordless(error))
            self._due[job.name] = time.monotonic() + max(5.0, job.every_s)
        if fault or time.monotonic() - self._told[job.name] > SIGN_OF_LIFE_S:
            self._told[job.name] = time.monotonic()
            self._tell(job, done, fault)
        return done

    def _tell(self, job: Job, done: int, fault: str) -> None:
        try:
            job_ended(job.name, every_s=job.every_s, done=done, error=fault)
        except (SigapError, Error):
            log.warning("job %s: its run could not be noted", job.name)
            connection.close()
