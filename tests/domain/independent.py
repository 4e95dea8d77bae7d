"""
What a rule comes to on facts as they are kept, found anew from what the README and the schemas say.

It reads plain JSON and knows nothing of `tasks`, so that both can only agree where both understood the documentation.
"""

from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Any

Json = Mapping[str, Any]
KNOWN_CHECKS = ("approvals", "reviewers", "labels", "gates", "change_size")


def verdict(rule: Json, facts: Json) -> str:
    """`pass`, `fail` or `error`, of one rule as a policy file has it, on facts of one pull request."""
    (pull,) = facts["pull_requests"]
    asked = rule.get("with", {})
    match rule["check"]:
        case "approvals":
            return _approvals(asked, pull, facts)
        case "reviewers":
            return _reviewers(pull, facts)
        case "labels":
            return _labels(asked, pull, facts["demands"])
        case "gates":
            return _gates(asked, facts)
        case "change_size":
            return _change_size(asked, facts["circumstances"]["contributions"].get(str(pull["number"])), pull)
        case other:
            raise NotImplementedError(other)


def _told(holds: bool) -> str:  # noqa: FBT001 -- the answer to be worded
    return "pass" if holds else "fail"


def _opinions(pull: Json) -> list[Json]:
    """Of each person the last thing they said; a comment says nothing."""
    said = [review for review in pull["reviews"] if review["state"] in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}]
    last: dict[Any, Json] = {}
    for review in sorted(said, key=lambda one: str(one["submitted_at"])):
        last[review["reviewer"]] = review
    return list(last.values())


def _counts(review: Json, pull: Json, facts: Json, asked: Json) -> bool:
    """Whether it is an approval by somebody independent, of exactly what lands."""
    who, approvers = review["reviewer"], facts["demands"]["approvers"]
    wrote = {login for commit in pull["commits"] for login in commit["contributors"]}
    taking_part = {pull["author"]}
    if asked.get("exclude", "contributors") == "contributors":
        taking_part |= wrote | {pull["last_pusher"]}
    same = [] if asked.get("on_final_commit") else pull["same_content"]
    return (
        review["state"] == "APPROVED"
        and who is not None
        and who not in taking_part
        and not review["by_bot"]
        and not review["by_hub"]
        and review["may_write"]
        and (approvers is None or who in approvers)
        and not any(one["members"] is None or who in one["members"] for one in pull["asked"])
        and review["submitted_at"] is not None
        and review["commit"] in [pull["head"], *same]
    )


def _approvers(pull: Json, facts: Json, asked: Json) -> set[str]:
    return {str(one["reviewer"]) for one in _opinions(pull) if _counts(one, pull, facts, asked)}


def _every_commit_is_listed(pull: Json) -> bool:
    told = [commit for commit in pull["commits"] if commit["contributors"]]
    return bool(0 < pull["commit_count"] == len(pull["commits"]) == len(told))


def _approvals(asked: Json, pull: Json, facts: Json) -> str:
    people, groups = asked.get("from_people", []), asked.get("from_groups", [])
    found, least = _approvers(pull, facts, asked), asked.get("min")
    if people or groups:
        members = facts["circumstances"]["groups"]
        if not all(members.get(group) for group in groups):
            return "error"
        found &= {name.lower() for name in people}.union(*(members[group] for group in groups))
        least = least or 1
    else:
        least = max(least or 0, facts["demands"]["filters"].get("required_approvals", 1))
    vetoed = any(one["state"] == "CHANGES_REQUESTED" and one["may_write"] for one in _opinions(pull))
    unknown = asked.get("everybody_known", False) and _somebody_is_unknown(pull)
    return _told(_every_commit_is_listed(pull) and not vetoed and not unknown and len(found) >= least)


def _somebody_is_unknown(pull: Json) -> bool:
    approved = any(one["state"] == "APPROVED" for one in pull["reviews"])
    wrote = [login for commit in pull["commits"] for login in commit["contributors"]]
    return None in wrote or pull["author"] is None or (approved and pull["last_pusher"] is None)


def _reviewers(pull: Json, facts: Json) -> str:
    groups, found = facts["circumstances"]["groups"], _approvers(pull, facts, {})
    required = facts["demands"]["filters"].get("required_reviewers", [])
    if not all(found & set(groups.get(name, [name.lower()])) for name in required):
        return "fail"
    return "pass" if not required or _every_commit_is_listed(pull) else "error"


def _labels(asked: Json, pull: Json, demands: Json) -> str:
    wanted = [*demands["filters"].get("labels", []), *asked.get("all_of", [])]
    excluded = [*demands["filters"].get("exclude_labels", []), *asked.get("none_of", [])]
    there = {label.lower() for label in pull["labels"]}
    return _told(set(wanted) <= set(pull["labels"]) and not there & {label.lower() for label in excluded})


def _gates(asked: Json, facts: Json) -> str:
    names = asked.get("passed", "required")
    if names == "required":
        names = [gate["name"] for gate in facts["demands"]["gates"] if gate.get("required", True)]
    results = facts["proof"]["evaluation"]["results"] if facts["proof"] else []
    said = {name: {one["verdict"] for one in results if one["gate"] == name} for name in names}
    return _told(bool(names) and all(verdicts == {"passed"} for verdicts in said.values()))


def _change_size(asked: Json, brought: Json | None, pull: Json) -> str:
    if brought is None or brought["head"] != pull["head"] or not brought["complete"] or not brought["files"]:
        return "error"
    counted = [
        one for one in brought["files"] if not any(_below(one["path"], each) for each in asked.get("ignore", []))
    ]
    lines = sum(one["lines"] or 0 for one in counted)
    return _told(lines <= asked.get("max_lines", lines) and len(counted) <= asked.get("max_files", len(counted)))


def _below(path: str, pattern: str) -> bool:
    """As far as patterns are a folder, or what a name is like."""
    return path.startswith(pattern) if pattern.endswith("/") else fnmatch(path.rsplit("/", 1)[-1], pattern)
