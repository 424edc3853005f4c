"""Brings a city pack into the database, through the same action as the administration screen."""

from pathlib import Path

from sigap.calls.models import Criterion, PhoneBookEntry
from sigap.complaints.models import Category, DangerWords
from sigap.core.actions.configuration import define, deploy
from sigap.core.actors import Actor
from sigap.core.models import ReasonCode
from sigap.core.queries import deployment, fetch
from sigap.core.transaction import transaction
from sigap.dispatch.models import PlanStep, ResponsePlan
from sigap.evaluation.models import Target
from sigap.fleet.actions import equip
from sigap.fleet.models import Agency, Capability, EquipmentKind, Hospital, Post, Unit
from sigap.incidents.models import (
    Disposition,
    IncidentType,
    PriorityRule,
    Question,
)
from sigap.neighbours.models import Centre
from sigap.places.models import Area, Landmark
from sigap.places.queries import forget
from sigap.proposals.models import Advice

from .read import read_pack
from .schema import Pack

PACKS = Path(__file__).parent


def find_pack(name: str) -> Path:
    """The folder of a built-in pack by its name, or any folder by its path."""
    built_in = PACKS / name
    return built_in if built_in.is_dir() and name.isidentifier() else Path(name)


def load_pack(path: Path, *, actor: Actor, drill: bool) -> Pack:
    """Read a pack and bring it in, all or nothing; safe to repeat.

    What the city changed since on a record that the pack also has is set back to the
    pack's, so it is run at set-up, not at each start.
    """
    pack = read_pack(path)
    with transaction():
        if deployment() is None:
            deploy(
                city=pack.city.code,
                name=pack.city.city,
                pack=pack.city.model_dump(mode="json"),
                drill=drill,
                actor=actor,
            )
        _load_places(pack, actor)
        _load_incident_types(pack, actor)
        _load_fleet(pack, actor)
        _load_readiness(pack, actor)
        _load_plans(pack, actor)
        for target in pack.targets:
            define(
                Target,
                key={
                    "clock": target.clock,
                    "group": target.group,
                    "statistic": target.statistic,
                    "percent": target.percent,
                    "seconds": target.seconds,
                },
                actor=actor,
                source=target.source,
            )
        for rank, question in enumerate(pack.quality):
            define(
                Criterion,
                key={"code": question.code},
                actor=actor,
                rank=rank,
                **question.model_dump(exclude={"code"}),
            )
        for rank, entry in enumerate(pack.phone_book):
            define(
                PhoneBookEntry,
                key={"code": entry.code},
                actor=actor,
                rank=rank,
                **entry.model_dump(exclude={"code"}),
            )
        for centre in pack.neighbours:
            define(
                Centre,
                key={"code": centre.code},
                actor=actor,
                example=True,
                places=list(centre.places),
                **centre.model_dump(exclude={"code", "places"}),
            )
        owners = {agency.code: agency for agency in Agency.objects.all()}
        for rank, category in enumerate(pack.categories):
            define(
                Category,
                key={"code": category.code},
                actor=actor,
                name=category.name,
                name_en=category.name_en,
                group=category.group,
                agency=owners[category.agency],
                complaint_class=category.complaint_class,
                publish=category.publish,
                words=list(category.words),
                attributes=[one.model_dump(mode="json") for one in category.attribute],
                rank=rank,
            )
        for code, phrases in pack.danger:
            define(DangerWords, key={"code": code}, actor=actor, phrases=list(phrases))
        for advice in pack.advice:
            define(
                Advice,
                key={"stream": advice.stream},
                actor=actor,
                agency=owners[advice.agency] if advice.agency else None,
                **advice.model_dump(exclude={"stream", "agency"}),
            )
    forget()
    return pack


def _load_places(pack: Pack, actor: Actor) -> None:
    for area in pack.areas:
        define(
            Area,
            key={"code": area.code},
            actor=actor,
            name=area.name,
            district_code=area.district_code,
            district=area.district,
            lat=area.lat,
            lng=area.lng,
            area_km2=area.area_km2,
            postcode=area.postcode,
            neighbours=list(area.neighbours),
            aliases=list(area.aliases),
        )
    for mark in pack.landmarks:
        define(
            Landmark,
            key={"name": mark.name, "area": fetch(Area, code=mark.area_code)},
            actor=actor,
            aliases=list(mark.aliases),
            lat=mark.lat,
            lng=mark.lng,
            precision=mark.precision,
        )


