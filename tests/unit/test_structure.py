"""Every page can be held in the head, every folder seen at a glance, and every name means one thing.

The figures are printed by `python -m tests.structure`; the arrows between the rooms are in `pyproject.toml`.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator

from tests import glossary, structure
from tests.shown_elsewhere import SHOWN_ELSEWHERE

MODULES_IN_A_FOLDER = 16
MODULE_LINES = 300
MEDIAN_LINES = (70, 130)
FUNCTION_LINES = 60

# A stem that stands twice, and why that helps.
COMMAND = "a module of the command line is called like its command"
TWICE = dict.fromkeys(("publish", "replay", "deliveries"), COMMAND)

SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "tools", "stuff"}
PRONOUNS = {"because", "its", "ours", "that", "those", "who", "why"}
OF_AN_OFFICE = {
    *("agenda", "desk", "folder", "mailroom", "parcel", "practice", "scene", "shift", "slips", "speaker"),
    *("filing", "firing", "marking", "story", "twins", "warehouse", "wake"),
}
NOUNS_IN_ING_AND_ED = {"feed", "message_meaning", "paging", "screening", "wording"}


PATCHES = {"setattr", "patch", "setitem", "setenv", "delenv", "delattr", "delitem"}
ON_ONE_HAND = 5
# Takes each control out of the program, to see that a life goes wrong without it.
BREAKS_ON_PURPOSE = {"test_lifetime.py"}


def test_a_module_is_short() -> None:
    long = {str(it): lines for it in structure.modules() if (lines := structure.lines(it)) > MODULE_LINES}

    assert long == {}


def test_a_function_is_short() -> None:
    functions = ((it, *found) for it in structure.modules() for found in structure.functions(it))
    long = {f"{module}:{name}": lines for module, name, lines in functions if lines > FUNCTION_LINES}

    assert long == {}


def test_a_module_in_the_middle_has_about_a_hundred_lines() -> None:
    least, most = MEDIAN_LINES

    assert least <= structure.middle() <= most


def test_a_match_over_an_enum_names_every_member() -> None:
    matches = [
        (f"{module}:{node.lineno}", node)
        for module in structure.modules()
        for node in structure.nodes(module)
        if isinstance(node, ast.Match) and _over_an_enum(node)
    ]

    assert len(matches) > 10
    assert [place for place, node in matches if not _ends_with_never(node)] == []


def _over_an_enum(match: ast.Match) -> bool:
    """Some case is a member: a dotted name. The numbers of `errno` are no enum."""
    values = (
        it.value for case in match.cases for it in ast.walk(case.pattern) if isinstance(it, ast.MatchValue)
    )
    dotted = (ast.unparse(it) for it in values if isinstance(it, ast.Attribute))
    return any(not it.startswith("errno.") for it in dotted)


def _ends_with_never(match: ast.Match) -> bool:
    last = match.cases[-1]
    name = last.pattern.name if isinstance(last.pattern, ast.MatchAs) else None
    return last.guard is None and [ast.unparse(it) for it in last.body] == [f"assert_never({name})"]


def test_a_folder_can_be_seen_at_a_glance() -> None:
    full = {folder for folder, held in structure.folders().items() if held > MODULES_IN_A_FOLDER}

    assert full == set()


def test_no_modules_import_each_other_in_a_ring() -> None:
    assert structure.circle() == []


def test_the_list_of_modules_without_celery_is_whole() -> None:
    project = tomllib.loads((structure.ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = {it["name"]: it for it in project["tool"]["importlinter"]["contracts"]}
    listed = contracts["Only celery_app, celery_tasks, task_messages and part_tasks know Celery"][
        "source_modules"
    ]
    rooms = ("adapter", "mappings", "workers")
    held = {".".join(it.with_suffix("").parts) for it in structure.modules() if it.parts[0] in rooms}
    outside = {it for it in held if not any(f"{it}.".startswith(f"{name}.") for name in listed)}

    assert outside == {
        f"workers.{it}" for it in ("__init__", "__main__", "bulk.__init__", "bulk.part_tasks")
    } | {f"workers.queue.{it}" for it in ("__init__", "celery_app", "celery_tasks", "task_messages")}


def test_the_clinical_core_is_tested_with_nothing_but_itself_and_the_mappings() -> None:
    tests = structure.ROOT / "tests"
    held = [*(tests / "unit" / "clinical").rglob("*.py"), tests / "factories.py"]
    assert len(held) > 20
    written = {it.name: it.read_text("utf-8") for it in held}
    outside = ("import workers", "from workers", "from adapter.fhir", "from osteo_handover", "tmp_path")
    assert [(name, it) for name, text in written.items() for it in outside if it in text] == []


THE_CORE_ALONE = """
import sys
for name in ("workers", "adapter.fhir", "osteo_handover"):
    sys.modules[name] = None  # whoever imports it fails
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "tests/unit/clinical"]))
"""


def test_the_tests_of_the_clinical_core_pass_where_there_are_no_workers_and_no_fhir() -> None:
    run = subprocess.run(
        [sys.executable, "-c", THE_CORE_ALONE],
        cwd=structure.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    (passed,) = re.findall(r"(\d+) passed", run.stdout)
    assert int(passed) > 1000


def test_no_test_replaces_a_part_of_our_own_code() -> None:
    """A double is handed in, and so is a setting. What is patched is the system or another library."""
    replaced = {
        f"{file.relative_to(structure.ROOT)}:{call.lineno}": target
        for file in sorted((structure.ROOT / "tests").rglob("*.py"))
        if file.name not in BREAKS_ON_PURPOSE
        for call, target in _patches(ast.parse(file.read_text("utf-8")))
    }

    assert 0 < len(replaced) <= ON_ONE_HAND
    ours = re.compile(rf"({'|'.join((*structure.ROOMS, 'tests'))})\b")
    assert {place: it for place, it in replaced.items() if ours.match(it)} == {}


def _patches(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Each call that patches, with the name of what it changes; of ours where nobody can tell."""
    imported = {
        it.asname or it.name: node.module or "" if isinstance(node, ast.ImportFrom) else it.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for it in node.names
    }
    for call in (it for it in ast.walk(tree) if isinstance(it, ast.Call) and it.args):
        if isinstance(call.func, ast.Attribute) and call.func.attr in PATCHES:
            match call.args[0]:
                case ast.Constant(value=str(target)):
                    yield call, target
                case target:
                    name = ast.unparse(target)
                    yield call, imported.get(name.partition(".")[0], f"tests: {name}")


