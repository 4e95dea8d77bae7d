"""What is not well about the credential that the hub acts with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tasks.domain.credentials import (
    NEEDED_PERMISSIONS,
    READING,
    WRITING,
    ConcernKind,
    CredentialKind,
    CredentialState,
    Dates,
    SecretFound,
    age_of,
    concerns,
    excess_permissions,
    excess_scopes,
    lacking_permissions,
    of_those_granted,
    secret_concerns,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STATE = CredentialState(
    kind=CredentialKind.CLASSIC,
    source="the environment",
    fingerprint="f",
    age_days=10,
    seen_days=5,
    expires_at=NOW + timedelta(days=60),
    permissions=("repo",),
)


def told(**changes: object) -> dict[str, str]:
    return {each.kind.value: each.found for each in concerns(replace(STATE, **changes), NOW)}  # type: ignore[arg-type]


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_a_young_token_with_what_it_needs_is_well() -> None:
    assert told() == {}


def test_ninety_days_are_not_too_old_and_ninety_one_are() -> None:
    assert told(age_days=90) == {}
    assert told(age_days=91) == {"too-old": "it is 91 days old"}


def test_an_age_that_nobody_states_is_not_young_however_lately_it_was_seen() -> None:
    assert told(age_days=None, seen_days=0) == {"age-unknown": "nobody says how old it is"}


def test_a_token_that_the_log_knows_for_long_is_too_old_whatever_nobody_states() -> None:
    assert told(age_days=None, seen_days=91) == {"too-old": "it is at least 91 days old"}


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(), {"expired": "it expired on 2026-03-02"}),
        (timedelta(days=-3), {"expired": "it expired on 2026-02-27"}),
        (timedelta(days=13, hours=23), {"expires-soon": "it expires on 2026-03-16, in 13 days"}),
        (timedelta(days=14), {}),
    ],
    ids=str,
)
def test_the_end_is_told_of_two_weeks_before(left: timedelta, expected: dict[str, str]) -> None:
    assert told(expires_at=NOW + left) == expected


def test_the_token_of_an_app_which_ends_within_the_hour_is_no_concern() -> None:
    assert told(kind=CredentialKind.APP, age_days=0, expires_at=NOW + timedelta(minutes=50)) == {}


def test_what_it_may_do_beyond_its_need_is_named() -> None:
    found = concerns(replace(STATE, excess=("delete_repo", "gist")), NOW)

    assert [each.kind for each in found] == [ConcernKind.EXCESS_PERMISSIONS]
    assert found[0].found == "it may do more than it needs: delete_repo, gist"


def test_the_most_severe_concern_comes_first() -> None:
    assert list(told(expires_at=days_ago(1), age_days=None, excess=("gist",))) == [
        "expired",
        "age-unknown",
        "excess-permissions",
    ]


@pytest.mark.parametrize(
    ("made_at", "first_seen", "expected"),
    [
        (None, None, (None, 0)),
        (None, days_ago(7), (None, 7)),
        (days_ago(30), None, (30, 0)),
        (days_ago(30), days_ago(7), (30, 7)),
        (days_ago(3), days_ago(40), (40, 40)),
        (days_ago(-1), days_ago(-1), (None, 0)),
    ],
    ids=str,
)
def test_an_age_is_what_was_stated_unless_the_log_knows_the_token_for_longer(
    made_at: datetime | None, first_seen: datetime | None, expected: tuple[int | None, int]
) -> None:
    assert age_of(Dates(made_at, first_seen), NOW) == expected


def test_scopes_beyond_the_needed_ones_are_excess() -> None:
    assert excess_scopes(["repo", "read:org", "workflow", "admin:org"]) == ("admin:org",)


def test_permissions_beyond_the_needed_level_are_excess_and_so_are_unknown_ones() -> None:
    granted = {"contents": "write", "issues": "admin", "metadata": "read", "secrets": "read", "checks": "odd"}

    assert excess_permissions(granted.items()) == ("checks:odd", "issues:admin", "secrets:read")


def test_an_app_that_is_granted_what_is_needed_or_more_of_it_lacks_nothing() -> None:
    assert lacking_permissions(NEEDED_PERMISSIONS) == ()
    assert lacking_permissions(dict.fromkeys(NEEDED_PERMISSIONS, "admin")) == ()
    assert excess_permissions(NEEDED_PERMISSIONS.items()) == ()


def test_what_an_app_lacks_is_named_and_prevents_all() -> None:
    lacking = lacking_permissions(NEEDED_PERMISSIONS | {"contents": "read", "members": "odd"})

    assert lacking == ("contents:write", "members:read")
    assert told(lacking=lacking) == {"lacking-permissions": "it may not do what it needs: contents:write, members:read"}


def test_of_what_is_wanted_only_what_was_granted_is_asked_for() -> None:
    assert of_those_granted(WRITING, NEEDED_PERMISSIONS) == {
        "contents": "write",
        "metadata": "read",
        "pull_requests": "write",
    }
    assert of_those_granted(WRITING, {**NEEDED_PERMISSIONS, "workflows": "write"})["workflows"] == "write"
    assert of_those_granted(READING, {"contents": "write", "issues": "write"}) == {"contents": "read"}


def test_a_secret_is_a_concern_when_it_is_old_or_too_short_to_hide() -> None:
    fine = SecretFound("the Slack webhook", "Vault at secret/slack", 90, hidden=True)

    assert secret_concerns(fine) == ()
    assert secret_concerns(replace(fine, age_days=None)) == ()
    assert [each.kind.value for each in secret_concerns(replace(fine, age_days=91, hidden=False))] == [
        "too-short",
        "too-old",
    ]
