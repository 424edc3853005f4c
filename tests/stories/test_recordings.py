"""Recordings of calls: they arrive, are kept, are listened to on record, and are erased."""

import io
import json
import resource
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from click.testing import CliRunner
from django.conf import settings
from django.db import DatabaseError
from django.test import Client
from django.utils.translation import gettext as _
from pydantic import SecretStr

from sigap.calls import actions as calls
from sigap.calls import audio, keeping, vault
from sigap.calls.cli import recordings_group
from sigap.calls.models import Call, Recording
from sigap.calls.retention import erase_expired
from sigap.config.worker import Aside
from sigap.console.views import recordings
from sigap.core import clock
from sigap.core.actions.personal import hold, lift_hold
from sigap.core.actions.shifts import end_shift, start_shift
from sigap.core.actors import Actor, system
from sigap.core.inbox import drain
from sigap.core.models import Alarm, Inbox, Journal
from sigap.gateways.hooks import UNDERSTAND
from sigap.gateways.telephony import CallEvent
from sigap.incidents import actions as incidents

from ..voices import RATE, tone
from .asking import get, post
from .voices import aged, leave, waiting

TIMER = system("timer")
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder and a key of their own."""
    use(monkeypatch, recordings_dir=tmp_path / "voices", recording_key=SecretStr("k" * 40))
    return tmp_path / "voices"


def use(monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update=more))


@pytest.fixture
def call(answered: Callable[..., Call]) -> Call:
    """A call that the call taker has answered."""
    return answered()


def announce(call_id: str | None, name: str | None, event: str = "e1") -> None:
    """The event, through the inbox as the exchange sends it."""
    given = {"event_id": event, "call_id": call_id, "kind": "recorded", "file": name}
    payload = json.dumps({**given, "at": clock.now().isoformat()})
    CallEvent.model_validate_json(payload)
    Inbox.objects.create(
        source="call:pbx", external_id=event, payload=payload, received_at=clock.now()
    )
    drain(UNDERSTAND)


def name_of(call: Call, count: int = 1) -> str:
    return f"{call.external_id}_{count}"


def kept(call: Call, count: int = 1, **more: Any) -> Recording:
    """A recording of the call that is kept."""
    leave(name_of(call, count), **more)
    announce(call.external_id, name_of(call, count), f"e{call.pk}-{count}")
    keeping.keep_arrived(actor=TIMER)
    return Recording.objects.get(name=name_of(call, count))


def sound_of(recording: Recording) -> Any:
    return soundfile.read(
        io.BytesIO(vault.KEPT.read(recording.name, recording.sha256)), dtype="int16"
    )


def open_alarms() -> list[str]:
    return list(Alarm.objects.exclude(state="done").values_list("code", flat=True))


# --- arriving -------------------------------------------------------------------------


def test_both_legs_become_one_encrypted_file_with_its_hash_in_the_journal(
    call: Call, journal: Callable[[], list[str]], folder: Path
) -> None:
    recording = kept(call, caller=2.0, heard=1.5)
    assert (recording.call, recording.state, recording.legs) == (call, "stored", "both")
    assert recording.seconds == 2.0
    assert recording.started_at is not None and recording.ended_at == clock.now()
    samples, rate = sound_of(recording)
    assert rate == RATE and samples.shape == (2 * RATE, 2)
    assert samples[:, 0].tobytes() == tone(2.0, 440)
    assert samples[: int(1.5 * RATE), 1].tobytes() == tone(1.5, 660)
    assert not samples[int(1.5 * RATE) :, 1].any()
    assert waiting() == []
    assert journal()[-2:] == ["recording.announced", "call.recorded"]
    row = Journal.objects.get(kind="call.recorded")
    assert row.subject == f"call:{call.pk}"
    assert row.body == {
        "recording": recording.pk,
        "sha256": recording.sha256,
        "seconds": 2.0,
        "legs": "both",
    }
    on_disk = next((folder / "kept").iterdir()).read_bytes()
    assert b"fLaC" not in on_disk and on_disk.startswith(b"gAAAA")


def test_a_call_may_have_several_recordings(call: Call) -> None:
    kept(call, 1)
    kept(call, 2)
    assert call.recordings.filter(state="stored").count() == 2


def test_a_repeated_event_changes_nothing(call: Call, journal: Callable[[], list[str]]) -> None:
    kept(call)
    before = journal()
    announce(call.external_id, name_of(call), "again")
    keeping.keep_arrived(actor=TIMER)
    assert journal() == before and Recording.objects.count() == 1


def test_files_that_come_after_their_event_are_kept_when_they_come(call: Call) -> None:
    announce(call.external_id, name_of(call))
    assert keeping.keep_arrived(actor=TIMER) == 0
    leave(name_of(call))
    assert keeping.keep_arrived(actor=TIMER) == 1
    assert call.recordings.get().state == "stored"


def test_an_event_before_anything_else_of_its_call_makes_no_call_ring(
    ring: Callable[..., Call],
) -> None:
    announce("later-1", "later-1_1")
    assert not Call.objects.exists()
    leave("later-1_1")
    call = calls.report_event(
        "presented", source="pbx", external_id="later-1", at=clock.now(), actor=TIMER
    )
    keeping.keep_arrived(actor=TIMER)
    assert Recording.objects.get().call == call


def test_a_file_that_no_event_named_is_taken_up_after_minutes(
    call: Call, time: clock.Frozen
) -> None:
    leave(name_of(call))
    assert keeping.keep_arrived(actor=TIMER) == 0
    time.forward(301)
    assert keeping.keep_arrived(actor=TIMER) == 1
    recording = call.recordings.get()
    assert recording.state == "stored" and recording.started_at is None
    announce(call.external_id, name_of(call))  # and the event comes after all
    assert Recording.objects.get().started_at is not None
    assert Journal.objects.filter(kind="call.recorded").count() == 1


def test_a_file_of_no_known_call_is_kept_and_shown_to_the_supervisor(
    browser_of: Callable[[str | None], Client], call: Call
) -> None:
    leave("nobody-knows_1", age_s=400)
    keeping.keep_arrived(actor=TIMER)
    recording = Recording.objects.get()
    assert (recording.call, recording.state) == (None, "stored")
    assert "unclaimed" in open_alarms() and waiting() == []
    assert 'href="/recordings"' in browser_of("supervisor").get("/supervisor").content.decode()
    page = browser_of("supervisor").get("/recordings").content.decode()
    assert "nobody-knows_1" in page and f'data-recording="{recording.pk}"' in page
    announce(call.external_id, "nobody-knows_1")
    recording.refresh_from_db()
    assert recording.call == call and "unclaimed" not in open_alarms()
    assert Journal.objects.filter(kind="call.recorded", subject=f"call:{call.pk}").exists()


def test_two_exchanges_with_a_call_of_the_same_name_leave_it_unclaimed() -> None:
    for source in ("pbx", "other"):
        calls.report_event(
            "presented", source=source, external_id="same", at=clock.now(), actor=TIMER
        )
    leave("same_1", age_s=400)
    keeping.keep_arrived(actor=TIMER)
    assert Recording.objects.get().call is None


@pytest.mark.parametrize("leg", ["caller", "heard"])
def test_one_leg_alone_is_kept_and_said_to_be(call: Call, leg: str) -> None:
    recording = kept(call, **{"caller": None, "heard": None, leg: 1.0})
    assert recording.legs == leg
    samples, _rate = sound_of(recording)
    silent, voice = (1, 0) if leg == "caller" else (0, 1)
    assert samples[:, voice].any() and not samples[:, silent].any()


@pytest.mark.parametrize("written", ["nothing", "everything", "cut"])
def test_what_is_readable_of_a_file_that_was_cut_short_is_kept(call: Call, written: str) -> None:
    """A header that was never finished, that promises the most, or more than the disk took."""
    path = leave(name_of(call), heard=None)[0]
    whole = bytearray(path.read_bytes())
    if written == "cut":
        whole = whole[: 44 + RATE + 1]  # half a second and half a sample
    else:
        whole[40:44] = b"\0" * 4 if written == "nothing" else b"\xff" * 4
        whole[4:8] = whole[40:44]
    path.write_bytes(whole)
    announce(call.external_id, name_of(call))
    keeping.keep_arrived(actor=TIMER)
    seconds = 0.5 if written == "cut" else 2.0
    assert call.recordings.get().seconds == seconds


def test_a_file_that_is_no_sound_is_put_aside_and_holds_up_no_other(
    call: Call, ring: Callable[..., Call], folder: Path
) -> None:
    for content, name in ((b"RIFF????WAVEnonsense", "a_1"), (b"", "b_1")):
        (vault.folder("incoming") / f"{name}-in.wav").write_bytes(content)
        announce(call.external_id, name, name)
    kept(call)
    assert call.recordings.get(state="stored").name == name_of(call)
    assert call.recordings.filter(state="missing").count() == 2
    assert len(list((folder / "unreadable").iterdir())) == 2 and waiting() == []
    assert open_alarms() == ["unrecorded"]


def test_the_readable_leg_is_kept_beside_one_that_is_not(call: Call, folder: Path) -> None:
    caller, heard = leave(name_of(call))
    heard.write_bytes(b"not a sound")
    announce(call.external_id, name_of(call))
    keeping.keep_arrived(actor=TIMER)
    assert call.recordings.get().legs == "caller"
    assert [p.read_bytes() for p in (folder / "unreadable").iterdir()] == [b"not a sound"]


def test_an_announced_recording_that_never_comes_is_said_to_be_lost(
    call: Call, time: clock.Frozen, browser_of: Callable[[str | None], Client]
) -> None:
    announce(call.external_id, name_of(call))
    time.forward(601)
    keeping.keep_arrived(actor=TIMER)
    assert call.recordings.get().state == "missing" and open_alarms() == ["unrecorded"]
    assert name_of(call) in browser_of("supervisor").get("/recordings").content.decode()
    leave(name_of(call))
    keeping.keep_arrived(actor=TIMER)
    assert call.recordings.get().state == "stored"


def test_a_call_that_nobody_hung_up_is_kept_in_parts_that_fit_into_memory(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "PART_S", 2)
    kept(call, caller=5.0, heard=3.0)
    parts = list(call.recordings.order_by("ended_at"))
    assert [(p.name, p.seconds) for p in parts] == [
        (name_of(call), 2.0),
        (f"{name_of(call)}.2", 2.0),
        (f"{name_of(call)}.3", 1.0),
    ]
    assert [p.ended_at for p in parts[:-1]] == [p.started_at for p in parts[1:]]
    joined = np.concatenate([sound_of(p)[0] for p in parts])
    assert joined[:, 0].tobytes() == tone(5.0, 440)


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", ".hidden", "", "a\n", "é", "x" * 121])
def test_a_name_that_leads_elsewhere_is_refused_at_the_door(name: str) -> None:
    given = {"event_id": "1", "call_id": "c", "kind": "recorded", "file": name}
    with pytest.raises(ValueError, match="file"):
        CallEvent.model_validate({**given, "at": clock.now()})


def test_a_recording_without_its_file_is_kept_among_what_could_not_be_carried_out(
    call: Call,
) -> None:
    announce(call.external_id, None)
    assert Inbox.objects.get().error == "file" and not Recording.objects.exists()


def test_a_file_of_one_call_cannot_become_another_calls(
    call: Call, ring: Callable[..., Call]
) -> None:
    recording = kept(call)
    announce(ring().external_id, recording.name, "wrong")
    assert Inbox.objects.get(external_id="wrong").error == "file"
    recording.refresh_from_db()
    assert recording.call == call


# --- crashes and full disks -----------------------------------------------------------


def test_a_crash_before_the_row_is_committed_loses_nothing(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(name_of(call))
    announce(call.external_id, name_of(call))
    with monkeypatch.context() as crash:
        crash.setattr(keeping, "keep_recording", _fail(DatabaseError()))
        with pytest.raises(DatabaseError):
            keeping.keep_arrived(actor=TIMER)
    assert len(waiting()) == 2 and call.recordings.get().state == "expected"
    assert keeping.keep_arrived(actor=TIMER) == 1
    assert call.recordings.get().state == "stored" and waiting() == []
    assert list(keeping.faults()) == []


def test_a_crash_before_the_plain_files_are_removed_keeps_one_recording(
    call: Call, monkeypatch: pytest.MonkeyPatch, journal: Callable[[], list[str]]
) -> None:
    leave(name_of(call))
    announce(call.external_id, name_of(call))
    with monkeypatch.context() as crash:
        crash.setattr(keeping, "remove", _fail(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            keeping.keep_arrived(actor=TIMER)
    assert len(waiting()) == 2 and call.recordings.get().state == "stored"
    before = journal()
    assert keeping.keep_arrived(actor=TIMER) == 0
    assert waiting() == [] and journal() == before
    assert list(keeping.faults()) == []


def test_a_name_that_is_given_twice_loses_neither_recording(call: Call) -> None:
    first = kept(call, caller=1.0)
    leave(name_of(call), caller=3.0)
    keeping.keep_arrived(actor=TIMER)
    again = Recording.objects.exclude(pk=first.pk).get()
    assert (again.call, again.seconds, again.state) == (call, 3.0, "stored")
    assert waiting() == [] and list(keeping.faults()) == []


def test_a_disk_that_takes_nothing_keeps_the_files_and_raises_an_alarm_until_it_does(
    call: Call, folder: Path
) -> None:
    leave(name_of(call))
    announce(call.external_id, name_of(call))
    (folder / "kept").write_text("in the way")
    assert keeping.keep_arrived(actor=TIMER) == 0
    assert keeping.keep_arrived(actor=TIMER) == 0
    assert len(waiting()) == 2 and open_alarms() == ["unkept"]
    (folder / "kept").unlink()
    assert keeping.keep_arrived(actor=TIMER) == 1
    assert open_alarms() == [] and call.recordings.get().state == "stored"


def test_a_full_disk_leaves_no_half_file(folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = vault.folder("kept")
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError):
            vault.KEPT.keep("big_1", b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(kept.iterdir()) == []


def _fail(error: BaseException) -> Callable[..., Any]:
    def fail(*_args: Any, **_more: Any) -> Any:
        raise error

    return fail


# --- keys and changed files -----------------------------------------------------------


def test_an_old_key_still_reads_and_rekey_makes_it_needless(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = kept(call)
    new, old = SecretStr("n" * 40), SecretStr("k" * 40)
    use(monkeypatch, recording_key=new, recording_old_keys=[old])
    assert list(keeping.faults()) == []
    done = CliRunner().invoke(recordings_group, ["rekey"])
    assert (done.exit_code, "1 recordings are encrypted" in done.output) == (0, True)
    use(monkeypatch, recording_old_keys=[])
    assert sound_of(recording)[1] == RATE
    use(monkeypatch, recording_key=old)
    assert [fault for _name, fault in keeping.faults()] == ["was changed, or its key is not there"]
    assert CliRunner().invoke(recordings_group, ["rekey"]).exit_code == 1


def test_verify_names_what_is_missing_changed_or_unknown(call: Call, folder: Path) -> None:
    missing, changed, sound = (kept(call, count) for count in (1, 2, 3))
    assert CliRunner().invoke(recordings_group, ["verify"]).output == "3 recordings are sound.\n"
    (folder / "kept" / f"{missing.name}.flac.fernet").unlink()
    path = folder / "kept" / f"{changed.name}.flac.fernet"
    broken = bytearray(path.read_bytes())
    broken[len(broken) // 2] ^= 1
    path.write_bytes(broken)
    vault.KEPT.keep("stranger_1", b"something")
    vault.KEPT.keep(f"{sound.name}", vault.KEPT.read(sound.name, sound.sha256) + b"more")
    result = CliRunner().invoke(recordings_group, ["verify"])
    assert result.exit_code == 1 and "4 faults among 3" in result.output
    assert dict(keeping.faults()) == {
        missing.name: "is missing",
        changed.name: "was changed, or its key is not there",
        sound.name: "is not what was recorded",
        "stranger_1": "is kept, but nothing is noted of it",
    }


def test_a_changed_file_or_a_lost_key_is_told_and_nothing_is_heard(
    call: Call, browser_of: Callable[[str | None], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = kept(call)
    use(monkeypatch, recording_key=SecretStr("z" * 40))
    answer = post(browser_of("supervisor"), f"/recordings/{recording.pk}/play")
    assert (answer["status"], answer["error"]["code"]) == (404, "unreadable")
    assert not Journal.objects.filter(kind="recording.played").exists()


# --- listening ------------------------------------------------------------------------


def address(browser: Client, recording: Recording) -> str:
    answer = post(browser, f"/recordings/{recording.pk}/play")
    assert answer["status"] == 200, answer
    return str(answer["url"])


def test_nobody_hears_anything_before_it_is_on_record_who(
    call: Call, browser_of: Callable[[str | None], Client], actor: Callable[[str], Actor]
) -> None:
    recording, browser = kept(call), browser_of("call_taker")
    assert get(browser, f"/recordings/{recording.pk}/audio")["error"]["code"] == "expired"
    url = address(browser, recording)
    row = Journal.objects.get(kind="recording.played")
    assert (row.actor, row.subject) == (actor("call_taker").code, f"call:{call.pk}")
    assert row.body == {"recording": recording.pk}
    answer = browser.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "audio/wav")
    whole = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert len(whole) == int(answer["Content-Length"])
    played, rate = soundfile.read(io.BytesIO(whole), dtype="int16")
    assert rate == RATE and (played == sound_of(recording)[0]).all()
    browser.get(url, headers={"Range": "bytes=0-"})
    assert Journal.objects.filter(kind="recording.played").count() == 1


def test_the_address_is_one_persons_for_one_recording_and_for_a_while(
    call: Call, browser_of: Callable[[str | None], Client], time: clock.Frozen
) -> None:
    first, second, browser = kept(call, 1), kept(call, 2), browser_of("call_taker")
    url = address(browser, first)
    assert browser_of("supervisor").get(url).status_code == 403
    assert browser_of(None).get(url).status_code == 302
    other = url.replace(f"/{first.pk}/", f"/{second.pk}/")
    assert browser.get(other).status_code == 403
    assert browser.get(url + "x").status_code == 403
    time.forward(1801)
    assert browser.get(url).status_code == 403


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=0-", slice(0, None)),
        ("bytes=43-46", slice(43, 47)),
        ("bytes=1001-1001", slice(1001, 1002)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-50", slice(-50, None)),
        ("bytes=10-9999999", slice(10, None)),
    ],
)
def test_a_player_may_go_to_any_place(
    call: Call, browser_of: Callable[[str | None], Client], wanted: str, part: slice
) -> None:
    recording, browser = kept(call), browser_of("supervisor")
    url = address(browser, recording)
    sound = b"".join(browser.get(url).streaming_content)  # type: ignore[attr-defined]
    answer = browser.get(url, headers={"Range": wanted})
    start = len(sound) - 50 if part.start == -50 else part.start
    assert answer.status_code == 206 and answer.content == sound[part]
    assert answer["Content-Range"] == (
        f"bytes {start}-{start + len(answer.content) - 1}/{len(sound)}"
    )


def test_a_long_recording_goes_out_in_pieces_that_fit_together(
    call: Call, browser_of: Callable[[str | None], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "PIECE", 10_001)
    recording, browser = kept(call), browser_of("supervisor")
    url = address(browser, recording)
    whole = b"".join(browser.get(url).streaming_content)  # type: ignore[attr-defined]
    found = b""
    while len(found) < len(whole):
        found += browser.get(url, headers={"Range": f"bytes={len(found)}-"}).content
    assert found == whole


@pytest.mark.parametrize(
    ("wanted", "status"),
    [("bytes=99999999-", 416), ("bytes=-0", 416), ("bytes=5-2", 416), ("bytes=-", 200), ("x", 200)],
)
def test_a_place_that_is_not_there_is_refused_and_nonsense_is_the_whole(
    call: Call, browser_of: Callable[[str | None], Client], wanted: str, status: int
) -> None:
    recording, browser = kept(call), browser_of("supervisor")
    answer = browser.get(address(browser, recording), headers={"Range": wanted})
    assert answer.status_code == status


def test_an_operator_hears_the_own_calls_of_the_last_shift_only(
    call: Call,
    ring: Callable[..., Call],
    actor: Callable[[str], Actor],
    browser_of: Callable[[str | None], Client],
    time: clock.Frozen,
) -> None:
    mine = kept(call)
    theirs = kept(calls.take_call(ring().pk, actor=actor("supervisor")))
    browser = browser_of("call_taker")
    assert post(browser, f"/recordings/{mine.pk}/play")["status"] == 200
    assert post(browser, f"/recordings/{theirs.pk}/play")["error"]["code"] == "others"
    end_shift(actor=actor("call_taker"))
    assert post(browser, f"/recordings/{mine.pk}/play")["status"] == 200
    time.forward(8 * 3600)
    start_shift(role="call_taker", desk="P1", actor=actor("call_taker"))
    browser = browser_of("call_taker")
    assert post(browser, f"/recordings/{mine.pk}/play")["status"] == 403
    supervisor = browser_of("supervisor")
    for recording in (mine, theirs):
        assert post(supervisor, f"/recordings/{recording.pk}/play")["status"] == 200


@pytest.mark.parametrize("role", ["administrator", "evaluator", "dispatcher", "agency", "crew"])
def test_nobody_else_hears_anything(
    call: Call, browser_of: Callable[[str | None], Client], role: str
) -> None:
    recording = kept(call)
    assert post(browser_of(role), f"/recordings/{recording.pk}/play")["status"] == 403
    assert not Journal.objects.filter(kind="recording.played").exists()


def test_the_player_is_where_the_call_is_for_those_who_may(
    call: Call, actor: Callable[[str], Actor], browser_of: Callable[[str | None], Client]
) -> None:
    recording = kept(call)
    mine, taker = browser_of("call_taker"), actor("call_taker")
    shown = get(mine, f"/calls/{call.pk}")["recordings"]
    assert shown == [{"id": recording.pk, "seconds": 2.0, "legs": "both"}]
    incident = calls.open_incident_for_call(call.pk, "kecelakaan_lalin", actor=taker)
    calls.close_call(call.pk, "emergency", actor=taker)
    for role, number in (("call_taker", 1), ("supervisor", 1), ("dispatcher", 0)):
        page = browser_of(role).get(f"/incidents/{incident.pk}").content.decode()
        assert page.count("data-recording=") == number, role
    recent = {row["id"]: row["recordings"] for row in get(mine, "/calls/recent")["calls"]}
    assert recent[call.pk] == shown
    address(mine, recording)
    page = browser_of("supervisor").get(f"/incidents/{incident.pk}").content.decode()
    assert page.count(_("Recording of call %(id)s played") % {"id": call.pk}) == 1


# --- erasing --------------------------------------------------------------------------


def closed(call: Call, call_class: str, actor: Callable[[str], Actor]) -> Call:
    taker = actor("call_taker")
    if call_class == "emergency":
        incident = calls.open_incident_for_call(call.pk, "kecelakaan_lalin", actor=taker)
        calls.close_call(call.pk, call_class, actor=taker)
        incidents.close_incident(incident.pk, disposition="handled", actor=actor("dispatcher"))
    else:
        calls.close_call(call.pk, call_class, actor=taker, field_action=True)
    call.refresh_from_db()
    return call


def files(folder: Path) -> int:
    return len(list((folder / "kept").iterdir()))


@pytest.mark.parametrize(
    ("call_class", "days"),
    [("emergency", 90), ("complaint", 90), ("information", 30), ("prank", 30), ("silent", 30)],
)
def test_a_recording_is_erased_at_the_time_of_its_class(
    call: Call,
    call_class: str,
    days: int,
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    folder: Path,
) -> None:
    recording = kept(call)
    closed(call, call_class, actor)
    time.forward(days * DAY - 60)
    assert erase_expired(actor=TIMER)["recording"] == 0
    time.forward(120)
    assert erase_expired(actor=TIMER)["recording"] == 1
    assert (keeping.remove_erased(), files(folder)) == (1, 0)
    recording.refresh_from_db()
    assert (recording.state, recording.erased_at) == ("erased", clock.now())
    assert Journal.objects.get(kind="call.recorded").body["sha256"] == recording.sha256
    row = Journal.objects.get(kind="personal.erased", subject="recording:many")
    assert row.body == {"what": "recording", "count": 1}
    assert erase_expired(actor=TIMER)["recording"] == 0
    assert list(keeping.faults()) == []


def test_a_crash_between_the_row_and_the_file_leaves_no_file_behind(
    call: Call, actor: Callable[[str], Actor], time: clock.Frozen, folder: Path
) -> None:
    kept(call)
    closed(call, "prank", actor)
    time.forward(31 * DAY)
    erase_expired(actor=TIMER)
    assert files(folder) == 1
    keeping.remove_erased()
    assert files(folder) == 0


def test_an_erased_recording_is_not_played(
    call: Call,
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    browser_of: Callable[[str | None], Client],
) -> None:
    recording, supervisor = kept(call), browser_of("supervisor")
    closed(call, "prank", actor)
    time.forward(31 * DAY)
    erase_expired(actor=TIMER)
    time.forward(-31 * DAY)  # or the session of the supervisor would be over
    answer = post(supervisor, f"/recordings/{recording.pk}/play")
    assert (answer["status"], answer["error"]["code"]) == (404, "erased")


@pytest.mark.parametrize("what", ["incident", "caller"])
def test_a_legal_hold_keeps_the_recording(
    call: Call, what: str, actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    kept(call)
    closed(call, "emergency", actor)
    thing = call.incident if what == "incident" else call.contact
    assert thing is not None
    hold(thing, "police", actor=actor("supervisor"))
    time.forward(400 * DAY)
    assert erase_expired(actor=TIMER)["recording"] == 0
    lift_hold(thing, actor=actor("supervisor"))
    assert erase_expired(actor=TIMER)["recording"] == 1


def test_a_recording_of_an_unfinished_case_or_call_is_kept(
    answered: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    kept(answered())
    case = answered("081299988877")
    kept(case)
    calls.open_incident_for_call(case.pk, "kecelakaan_lalin", actor=actor("call_taker"))
    calls.close_call(case.pk, "emergency", actor=actor("call_taker"))
    time.forward(400 * DAY)
    assert erase_expired(actor=TIMER)["recording"] == 0


def test_what_belongs_to_no_call_goes_at_the_time_of_the_others(
    time: clock.Frozen, folder: Path
) -> None:
    leave("nobody_1", age_s=400)
    (vault.folder("incoming") / "odd_1-in.wav").write_bytes(b"?")
    aged(folder / "incoming" / "odd_1-in.wav", 400)
    keeping.keep_arrived(actor=TIMER)
    time.forward(31 * DAY)
    assert erase_expired(actor=TIMER)["recording"] == 1
    assert keeping.remove_erased() == 2
    assert files(folder) == 0 and list((folder / "unreadable").iterdir()) == []


# --- the job --------------------------------------------------------------------------


def test_a_disk_that_hangs_keeps_no_other_job_waiting() -> None:
    begun, goes_on = Event(), Event()

    def slow(_actor: Actor) -> int:
        begun.set()
        goes_on.wait(30)
        return 3

    job = Aside(slow)
    assert job(TIMER) == 0
    assert begun.wait(30) and job(TIMER) == 0  # it is at it still; nobody waits for it
    goes_on.set()
    job.rest()
    assert job(TIMER) == 3


def test_a_turn_that_failed_is_told_at_the_next_which_goes_on() -> None:
    turns = iter([OSError(), None])

    def fails_once(_actor: Actor) -> int:
        if fault := next(turns, None):
            raise fault
        return 1

    job = Aside(fails_once)
    job(TIMER)
    job.rest()
    with pytest.raises(OSError):
        job(TIMER)
    job.rest()
    assert job(TIMER) == 1
