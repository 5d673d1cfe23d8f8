"""The ceilings of the house: how long a thing may be, where imports stand, what is explained."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import BASE_DIR, Source, committed_files, sources

FUNCTION_LINES = 60
CLASS_LINES = 150
FILE_LINES = 400
TEST_FILE_LINES = 500
PARAMETERS = 5
NAMELESS_ROOMS = {"core", "common", "utils", "util", "helpers", "misc", "shared"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: Source) -> Iterator[Function]:
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def classes(source: Source) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef))


def length(node: Function | ast.ClassDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_is_longer_than_its_ceiling() -> None:
    assert [
        f"{source.name}:{node.lineno} {node.name} has {length(node)} lines"
        for source in sources()
        for node in functions(source)
        if length(node) > FUNCTION_LINES
    ] == []


def test_no_class_is_longer_than_its_ceiling() -> None:
    assert [
        f"{source.name}:{node.lineno} {node.name} has {length(node)} lines"
        for source in sources()
        for node in classes(source)
        if length(node) > CLASS_LINES
    ] == []


def test_no_file_is_longer_than_its_ceiling() -> None:
    lengths = {source: len(source.text.splitlines()) for source in sources()}

    assert [
        f"{source.name} has {count} lines"
        for source, count in lengths.items()
        if count > (TEST_FILE_LINES if source.is_test else FILE_LINES)
    ] == []


def test_no_function_takes_more_than_five_parameters() -> None:
    assert [
        f"{source.name}:{node.lineno} {node.name} takes {count_parameters(node)}"
        for source in sources()
        if not source.is_test
        for node in functions(source)
        if count_parameters(node) > PARAMETERS
    ] == []


def count_parameters(node: Function) -> int:
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return len([name for name in names if name not in {"self", "cls"}])


def test_no_import_stands_inside_a_function() -> None:
    wrong = []
    for source in sources():
        for node in functions(source):
            is_ready = node.name == "ready" and source.name.endswith("/apps.py")
            inside = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            if inside and not is_ready:
                wrong.append(f"{source.name}:{inside[0].lineno} in {node.name}")

    assert wrong == []


def test_everything_public_explains_itself() -> None:
    wrong = [
        f"{source.name}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', 'the module')}"
        for source in sources()
        if not source.is_test
        for node in public_things(source.tree)
        if not ast.get_docstring(node)
    ]

    assert wrong == []


def public_things(tree: ast.Module) -> Iterator[ast.Module | ast.ClassDef | Function]:
    if tree.body:
        yield tree
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
            continue
        if node.name != "Command":  # its `help` is what people read
            yield node
        if isinstance(node, ast.ClassDef):
            # A method that Django calls (save, clean, handle) is explained where Django does.
            known = {"Meta", "handle", "add_arguments", "ready", "clean", "save", "delete"}
            methods = (inner for inner in node.body if isinstance(inner, Function))
            yield from (m for m in methods if not m.name.startswith("_") and m.name not in known)


def test_every_room_has_a_name_of_its_own() -> None:
    paths = [path.relative_to(BASE_DIR) for path in committed_files()]

    assert [str(p) for p in paths if {*p.parts[:-1], p.stem} & NAMELESS_ROOMS] == []
