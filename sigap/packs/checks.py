"""Whether the files of a city pack fit together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from .reasons import Reason, Reasons
from .schema import (
    Agency,
    Area,
    Capability,
    Category,
    Criterion,
    Disposition,
    Landmark,
    Pack,
    PhoneBookEntry,
    repeated,
)


def faults(
    pack: Pack, areas: list[tuple[int, Area]], landmarks: list[tuple[int, Landmark]]
) -> Iterator[str]:
    """Everything in which one file contradicts another or itself, one line each; areas and
    landmarks come with the numbers of their lines."""
    yield from _check_places(pack, areas, landmarks)
    yield from _check_types(pack)
    yield from _check_plans(pack)
    yield from _check_fleet(pack)
    yield from _check_readiness(pack)
    yield from _check_lists(pack)


def _check_places(
    pack: Pack, areas: list[tuple[int, Area]], landmarks: list[tuple[int, Landmark]]
) -> Iterator[str]:
    by_code = {area.code: area for area in pack.areas}
    districts: dict[str, str] = {}
    seen: set[str] = set()
    for line, area in areas:
        where = f"areas.csv: line {line}: {area.name}"
        if area.code in seen:
            yield f"{where}: code {area.code} appears twice"
        seen.add(area.code)
        if not pack.city.contains(area.lat, area.lng):
            yield f"{where}: the point lies outside the bbox of pack.toml"
        if districts.setdefault(area.district_code, area.district) != area.district:
            yield f"{where}: district {area.district_code} has two names"
        for code in area.neighbours:
            if code == area.code or code not in by_code:
                yield f"{where}: neighbour {code} is not another area of this file"
            elif area.code not in by_code[code].neighbours:
                yield f"{where}: {code} does not name {area.code} as its neighbour"
    names = {area.name for area in pack.areas}
    for name in pack.city.names_also_outside:
        if name not in names:
            yield f"pack.toml: names_also_outside: no area is called {name!r}"
    seen = set()
    for line, landmark in landmarks:
        where = f"landmarks.csv: line {line}: {landmark.name}"
        if landmark.name in seen:
            yield f"{where}: appears twice"
        seen.add(landmark.name)
        if landmark.area_code not in by_code:
            yield f"{where}: area_code {landmark.area_code} is not in areas.csv"
        if (
            landmark.lat is not None
            and landmark.lng is not None
            and not pack.city.contains(landmark.lat, landmark.lng)
        ):
            yield f"{where}: the point lies outside the bbox of pack.toml"


def _check_types(pack: Pack) -> Iterator[str]:
    agencies = {agency.code for agency in pack.agencies}
    for code in repeated(kind.code for kind in pack.types):
        yield f'types.toml: type "{code}": appears twice'
    for code in repeated(rule.code for kind in pack.types for rule in kind.rule):
        yield f'types.toml: rule "{code}": appears twice'
    for kind in pack.types:
        where = f'types.toml: type "{kind.code}"'
        if kind.lead not in agencies:
            yield f'{where} > lead: no agency "{kind.lead}" in agencies.toml'
        for code in repeated(question.code for question in kind.question):
            yield f'{where} > question "{code}": appears twice'
        questions = {question.code: question for question in kind.question}
        for rule in kind.rule:
            for asked, accepted in rule.when.items():
                here = f'{where} > rule "{rule.code}" > when > {asked}'
                if asked not in questions:
                    yield f"{here}: the type has no such question"
                    continue
                if not accepted:
                    yield f"{here}: no accepted answer"
                possible = questions[asked].answers
                for answer in accepted:
                    if answer not in possible:
                        yield f'{here}: "{answer}" is not one of {", ".join(possible)}'


def _check_plans(pack: Pack) -> Iterator[str]:
    agencies = {agency.code for agency in pack.agencies}
    capabilities = {capability.code for capability in pack.capabilities}
    types = {kind.code for kind in pack.types}
    equipment = {piece.code for piece in pack.readiness.equipment}
    planned: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
    for number, plan in enumerate(pack.plans, start=1):
        where = f'plans.toml: plan number {number} "{plan.type}" priority {plan.priority}'
        if plan.level > 1:
            where += f" level {plan.level}"
        if plan.type not in types:
            yield f"{where}: no such type in types.toml"
        if (plan.priority, plan.level) in planned[plan.type]:
            yield f"{where}: appears twice"
        planned[plan.type].add((plan.priority, plan.level))
        for step in plan.step:
            if step.agency not in agencies:
                yield f'{where} > step: no agency "{step.agency}" in agencies.toml'
            if step.capability not in capabilities:
                yield f'{where} > step: no capability "{step.capability}" in capabilities.toml'
            for code in set(step.equipment) - equipment:
                yield f'{where} > step: no equipment "{code}" in readiness.toml'
    for kind in pack.types:
        first = {priority for priority, level in planned[kind.code] if level == 1}
        missing = {1, 2, 3, 4} - first
        if missing and 0 not in first:
            which = ", ".join(f"P{priority}" for priority in sorted(missing))
            yield f'plans.toml: type "{kind.code}" has no plan for {which}'


def _check_fleet(pack: Pack) -> Iterator[str]:
    agencies = {agency.code for agency in pack.agencies}
    capabilities = {capability.code for capability in pack.capabilities}
    for call_sign in repeated(unit.call_sign for unit in pack.fleet.unit):
        yield f'fleet.toml: unit "{call_sign}": appears twice'
    for unit in pack.fleet.unit:
        where = f'fleet.toml: unit "{unit.call_sign}"'
        if unit.agency not in agencies:
            yield f'{where} > agency: no agency "{unit.agency}" in agencies.toml'
        for capability in unit.capabilities:
            if capability not in capabilities:
                yield f'{where} > capabilities: no "{capability}" in capabilities.toml'


def _check_readiness(pack: Pack) -> Iterator[str]:
    agencies = {agency.code for agency in pack.agencies}
    capabilities = {capability.code for capability in pack.capabilities}
    posts = {post.code: post for post in pack.readiness.post}
    for noun, rows in (
        ("post", pack.readiness.post),
        ("equipment", pack.readiness.equipment),
        ("hospital", pack.readiness.hospital),
    ):
        for code in repeated(row.code for row in rows):
            yield f'readiness.toml: {noun} "{code}": appears twice'
    for post in posts.values():
        where = f'readiness.toml: post "{post.code}"'
        if post.agency not in agencies:
            yield f'{where} > agency: no agency "{post.agency}" in agencies.toml'
        if not pack.city.contains(post.lat, post.lng):
            yield f"{where}: the point lies outside the bbox of pack.toml"
    for kind in pack.readiness.equipment:
        for capability in kind.carried_by:
            if capability not in capabilities:
                where = f'readiness.toml: equipment "{kind.code}" > carried_by'
                yield f'{where}: no "{capability}" in capabilities.toml'
    for hospital in pack.readiness.hospital:
        if hospital.agency and hospital.agency not in agencies:
            yield f'readiness.toml: hospital "{hospital.code}" > agency: no "{hospital.agency}"'
    for unit in pack.fleet.unit:
        if unit.post and (unit.post not in posts or posts[unit.post].agency != unit.agency):
            where = f'fleet.toml: unit "{unit.call_sign}" > post'
            yield f'{where}: its agency has no post "{unit.post}" in readiness.toml'


def _check_lists(pack: Pack) -> Iterator[str]:
    kinds = Agency | Capability | Category | Criterion | Disposition | PhoneBookEntry | Reason
    lists: dict[str, Iterable[kinds]] = {
        "agencies.toml: agency": pack.agencies,
        "capabilities.toml: capability": pack.capabilities,
        "dispositions.toml: disposition": pack.dispositions,
        "quality.toml: question": pack.quality,
        "phonebook.toml: entry": pack.phone_book,
        "categories.toml: category": pack.categories,
        **{
            f"reasons.toml: {purpose}": getattr(pack.reasons, purpose)
            for purpose in Reasons.model_fields
        },
    }
    for where, rows in lists.items():
        for code in repeated(row.code for row in rows):
            yield f'{where} "{code}": appears twice'
    agencies = {agency.code for agency in pack.agencies}
    for entry in pack.phone_book:
        if entry.agency and entry.agency not in agencies:
            yield f'phonebook.toml: entry "{entry.code}" > agency: no "{entry.agency}"'
    for category in pack.categories:
        if category.agency not in agencies:
            yield (f'categories.toml: category "{category.code}" > agency: no "{category.agency}"')
        for code in repeated(attribute.code for attribute in category.attribute):
            yield f'categories.toml: category "{category.code}" > attribute "{code}": appears twice'
    streams = {f"type:{kind.code}" for kind in pack.types} | {"all", "prank"}
    streams |= {f"category:{category.code}" for category in pack.categories}
    for stream in repeated(advice.stream for advice in pack.advice):
        yield f'advice.toml: advice "{stream}": appears twice'
    for advice in pack.advice:
        if advice.stream not in streams:
            yield f'advice.toml: advice "{advice.stream}": no such type or category'
        if advice.agency and advice.agency not in agencies:
            yield f'advice.toml: advice "{advice.stream}" > agency: no "{advice.agency}"'
    groups = {kind.group for kind in pack.types} | {agency.kind for agency in pack.agencies}
    seen: set[tuple[str, str, str, int, int]] = set()
    for number, target in enumerate(pack.targets, start=1):
        where = f"targets.toml: target number {number} ({target.clock})"
        if target.group and target.group not in groups:
            yield f'{where} > group: "{target.group}" is no type group or agency kind'
        key = (target.clock, target.group, target.statistic, target.percent, target.seconds)
        if key in seen:
            yield f"{where}: appears twice"
        seen.add(key)