def _load_incident_types(pack: Pack, actor: Actor) -> None:
    for rank, kind in enumerate(pack.types):
        row = define(
            IncidentType,
            key={"code": kind.code},
            actor=actor,
            name=kind.name,
            name_en=kind.name_en,
            group=kind.group,
            priority=kind.priority,
            siren=kind.siren,
            lead=kind.lead,
            duplicate_minutes=kind.dup_minutes,
            duplicate_metres=kind.dup_metres,
            tells=kind.tells,
            rank=rank,
        )
        for i, question in enumerate(kind.question):
            define(
                Question,
                key={"type": row, "code": question.code},
                actor=actor,
                rank=i,
                kind=question.kind,
                text=question.text,
                text_en=question.text_en,
                options=[list(option) for option in question.options],
            )
        for i, rule in enumerate(kind.rule):
            define(
                PriorityRule,
                key={"type": row, "code": rule.code},
                actor=actor,
                rank=i,
                when={q: list(answers) for q, answers in rule.when.items()},
                priority=rule.priority,
                siren=rule.siren,
                text=rule.text,
                text_en=rule.text_en,
            )
    for outcome in pack.dispositions:
        define(
            Disposition,
            key={"code": outcome.code},
            actor=actor,
            name=outcome.name,
            name_en=outcome.name_en,
            valid=outcome.valid,
            told=outcome.told,
            told_en=outcome.told_en,
        )
    for purpose in type(pack.reasons).model_fields:
        for reason in getattr(pack.reasons, purpose):
            define(
                ReasonCode,
                key={"purpose": purpose, "code": reason.code},
                actor=actor,
                name=reason.name,
                name_en=reason.name_en,
            )


def _load_fleet(pack: Pack, actor: Actor) -> None:
    for rank, agency in enumerate(pack.agencies):
        define(
            Agency,
            key={"code": agency.code},
            actor=actor,
            name=agency.name,
            name_en=agency.name_en,
            short=agency.short,
            kind=agency.kind,
            rank=rank,
        )
    for capability in pack.capabilities:
        define(
            Capability,
            key={"code": capability.code},
            actor=actor,
            name=capability.name,
            name_en=capability.name_en,
        )
    for post in pack.readiness.post:
        define(
            Post,
            key={"code": post.code},
            actor=actor,
            agency=fetch(Agency, code=post.agency),
            example=pack.readiness.example,
            **post.model_dump(exclude={"code", "agency"}),
        )
    for unit in pack.fleet.unit:
        define(
            Unit,
            key={"call_sign": unit.call_sign},
            actor=actor,
            agency=fetch(Agency, code=unit.agency),
            kind=unit.kind,
            kind_en=unit.kind_en,
            capabilities=list(unit.capabilities),
            crew=unit.crew,
            station=unit.station,
            station_lat=unit.lat,
            station_lng=unit.lng,
            post=fetch(Post, code=unit.post) if unit.post else None,
            example=pack.fleet.example,
        )


def _load_readiness(pack: Pack, actor: Actor) -> None:
    for rank, kind in enumerate(pack.readiness.equipment):
        define(
            EquipmentKind,
            key={"code": kind.code},
            actor=actor,
            rank=rank,
            example=pack.readiness.example,
            carried_by=list(kind.carried_by),
            **kind.model_dump(exclude={"code", "carried_by"}),
        )
    equip(actor=actor)
    for house in pack.readiness.hospital:
        define(
            Hospital,
            key={"code": house.code},
            actor=actor,
            agency=fetch(Agency, code=house.agency) if house.agency else None,
            specialties=list(house.specialties),
            **house.model_dump(exclude={"code", "agency", "specialties"}),
        )


def _load_plans(pack: Pack, actor: Actor) -> None:
    for plan in pack.plans:
        row = define(
            ResponsePlan,
            key={
                "type": fetch(IncidentType, code=plan.type),
                "priority": plan.priority,
                "level": plan.level,
            },
            actor=actor,
        )
        for rank, step in enumerate(plan.step):
            define(
                PlanStep,
                key={
                    "plan": row,
                    "agency": fetch(Agency, code=step.agency),
                    "capability": step.capability,
                },
                actor=actor,
                count=step.count,
                min_crew=step.min_crew,
                equipment=list(step.equipment),
                rank=rank,
            )
