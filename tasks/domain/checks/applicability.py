"""Is a rule about this pull request at all? What cannot be told is not taken for a no."""

from config.schema import When
from config.schema.patterns import matches_path
from tasks.domain.checks.changes import files_unknown
from tasks.domain.checks.judgement import InError, NotApplicable, in_error
from tasks.domain.model import Contribution, PullRequest
from tasks.domain.rules import Rules


def why_not_judged(
    when: When | None, pull: PullRequest, rules: Rules, contribution: Contribution | None
) -> NotApplicable | InError | None:
    """None: the rule is to be judged."""
    if when is None:
        return None
    if when.teams and rules.team not in when.teams:
        return NotApplicable(f"it is about {', '.join(when.teams)}, and this is {rules.team}")
    if when.targets and pull.target not in when.targets:
        # Without a target nothing lands, whatever the rules say.
        return NotApplicable(f"it is about {', '.join(when.targets)}, and this targets {pull.target}")
    there = {label.casefold() for label in pull.labels}
    if when.labels and not any(label.casefold() in there for label in when.labels):
        return NotApplicable(f"it is about what bears {' or '.join(when.labels)}")
    return _by_paths(when, pull, contribution)


def _by_paths(when: When, pull: PullRequest, contribution: Contribution | None) -> NotApplicable | InError | None:
    if not when.paths:
        return None
    paths = contribution.paths if contribution is not None else ()
    if any(matches_path(pattern, path) for pattern in when.paths for path in paths):
        return None
    if (unknown := files_unknown(contribution)) is not None:
        return in_error(unknown, pull.author)
    return NotApplicable(f"it is about {', '.join(when.paths)}, and none of {len(paths)} changed paths is there")
