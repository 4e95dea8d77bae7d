"""When which signature is needed."""

import pytest

from config.schema import SignOff, SignOffWhen
from tasks.domain.circumstances import Need, needed
from tasks.domain.model import Circumstances, Contribution
from tasks.domain.sign_off import concerned, demanded
from tests.domain.builders import contribution, pull_request
from tests.domain.sign_off.signed import PLATFORM, rules

PLAIN = pull_request(1)
OF_AUTH = pull_request(2)
LABELLED = pull_request(3, labels=["Security"])
KNOWN = Circumstances(
    contributions={
        1: contribution("README.md"),
        2: contribution("login.py", "src/auth/login.py", number=2),
        3: contribution("authority.py", number=3),
    }
)


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

    assert concerned(pulls, 3, rules(sign_off), KNOWN) == whom
    assert demanded(pulls, 3, rules(sign_off), KNOWN) == ({sign_off.role} if whom else set())


@pytest.mark.parametrize(
    "known",
    [
        None,
        contribution("README.md", head="f" * 40),
        contribution("README.md", complete=False),
        contribution("README.md", files=()),
    ],
)
def test_what_is_not_known_to_be_changed_may_be_anything(known: Contribution | None) -> None:
    circumstances = Circumstances(contributions={} if known is None else {1: known})

    assert concerned([PLAIN], 1, rules(when(paths=["/src/auth/"])), circumstances) == {1}


def test_git_is_asked_for_what_is_changed_only_where_a_signature_depends_on_it() -> None:
    assert Need.CONTRIBUTIONS in needed(rules(PLATFORM, when(paths=["/src/auth/"])))
    assert needed(rules(PLATFORM, when(labels=["security"]))) == needed(rules(PLATFORM))
