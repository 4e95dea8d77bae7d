"""An expression must come to `true`. Whatever is not known, goes wrong, or is no truth value, is an error."""

from collections.abc import Mapping
from typing import Any

from config.schema import ExpressionParameters
from config.schema.expressions import MOST_PATHS, compiled
from tasks.domain.approvals import Approvals
from tasks.domain.checks.changes import files_unknown
from tasks.domain.checks.judgement import Judgement, Satisfied, in_error, violated
from tasks.domain.model import Contribution, Login, PullRequest
from tasks.domain.rules import Rules

_OWNER = "the owner of the rule"


def check_expression(
    parameters: ExpressionParameters,
    pull: PullRequest,
    approvals: Approvals,
    contribution: Contribution | None,
    groups: Mapping[str, frozenset[Login]],
    rules: Rules,
) -> Judgement:
    """All that an expression may name has to be known, whether this one names it or not."""
    unknown = files_unknown(contribution)
    if contribution is None or unknown is not None:
        return in_error(unknown or "", pull.author)
    if len(contribution.paths) > MOST_PATHS:
        return in_error(f"it may change {MOST_PATHS} paths, and changes {len(contribution.paths)}", pull.author)
    if pull.author is None or not pull.commits_complete or not contribution.commits:
        return in_error("its author and all its commits are to be known, and are not", pull.author)
    if missing := [team for team in parameters.teams if not groups.get(team)]:
        return in_error(f"it is to be known who is in {', '.join(missing)}, and is not", _OWNER)
    teams = [team for team in parameters.teams if groups[team] & approvals.approvers]
    return _evaluated(
        parameters.expression,
        {
            "change": _change(pull, contribution),
            "approvals": {
                "count": len(approvals.counted),
                "people": sorted(approvals.approvers),
                "teams": teams,
            },
            "hub": {"team": rules.team, "repository": rules.repository},
        },
    )


def _change(pull: PullRequest, contribution: Contribution) -> dict[str, Any]:
    return {
        "number": pull.number,
        "title": pull.title,
        "author": pull.author,
        "target": pull.target,
        "branch": pull.head_branch,
        "labels": sorted(pull.labels),
        "lines": sum(file.lines or 0 for file in contribution.files),
        "paths": list(contribution.paths),
        "commits": len(contribution.commits),
        "merges": len(contribution.merges),
        "behind": contribution.behind,
    }


def _evaluated(expression: str, known: dict[str, Any]) -> Judgement:
    try:
        found = compiled(expression).execute(known)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 -- a panic of the engine is no Exception, and an error must block
        return in_error(f"`{expression}` is to be true, and cannot be evaluated: {type(error).__name__}", _OWNER)
    match found:
        case True:
            return Satisfied(f"`{expression}` is true")
        case False:
            return violated(f"`{expression}` is to be true, and is false", None)
        case _:
            return in_error(f"`{expression}` is to be true, and comes to no truth value", _OWNER)
