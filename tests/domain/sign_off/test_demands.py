"""When which signature is needed."""

from dataclasses import replace

import pytest

from config.schema import SignOff, SignOffWhen
from tasks.domain.path_patterns import is_meant
from tasks.domain.sign_off import concerned, demanded
from tests.domain.builders import pull_request
from tests.domain.sign_off.signed import PLATFORM, rules

PLAIN = pull_request(1)
OF_AUTH = pull_request(2, files=("src/auth/login.py",))
LABELLED = pull_request(3, labels=["Security"])


def when(role: str = "security-lead", **case: object) -> SignOff:
    return SignOff(role=role, when=SignOffWhen.model_validate(case))


@pytest.mark.parametrize(
    ("sign_off", "whom"),
    [
        (PLATFORM, {1, 2, 3}),
        (when(paths=["src/auth/**"]), {2}),
        (when(labels=["security"]), {3}),
        (when(paths=["src/auth/**"], labels=["security"]), {2, 3}),
        (when(batch_size=3), {1, 2, 3}),
        (when(batch_size=4), set()),
    ],
)
def test_a_demand_is_about_whom_its_case_names(sign_off: SignOff, whom: set[int]) -> None:
    pulls = [PLAIN, OF_AUTH, LABELLED]

    assert concerned(pulls, 3, rules(sign_off)) == whom
    assert demanded(pulls, 3, rules(sign_off)) == ({sign_off.role} if whom else set())


def test_files_that_the_code_host_does_not_list_may_be_any() -> None:
    assert concerned([replace(PLAIN, file_count=9)], 1, rules(when(paths=["src/auth/**"]))) == {1}


@pytest.mark.parametrize(
    ("path", "pattern", "meant"),
    [
        ("src/auth/login.py", "src/auth/**", True),
        ("src/auth", "src/auth/**", False),
        ("src/auth/login.py", "src/auth/", True),
        ("a/b/Dockerfile", "**/Dockerfile", True),
        ("Dockerfile", "**/Dockerfile", True),
        ("a/b.py", "*.py", False),
        ("b.py", "*.py", True),
        ("b.py", "?.py", True),
        ("src/x/test.py", "src/*/test.py", True),
        ("src/x/y/test.py", "src/*/test.py", False),
        ("a+b.py", "a+b.py", True),
        ("aab.py", "a+b.py", False),
        ("src/a\nb", "src/**", True),
    ],
)
def test_a_pattern_means_paths_as_people_read_it(path: str, pattern: str, meant: bool) -> None:  # noqa: FBT001 -- a table
    assert is_meant(path, pattern) is meant
