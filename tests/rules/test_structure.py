"""The shape of the code, which newcomers rely on."""

import ast
import re

from sigap.core.parameters import PARAMETERS

from .syntax import PRODUCT, called, calls, chain, files, name, strings, tree

# Who may write besides actions.py and core/actions/, and why.
WRITERS = {
    "sigap/core/machine.py": "move() and change() write a row together with its state",
    "sigap/core/rows.py": "the statements themselves",
    "sigap/core/transaction.py": "flushes the journal rows of the open command",
    "sigap/core/inbox.py": "the fast way in: appends in a group commit, and ticks off",
    "sigap/core/sessions.py": "Django's sessions, which keep themselves",
    "sigap/core/pictures.py": "saves pictures to memory, no rows",
}
LONGEST = 450  # lines; from about 400 a file becomes a folder of the same name
SAVING = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
READING = {"filter", "exclude", "all", "objects", "_default_manager", "select_related"}
VAGUE = re.compile(r"(service|manager|helper|util|repositor|handler|dto)s?\b|_dto|dto_")


def writes(call: ast.Call) -> bool:
    """Whether a call writes to the database. `update` is also a verb of dicts and sets: it
    counts on a chain of the ORM, or with keywords only, which is how rows are updated."""
    if not isinstance(call.func, ast.Attribute):
        return False
    verb, receiver = call.func.attr, list(chain(call.func.value))
    if receiver[:1] == ["session"]:
        return False
    if verb == "update":
        return bool(READING & set(receiver)) or (bool(call.keywords) and not call.args)
    return verb in SAVING or (verb == "delete" and not call.args)


def may_write(path: str) -> bool:
    return path in WRITERS or path.endswith("/actions.py") or "/actions/" in path


def test_only_actions_write() -> None:
    found = [
        f"{name(path)}:{call.lineno} .{called(call)}("
        for path in files()
        if not may_write(name(path))
        for call in calls(path)
        if writes(call)
    ]
    assert found == []


def test_only_actions_write_in_sql_either() -> None:
    sql = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|REPLACE)\s", re.IGNORECASE)
    found = [
        f"{name(path)}: {text[:40]}"
        for path in files()
        if not may_write(name(path))
        for call in calls(path)
        if called(call) in ("execute", "executemany", "raw")
        for text in strings(call)
        if sql.match(text)
    ]
    assert found == []


def test_only_actions_use_the_statements_of_core_rows_that_write() -> None:
    """A console has a `rows` of its own, so only core's files may mean core's by `.rows`."""
    found = []
    for path in files():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ImportFrom) or may_write(name(path)):
                continue
            near = node.module == "rows" and "sigap/core/" in name(path)
            if near or node.module == "sigap.core.rows":
                verbs = {part.name for part in node.names} & {
                    "insert",
                    "write",
                    "write_all",
                    "append",
                }
                found += [f"{name(path)}: {verb}" for verb in verbs]
    assert found == []


def test_only_dispatch_ends_incidents_and_withdraws_units() -> None:
    """Dispatch alone knows of incidents and units both, and lets neither end behind the other's
    back; the actions of the rooms below it are its parts."""
    parts = {"resolve_incident", "close_incident", "cancel_incident", "unmerge_incident"}
    parts |= {"start_incident", "wait_incident", "set_availability"}
    rooms = ("sigap.incidents.actions", "sigap.fleet.actions")
    found = []
    for path in files():
        if name(path).startswith(("sigap/dispatch/", "sigap/incidents/", "sigap/fleet/")):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module in rooms:
                found += [f"{name(path)}: {part.name}" for part in node.names if part.name in parts]
            elif isinstance(node, ast.Attribute) and node.attr in parts:
                found.append(f"{name(path)}: {node.attr}")
    assert found == []


def test_the_rule_about_writing_knows_a_row_from_a_dict() -> None:
    def found(code: str) -> bool:
        call = ast.parse(code, mode="eval").body
        assert isinstance(call, ast.Call)
        return writes(call)

    assert found("Call.objects.filter(pk=1).update(state='x')")
    assert found("rows.update(state='x')")
    assert found("call.save(update_fields=['x'])")
    assert found("Text.objects.create(body='x')")
    assert found("Call.objects.all().delete()")
    assert not found("seen.update(other)")
    assert not found("found.setdefault('x', {}).update(other)")
    assert not found("request.session.save()")


def test_an_exception_to_a_rule_is_still_needed() -> None:
    assert {path for path in WRITERS if not (PRODUCT.parent / path).exists()} == set()


def test_nothing_has_a_name_that_says_nothing() -> None:
    named = [name(p.with_suffix("")) for p in files()]
    classes = [
        f"{name(path)}: {node.name}"
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        and re.search("(Service|Helper|Repository|DTO)$", node.name)
    ]
    assert [n for n in named if VAGUE.search(n)] + classes == []


def test_only_the_clock_knows_what_time_it_is() -> None:
    forbidden = {"datetime.now", "datetime.utcnow", "datetime.today", "timezone.now", "date.today"}
    forbidden |= {"timezone.localtime", "timezone.localdate", "time.time", "dt.now"}
    found = []
    for path in files():
        if path == PRODUCT / "core" / "clock.py":
            continue
        for call in calls(path):
            last = list(chain(call.func))[:2]
            if ".".join(reversed(last)) in forbidden and not (last[0] == "localtime" and call.args):
                found.append(f"{name(path)}:{call.lineno}")
    assert found == []


def test_everything_public_says_what_it_is_for() -> None:
    found = []
    for path in files():
        if path.name == "apps.py":
            continue
        for owner in [tree(path), *(n for n in tree(path).body if isinstance(n, ast.ClassDef))]:
            if isinstance(owner, ast.ClassDef) and (owner.name[0] == "_" or is_protocol(owner)):
                continue
            for node in owner.body:
                if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    continue
                public = node.name[0] != "_" and node.name not in ("Meta", "Media")
                if public and not ast.get_docstring(node):
                    found.append(f"{name(path)}:{node.lineno} {node.name}")
    assert found == []


def is_protocol(node: ast.ClassDef) -> bool:
    return any("Protocol" in list(chain(base)) for base in node.bases)


def test_no_file_has_outgrown_its_name() -> None:
    sizes = {name(path): len(path.read_text().splitlines()) for path in files()}
    assert {path: size for path, size in sizes.items() if size > LONGEST} == {}


def test_every_parameter_is_asked_for_by_its_name() -> None:
    asked = {
        argument.value
        for path in files()
        for call in calls(path)
        if called(call) == "value"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
    assert set(PARAMETERS) - asked == set()
    assert {n for n in asked if isinstance(n, str) and "." in n} - set(PARAMETERS) == set()
