"""What crews type and send, with words that must stay out of the journal."""

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.vault import digest_of
from sigap.dispatch import actions as dispatch
from sigap.dispatch.field import actions as field
from sigap.dispatch.models import Assignment
from sigap.incidents import actions as incidents

from .canaries import ADDRESS, NUMBER, WORD, WORDS, tried


def a_day_in_the_field(crew: Actor, boss: Actor) -> None:
    """Every action of crews, with canaries wherever somebody could type or send words."""
    tried(dispatch.set_availability, crew.unit, "return", actor=boss)
    incident = incidents.open_incident("kecelakaan_lalin", actor=boss, address=WORDS)
    job = dispatch.send_units(incident.pk, [crew.unit], confirmed=True, choice="radio", actor=boss)[
        0
    ]
    job = Assignment.objects.select_related("unit", "incident").get(pk=job.pk)
    unit = job.unit

    def reports() -> str:
        field.report_field(job, "patients", counts={"red": 1}, words=WORDS, actor=crew)
        return "done"

    field.act_once(
        WORD,
        "form",
        reports,
        actor=crew,
        unit=unit,
        occurred_at=clock.now(),
        phone_ms=1,
        offset_ms=1,
        clock_is="right",
    )
    tried(field.report_field, job, "patients", counts={WORD: 1}, words=NUMBER, actor=crew)
    tried(field.report_field, job, WORD, counts={}, words=ADDRESS, actor=crew)
    field.set_on_board(unit, people=[], count=2, actor=crew)
    field.call_for_help(unit, actor=crew)
    tried(field.call_off_help, unit, reason=WORD, actor=crew)
    field.call_off_help(unit, reason="safe", actor=crew)
    field.ask_for_caller(job, actor=crew)
    kept = field.announce_photo(job, WORD, size=4, sha256=WORD, actor=crew)
    field.note_piece(kept.pk, 0, 2, digest_of(b"12"), actor=crew)
    field.restart_photo(kept.pk, actor=crew)
    field.keep_photo(kept.pk, digest_of(b"1234"), actor=crew)
    none = field.announce_photo(job, WORDS, size=4, sha256=WORDS, actor=crew)
    field.refuse_photo(none.pk, "file", actor=crew)
    field.erase_photos([incident.pk], actor=boss)
    dispatch.cancel_assignment(job.pk, reason="not_needed", actor=boss)
