import copy
import pickle
import re
from collections.abc import Callable, Iterator
from itertools import chain

import pytest

from tasks.domain import errors
from tasks.domain.errors import MergeHubError

LINE = re.compile(r" {4}(?P<indent>[│├└─ ]*)(?P<name>\w+) *(?P<retryable>\(retryable\))?")


def defined(kind: type[MergeHubError], depth: int = 0) -> Iterator[tuple[int, str, bool]]:
    """Depth, name, and whether it is retryable, in the order of definition."""
    yield depth, kind.__name__, kind.retryable
    below = (one for one in kind.__subclasses__() if one.__module__ == errors.__name__)
    yield from chain.from_iterable(defined(one, depth + 1) for one in below)


def drawn() -> list[tuple[int, str, bool]]:
    """The same as the docstring of the module draws it; four characters a level."""
    lines = LINE.finditer((errors.__doc__ or "").split("\n\n")[1] + "\n")
    return [(len(line["indent"]) // 4, line["name"], line["retryable"] is not None) for line in lines]


KINDS = [getattr(errors, name) for _, name, _ in drawn()]


def test_the_classes_are_the_tree_that_is_drawn() -> None:
    assert list(defined(MergeHubError)) == drawn()


def test_every_code_is_one_class_s() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_is_written_in_kebab_case(kind: type[MergeHubError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_what_happened_and_what_to_do(kind: type[MergeHubError]) -> None:
    error = kind("no answer", remedy="Run again.")

    assert (str(error), error.message, error.remedy) == ("no answer", "no answer", "Run again.")


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_cannot_be_made_without_a_remedy(kind: type[MergeHubError]) -> None:
    with pytest.raises(TypeError, match="remedy"):
        kind("no answer")  # type: ignore[call-arg]


def pickled(error: MergeHubError) -> MergeHubError:
    again: MergeHubError = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own bytes
    return again


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
@pytest.mark.parametrize("kind", KINDS)
def test_an_error_survives_the_way_between_processes(
    kind: type[MergeHubError], again: Callable[[MergeHubError], MergeHubError]
) -> None:
    error = again(kind("no answer", remedy="Run again."))

    assert type(error) is kind
    assert (error.message, error.remedy) == ("no answer", "Run again.")
