"""What each check demands, what it says, and that it says so where it cannot know."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from config.schema import PolicyFile
from tasks.domain.approvals import count_approvals
from tasks.domain.checks.gating import Proof
from tasks.domain.checks.judgement import InError, NotApplicable, Violated
from tasks.domain.compliance import Finding, evaluate
from tasks.domain.model import (
    Circumstances,
    CommitSha,
    CredentialAge,
    Login,
    OwnersFile,
    PullRequest,
)
from tasks.domain.reasons import ReasonCode
from tests.domain.builders import (
    NOON,
    approval,
    candidate,
    contribution,
    evaluation,
    pull_request,
    rules,
    sha,
    tree,
)

PROOF = Proof(evaluation(1), frozenset({"unit"}))
LEADS = {"acme/leads": frozenset({Login("carol")}), "leads": frozenset({Login("dave")})}


def known(*paths: str, owners: str | None = None, **facts: Any) -> Circumstances:
    return Circumstances(
        at=NOON,
        groups=LEADS,
        contributions={1: contribution(*paths, **facts)},
        owners=None if owners is None else OwnersFile("CODEOWNERS", owners),
        trees={candidate(1).commit: tree(1)},
    )


def policy(check: str, when: dict[str, Any] | None = None, **parameters: Any) -> PolicyFile:
    rule: dict[str, Any] = {"id": "T-001", "title": "A rule", "check": check, "severity": "high", "with": parameters}
    return PolicyFile.model_validate(
        {
            "apiVersion": "merge-hub/v1",
            "kind": "Policy",
            "metadata": {"name": "t", "owner": "us"},
            "rules": [rule if when is None else rule | {"when": when}],
        }
    )


def found(
    check: str,
    circumstances: Circumstances | None = None,
    pull: PullRequest | None = None,
    when: dict[str, Any] | None = None,
    **parameters: Any,
) -> Finding:
    by = rules(policies=(policy(check, when, **parameters),))
    (finding,) = evaluate(pull or pull_request(), by, circumstances or known(), PROOF).findings
    return finding


DEMANDS: dict[str, dict[str, Any]] = {
    "paths": {"none_of": ["secret/"]},
    "change_size": {"max_lines": 100},
    "linear_history": {},
    "freshness": {"max_commits_behind": 3, "max_days_behind": 30},
    "codeowners": {},
    "tested_tree": {},
    "ticket": {"pattern": "ACME-[0-9]+"},
}


@pytest.mark.parametrize("check", ["paths", "change_size", "linear_history", "freshness", "codeowners", "tested_tree"])
def test_what_is_unknown_is_an_error_that_blocks(check: str) -> None:
    finding = found(check, Circumstances(), **DEMANDS[check])

    assert isinstance(finding.judgement, InError)
    assert (finding.result, finding.blocking, finding.reasons[0].code) == ("error", True, ReasonCode.POLICY_ERROR)


@pytest.mark.parametrize("check", ["paths", "change_size", "linear_history", "freshness", "codeowners"])
def test_what_is_known_of_another_head_is_unknown(check: str) -> None:
    finding = found(check, known(head=sha(9), owners=""), **DEMANDS[check])

    assert finding.result == "error"


@pytest.mark.parametrize("check", ["paths", "change_size", "codeowners"])
def test_a_list_of_files_that_was_cut_is_an_error(check: str) -> None:
    finding = found(check, known(complete=False, owners=""), **DEMANDS[check])

    assert finding.result == "error"


@pytest.mark.parametrize(
    ("parameters", "paths", "because"),
    [
        ({"none_of": ["infra/"]}, ["src/a"], "each of 1 changed paths may be changed"),
        ({"none_of": ["infra/"]}, ["infra/a", "b"], "nothing below infra/ may change, infra/a does"),
        ({"only": ["docs/**", "*.md"]}, ["docs/x/y", "a/b.md"], "each of 2 changed paths may be changed"),
        ({"only": ["docs/**"]}, ["docs/x", "src/a"], "only docs/** may change, src/a does as well"),
    ],
)
def test_only_what_may_change_changes(parameters: dict[str, Any], paths: list[str], because: str) -> None:
    assert found("paths", known(*paths), **parameters).because == because


@pytest.mark.parametrize(
    ("parameters", "result"),
    [
        ({"max_lines": 4}, "pass"),
        ({"max_lines": 3}, "fail"),
        ({"max_files": 1}, "fail"),
        ({"max_files": 1, "ignore": ["*.lock"]}, "pass"),
    ],
)
def test_the_size_of_a_change_is_lines_and_files(parameters: dict[str, Any], result: str) -> None:
    assert found("change_size", known("a.py", "b.lock"), **parameters).result == result


@pytest.mark.parametrize(
    ("text", "places", "result"),
    [
        ({"title": "ACME-7: mend"}, ["title"], "pass"),
        ({"body": "for ACME-7"}, ["title", "body"], "pass"),
        ({"body": "for ACME-7"}, ["title"], "fail"),
        ({"title": "ACME"}, ["title"], "fail"),
    ],
)
def test_a_ticket_is_referred_to_in_one_of_the_places(text: dict[str, Any], places: list[str], result: str) -> None:
    parameters: dict[str, Any] = {"pattern": "ACME-[0-9]+", "in": places}
    finding = found("ticket", pull=replace(pull_request(), **text), **parameters)

    assert finding.result == result


def test_a_commit_that_merges_others_is_named() -> None:
    finding = found("linear_history", known(commits=(sha(2), sha(1)), merges=(sha(2),)))

    assert finding.because == "it is to add no merge commit, and adds 0000000"


@pytest.mark.parametrize(
    ("facts", "result"),
    [
        ({"behind": 0}, "pass"),
        ({"behind": 3, "behind_since": NOON - timedelta(days=30)}, "pass"),
        ({"behind": 3, "behind_since": NOON - timedelta(days=31)}, "fail"),
        ({"behind": 4, "behind_since": NOON}, "fail"),
        ({"behind": 1, "behind_since": None}, "error"),
    ],
)
def test_freshness_is_how_far_and_since_when_it_is_behind(facts: dict[str, Any], result: str) -> None:
    assert found("freshness", known(**facts), **DEMANDS["freshness"]).result == result


def test_another_tree_than_the_tested_one_does_not_land() -> None:
    other = replace(known(), trees={candidate(1).commit: tree(2)})

    assert found("tested_tree").result == "pass"
    assert found("tested_tree", other).result == "fail"


OWNERS = """
# everything
*              @carol
/src/          @acme/leads   # the last match wins
/docs/
/gone/         @acme/nobody @dave
/mail/         someone@example.org
"""


@pytest.mark.parametrize(
    ("paths", "approver", "result"),
    [
        (["README.md"], "carol", "pass"),
        (["README.md"], "dave", "fail"),
        (["src/app.py"], "carol", "pass"),
        (["src/app.py", "README.md"], "carol", "pass"),
        (["docs/a.md"], "dave", "pass"),
        (["gone/a"], "dave", "pass"),
        (["gone/a"], "carol", "error"),
        (["mail/a"], "carol", "error"),
    ],
)
def test_each_group_of_owners_of_what_changes_approved(paths: list[str], approver: str, result: str) -> None:
    finding = found("codeowners", known(*paths, owners=OWNERS), pull_request(reviews=(approval(approver),)))

    assert finding.result == result


def test_a_missing_owner_is_told_with_who_can_approve() -> None:
    finding = found("codeowners", known("src/a", owners=OWNERS), pull_request(reviews=(approval("dave"),)))

    assert [(reason.code, reason.actor) for reason in finding.reasons] == [
        (ReasonCode.CODE_OWNER_MISSING, "@acme/leads")
    ]
    assert finding.because == "0 of 1 groups of code owners approved 0000000"


def test_without_a_file_of_owners_nobody_can_have_approved() -> None:
    assert found("codeowners", replace(known(), owners=OwnersFile(None, ""))).result == "fail"


def test_a_line_of_owners_that_cannot_be_read_is_an_error() -> None:
    assert found("codeowners", known(owners="* @carol\n!x @dave\n")).because == (
        "all of CODEOWNERS is to be read, and line 2 cannot be"
    )


def test_a_path_without_owner_violates_a_rule_that_wants_one() -> None:
    assert found("codeowners", known("docs/a", owners=OWNERS), every_path_owned=True).result == "fail"


@pytest.mark.parametrize(
    ("parameters", "approvers", "because"),
    [
        ({"from_people": ["Dave"]}, ["carol"], "0 of 1 independent approvals of 0000000 by Dave"),
        ({"from_groups": ["acme/leads"]}, ["carol"], "1 of 1 independent approvals of 0000000 by acme/leads"),
        ({"from_groups": ["acme/leads"]}, ["dave"], "0 of 1 independent approvals of 0000000 by acme/leads"),
        (
            {"from_groups": ["acme/leads"], "from_people": ["dave"], "min": 2},
            ["carol", "dave"],
            "2 of 2 independent approvals of 0000000 by dave or acme/leads",
        ),
    ],
)
def test_only_approvals_of_those_whom_the_rule_names_count(
    parameters: dict[str, Any], approvers: list[str], because: str
) -> None:
    pull = pull_request(reviews=tuple(approval(name) for name in approvers))

    assert found("approvals", pull=pull, **parameters).because == because


def test_a_group_that_nobody_knows_is_an_error() -> None:
    assert found("approvals", from_groups=["acme/unknown"]).result == "error"


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        ({"paths": ["src/"]}, True),
        ({"paths": ["infra/"]}, False),
        ({"targets": ["main"]}, True),
        ({"targets": ["release"]}, False),
        ({"labels": ["Urgent"]}, True),
        ({"labels": ["other"]}, False),
        ({"teams": ["platform"]}, True),
        ({"teams": ["web"]}, False),
        ({"teams": ["platform"], "paths": ["infra/"]}, False),
    ],
)
def test_a_rule_is_about_what_it_says_and_nothing_else(when: dict[str, Any], applies: bool) -> None:  # noqa: FBT001 -- a row of the table
    finding = found("labels", pull=pull_request(labels={"urgent"}), when=when, all_of=["never"])

    assert isinstance(finding.judgement, Violated if applies else NotApplicable)
    assert finding.blocking is applies


def test_a_rule_about_paths_blocks_where_the_paths_are_unknown() -> None:
    finding = found("labels", Circumstances(), when={"paths": ["src/"]})

    assert finding.result == "error"


def test_a_renamed_file_is_still_where_it_was() -> None:
    away = known("src/auth/key.py", "lib/key.py")

    assert found("labels", away, when={"paths": ["src/auth/"]}, all_of=["never"]).result == "fail"


def test_approvals_are_counted_for_owners_as_for_everybody() -> None:
    stale = pull_request(reviews=(approval("carol", commit=CommitSha("0" * 39 + "9")),))

    assert not count_approvals(stale, approvers=None).counted
    assert found("codeowners", known("README.md", owners=OWNERS), stale).result == "fail"


def credential(age: int | None = 10, seen: int = 0) -> CredentialAge:
    return CredentialAge("f" * 16, age, seen)


@pytest.mark.parametrize(
    ("state", "result"),
    [
        (credential(90), "pass"),
        (credential(91), "fail"),
        (credential(None), "error"),
        (credential(None, seen=91), "fail"),
        (credential(1, seen=91), "fail"),
        (None, "error"),
    ],
)
def test_a_credential_is_young_only_where_somebody_says_so(state: CredentialAge | None, result: str) -> None:
    assert found("token_age", replace(known(), credential=state)).result == result


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("change.lines <= 2 && approvals.count == 1", "pass"),
        ("change.lines <= 1 || size(approvals.teams) >= 1", "pass"),
        ("change.paths.all(p, p.startsWith('src/'))", "pass"),
        ("'carol' in approvals.people && hub.team == 'platform'", "pass"),
        ("change.lines > 2", "fail"),
        ("change.lines", "error"),
        ("change.title", "error"),
        ("change['nothing'] == 1", "error"),
        ("change.title != 'change.nothing' // hub.nothing", "pass"),
        ("change.lines / (change.lines - 2) == 1", "error"),
        ("change.title.matches('(')", "error"),
    ],
)
def test_an_expression_passes_only_where_it_is_true(expression: str, result: str) -> None:
    assert found("cel", expression=expression, teams=["acme/leads"]).result == result


@pytest.mark.parametrize(
    "lacking",
    [
        Circumstances(),
        known(complete=False),
        known(*(f"f{number}" for number in range(3001))),
        replace(known(), groups={}),
    ],
)
def test_an_expression_is_not_evaluated_where_something_is_unknown(lacking: Circumstances) -> None:
    assert found("cel", lacking, expression="change.lines >= 0", teams=["acme/leads"]).result == "error"


def test_an_expression_is_not_evaluated_where_nobody_knows_who_wrote_it() -> None:
    nobody = replace(pull_request(), author=None)
    unlisted = replace(pull_request(), commit_count=2)

    results = [found("cel", pull=pull, expression="change.lines >= 0").result for pull in (nobody, unlisted)]

    assert results == ["error", "error"]


@pytest.mark.parametrize(
    "expression",
    [
        "change.lines <=",
        "nobody == 1",
        "change.nothing == 1",
        "size(hub.people) > 0",
        "true",
        "'change.lines' != ''",
        "run(1)",
        "duration('1h') == duration('1h')",
        "has(change.lines)",
        "change.paths.all(p, change.paths.exists(q, q == p))",
        "change.paths.all(p, (')' == p) || change.paths.exists(q, q == p))",
        "x" * 1001,
    ],
)
def test_an_expression_that_is_not_bounded_is_refused_with_the_configuration(expression: str) -> None:
    with pytest.raises(ValidationError):
        policy("cel", expression=expression)


FAULTS: dict[str, Any] = {"merges": (sha(2),), "behind": 5, "behind_since": NOON - timedelta(days=9)}
WHOLE = known("src/app.py", "README.md", owners=OWNERS)
GAPS: dict[str, dict[str, Any]] = {
    "the moment": {"at": None},
    "the members of teams": {"groups": {}},
    "those in the teams": {"groups": dict.fromkeys(LEADS, frozenset[Login]())},
    "what it brings": {"contributions": {}},
    "the owners": {"owners": None},
    "the trees": {"trees": {}},
    "the tree": {"trees": {candidate(1).commit: ""}},
    "the head it is of": {"contributions": {1: contribution(**FAULTS, head="")}},
    "the files": {"contributions": {1: contribution(**FAULTS, files=())}},
    "some of the files": {"contributions": {1: contribution("docs/a", **FAULTS, complete=False)}},
    "the commits": {"contributions": {1: contribution("src/app.py", "README.md", **FAULTS, commits=())}},
}
RULES: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    ("paths", {"none_of": ["README.md"]}, None),
    ("paths", {"only": ["docs/"]}, None),
    ("change_size", {"max_files": 1}, None),
    ("codeowners", {}, None),
    ("labels", {"all_of": ["never"]}, {"paths": ["src/"]}),
    ("approvals", {"from_groups": ["leads"]}, None),
    ("freshness", {"max_days_behind": 1}, None),
    ("linear_history", {}, None),
    ("tested_tree", {}, None),
    ("cel", {"expression": "change.merges == 0"}, None),
]


@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS)
@pytest.mark.parametrize(("check", "parameters", "when"), RULES)
def test_no_gap_in_what_is_known_turns_a_violation_into_a_pass(
    check: str, parameters: dict[str, Any], when: dict[str, Any] | None, gap: dict[str, Any]
) -> None:
    pull = pull_request(reviews=(approval("erin"),))
    faulty = {1: contribution("src/app.py", "README.md", **FAULTS)}
    bad = replace(WHOLE, contributions=faulty, trees={candidate(1).commit: tree(2)})
    lacking = replace(bad, **gap)

    assert found(check, bad, pull, when, **parameters).blocking
    assert found(check, lacking, pull, when, **parameters).blocking
