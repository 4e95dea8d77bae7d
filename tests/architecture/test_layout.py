"""Rules about the code that no linter knows."""

import ast
import inspect
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from flows import boundary, documentation, repository_merge

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("flows", "tasks", "config", "deployments")
MAXIMUM_FILE_LINES = 300
MAXIMUM_FUNCTION_LINES = 60
MAXIMUM_JOURNEY_LINES = 60


def modules() -> Iterator[Path]:
    for folder in PRODUCT:
        yield from sorted((ROOT / folder).rglob("*.py"))


def lines_of_text(path: Path) -> int:
    return sum(1 for line in path.read_text("utf-8").splitlines() if line.strip())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("folder", PRODUCT)
def test_no_file_is_longer_than_can_be_read_at_once(folder: str) -> None:
    paths = (ROOT / folder).rglob("*.py")

    assert [str(path) for path in paths if lines_of_text(path) > MAXIMUM_FILE_LINES] == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in modules()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > MAXIMUM_FUNCTION_LINES
    ]

    assert long == []


def test_no_module_of_flows_takes_the_place_of_another_where_prefect_searches_beside_the_flow() -> None:
    """A worker loads a flow with its folder ahead of all packages: a `requests.py` there would be everybody's."""
    known = set(sys.stdlib_module_names).union(packages_distributions())

    assert [path.name for path in (ROOT / "flows").iterdir() if path.stem in known - {"__init__"}] == []


def test_the_domain_has_no_clock() -> None:
    told = [path.name for path in (ROOT / "tasks" / "domain").glob("*.py") if ".now(" in path.read_text("utf-8")]

    assert told == []


def test_the_journey_can_be_read_in_a_minute() -> None:
    source = inspect.getsource(repository_merge)

    assert len(source.splitlines()) <= MAXIMUM_JOURNEY_LINES


def test_every_step_that_the_readme_names_is_called_by_a_flow() -> None:
    source = inspect.getsource(repository_merge) + inspect.getsource(boundary)
    uncalled = [function for _, function, _ in documentation.JOURNEY if f"{function}(" not in source]

    assert uncalled == []