MIRRORED = ("adapter", "mappings", "workers/queue", "workers/review")


def test_the_unit_tests_lie_as_the_modules_do() -> None:
    """A module has its tests under its own name, or stands in the list of those that others show."""
    elsewhere = {it for shown in SHOWN_ELSEWHERE.values() for held in shown.values() for it in held}
    mirrored = {
        module.with_suffix("").as_posix(): structure.tests_of(module)
        for module in structure.modules()
        if module.stem not in structure.NAMELESS and module.as_posix().startswith(MIRRORED)
    }

    assert {it for it, tests in mirrored.items() if not tests.exists()} == elsewhere
    named = {it for shown in SHOWN_ELSEWHERE.values() for it in shown}
    assert {it for it in named if not (structure.ROOT / f"{it}.py").exists()} == set()


def test_a_module_name_stands_once() -> None:
    held = structure.twice(structure.stems())

    assert held.keys() == TWICE.keys()


def test_a_class_name_stands_once() -> None:
    assert structure.twice(structure.classes()) == {}


def test_a_type_alias_stands_once() -> None:
    assert structure.twice(structure.aliases()) == {}
    assert structure.aliases().keys() & structure.classes().keys() == set()


def test_json_has_one_word() -> None:
    """Whoever takes a resource says so: the list of modules with patient data goes by the word."""
    homes = {
        place for name in ("Json", "ReadOnlyJson", "Resource") for place in structure.aliases().get(name, [])
    }

    assert [it.as_posix() for it in homes] == ["adapter/input/wire_json.py"]


def test_a_module_is_named_after_what_is_in_it() -> None:
    participles = {it for it in structure.stems() if re.search(r"(ing|ed)$", it)} - NOUNS_IN_ING_AND_ED

    assert (SAYS_NOTHING | PRONOUNS | OF_AN_OFFICE) & structure.stems().keys() == set()
    assert participles == set()


def test_a_parameter_is_named_by_a_noun() -> None:
    pronouns = {"it", "one", "some", "mine", "these", "this", "theirs", "those", "them"}
    parameters = {
        f"{module}:{argument.lineno} {argument.arg}"
        for module in structure.modules()
        for function in structure.nodes(module)
        if isinstance(function, ast.FunctionDef)
        for argument in (*function.args.args, *function.args.kwonlyargs)
        if argument.arg in pronouns
    }

    assert parameters == set()


def test_the_glossary_has_every_class_of_more_than_local_use() -> None:
    assert any(it.startswith("| `BoneRecord` | Everything known") for it in glossary.rows())
    assert glossary.page() == structure.GLOSSARY.read_text("utf-8"), "make docs"


def test_every_such_class_says_what_it_is() -> None:
    assert [row for row in glossary.rows() if "|  |" in row] == []


def test_the_map_of_a_folder_names_everything_in_it() -> None:
    unnamed = {}
    for init in (it for it in structure.modules() if it.name == "__init__.py"):
        folder = structure.ROOT / init.parent
        held = {it.stem for it in folder.glob("*.py")} - {"__init__", "__main__"}
        held |= {it.parent.name for it in folder.glob("*/__init__.py")}
        told = ast.get_docstring(structure.tree(init)) or ""
        if missing := held - set(re.findall(r"\w+", told)):
            unnamed[str(init.parent)] = sorted(missing)

    assert unnamed == {}
