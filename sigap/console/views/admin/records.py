"""The pages of every section: list, search, add, change, remove."""

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from sigap.core.actions.configuration import remove as remove_record
from sigap.core.actors import Permission
from sigap.core.errors import Invalid, Missing
from sigap.core.journal import subject_of
from sigap.core.queries import fetch
from sigap.core.transaction import transaction
from sigap.core.web import Request, view

from .cells import cell_of, code_names, title_of
from .forms import Editing, form_class
from .labels import LABELS
from .log import changes_of, last_change, recent
from .section import Section
from .sections import SECTIONS

P = Permission
PAGE = 100
# A list shows these in the reader's language only.
LOCAL = {"name": lazy("Name"), "text": lazy("Words")}


@view(P.ADMINISTER)
def index(request: Request) -> HttpResponseBase:
    """What can be changed, and what was changed last."""
    return render(request, "console/admin/index.html", {"changes": recent(), "here": ""})


@view(P.ADMINISTER)
def listing(request: Request, name: str) -> HttpResponseBase:
    """The records of a section, with a search."""
    section = _section(name)
    if section.parent:
        return redirect(f"/admin/{section.parent_section}")
    words = request.GET.get("q", "").replace("\x00", "")[:100].strip()
    found = _listed(section)
    for word in words.split():
        found = found.filter(_matches(section, word))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = _table(section, page.object_list) | {
        "section": section,
        "page": page,
        "q": words,
        "here": name,
        "add": f"/admin/{name}/add",
    }
    return render(request, "console/admin/list.html", context)


@view(P.ADMINISTER, "GET", "POST")
def add(request: Request, name: str) -> HttpResponseBase:
    """Make a record; of a child section, the one it belongs to is in the address."""
    section = _section(name)
    parent = None
    if section.parent:
        model = SECTIONS[section.parent_section].model
        parent = fetch(model, pk=_number(request.GET.get("of", "")))
    return _edit(request, section, None, parent)


@view(P.ADMINISTER, "GET", "POST")
def change(request: Request, name: str, key: int) -> HttpResponseBase:
    """Look at a record and change it."""
    section = _section(name)
    row = fetch(section.model, pk=key)
    parent = getattr(row, section.parent) if section.parent else None
    return _edit(request, section, row, parent)


@view(P.ADMINISTER, "GET", "POST")
def remove(request: Request, name: str, key: int) -> HttpResponseBase:
    """Remove a record, after the question whether it is meant."""
    section = _section(name)
    row = fetch(section.model, pk=key)
    if not section.removable:
        raise Invalid(_("This can be taken out of use, but not removed."), code="not_removable")
    parent = getattr(row, section.parent) if section.parent else None
    back = _address_of(parent, section.parent_section) if parent else f"/admin/{name}"
    if request.method != "POST":
        title = title_of(section, row)
        context = {"section": section, "row": title, "here": _menu(section), "back": back}
        return render(request, "console/admin/remove.html", context)
    _refuse_used_question(section, row)
    remove_record(row, code=_known_by(row), actor=request.actor)
    section.saved()
    return redirect(back)


def _edit(
    request: Request, section: Section, row: models.Model | None, parent: models.Model | None
) -> HttpResponse:
    instance = row or section.model(**({section.parent: parent} if section.parent else {}))
    subject = subject_of(row) if row else ""
    seen = last_change(subject)
    posted = request.POST if request.method == "POST" else None
    form = form_class(section)(section, posted, instance=instance, parent=parent)
    if posted is not None and form.is_valid():
        if row and posted.get("seen", "") != str(seen):
            form.add_error(None, _("Somebody changed this in the meantime; see below, then save."))
        else:
            saved = _save(request, section, form, row, parent)
            if saved:
                section.saved()
                request.session["told"] = _("Saved.")
                return redirect(_after(section, saved, parent))
    context = {
        "section": section,
        "form": form,
        "here": _menu(section),
        "title": title_of(section, section.model._default_manager.get(pk=row.pk)) if row else "",
        "told": request.session.pop("told", ""),
        "editable": any(not field.disabled for field in form.fields.values()),
        "seen": str(seen),
        "back": _address_of(parent, section.parent_section) if parent else f"/admin/{section.name}",
        "remove": f"{_address_of(row, section.name)}/remove" if row and section.removable else "",
        "children": [_child(SECTIONS[child], row) for child in section.children] if row else [],
        "changes": changes_of(subject) if row else [],
    }
    status = 400 if posted is not None else 200
    return render(request, "console/admin/record.html", context, status=status)


def _save(
    request: Request,
    section: Section,
    form: Editing,
    row: models.Model | None,
    parent: models.Model | None,
) -> models.Model | None:
    fields: dict[str, Any] = dict(form.cleaned_data)
    if parent is not None:
        fields[section.parent] = parent
    try:
        with transaction():
            return section.define(
                section.model, key={"pk": row.pk if row else None}, actor=request.actor, **fields
            )
    except Invalid as error:
        form.refuse(error)
        return None


def _after(section: Section, saved: models.Model, parent: models.Model | None) -> str:
    if parent is not None:
        return _address_of(parent, section.parent_section)
    return _address_of(saved, section.name)


def _child(section: Section, row: models.Model | None) -> dict[str, Any]:
    rows = _listed(section).filter(**{section.parent: row})
    assert row is not None
    return _table(section, rows) | {
        "section": section,
        "add": f"/admin/{section.name}/add?of={row.pk}",
    }


def _listed(section: Section) -> models.QuerySet[models.Model]:
    """All records of a section in its order, with what its list names of others."""
    meta = section.model._meta
    named_too = [c for c in section.columns if meta.get_field(c).is_relation]
    rows = section.model._default_manager.order_by(*section.order)
    return rows.select_related(*named_too) if named_too else rows


def _table(section: Section, rows: Any) -> dict[str, Any]:
    names = code_names()
    return {
        "columns": [LOCAL.get(c) or LABELS.get(c, c) for c in section.columns],
        "rows": [
            {
                "address": _address_of(row, section.name),
                "cells": [cell_of(row, column, names) for column in section.columns],
                "inactive": getattr(row, "active", True) is False,
            }
            for row in rows
        ],
    }


def _refuse_used_question(section: Section, row: models.Model) -> None:
    """A rule that waits for an answer nobody can give any more would never hold again."""
    if section.name != "questions":
        return
    rules = SECTIONS["rules"].model._default_manager.filter(type=getattr(row, "type"))  # noqa: B009
    using = [rule.code for rule in rules if getattr(row, "code") in rule.when]  # type: ignore[attr-defined]  # noqa: B009
    if using:
        raise Invalid(
            _("A rule asks this question; change the rule first: %(rules)s")
            % {"rules": ", ".join(using)},
            code="used",
        )


def _matches(section: Section, word: str) -> Q:
    where = Q()
    for name in section.search:
        where |= Q(**{f"{name}__icontains": word})
    return where


def _section(name: str) -> Section:
    if name not in SECTIONS:
        raise Missing(_("There is nothing at this address."))
    return SECTIONS[name]


def _menu(section: Section) -> str:
    return section.parent_section or section.name


def _address_of(row: models.Model, section: str) -> str:
    return f"/admin/{section}/{row.pk}"


def _known_by(row: models.Model) -> str:
    code = str(getattr(row, "code", ""))
    return code if len(code) <= 64 else ""  # noqa: PLR2004 - what the journal takes


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
