"""What a pull request changes, and what it says of why: paths, size, a ticket."""

from config.schema import ChangeSizeParameters, PathsParameters, TicketParameters, TicketPlace
from config.schema.patterns import matches_path, matches_text
from tasks.domain.checks.judgement import Judgement, Satisfied, in_error, listed, violated
from tasks.domain.dependencies import printable
from tasks.domain.model import Contribution, PullRequest


def files_unknown(contribution: Contribution | None) -> str | None:
    """Why the list of changed files cannot be relied on; None: it can."""
    if contribution is None:
        return "all changed files are to be known, and none is"
    if not contribution.complete or not contribution.files:
        return f"all changed files are to be known, and only {len(contribution.files)} are"
    return None


def check_paths(parameters: PathsParameters, pull: PullRequest, contribution: Contribution | None) -> Judgement:
    unknown = files_unknown(contribution)
    if contribution is None or unknown is not None:
        return in_error(unknown or "", pull.author)
    forbidden = [path for path in contribution.paths if _any(parameters.none_of, path)]
    beyond = [path for path in contribution.paths if parameters.only and not _any(parameters.only, path)]
    if forbidden:
        return violated(f"nothing below {listed(parameters.none_of)} may change, {_told(forbidden)} does", pull.author)
    if beyond:
        return violated(f"only {listed(parameters.only)} may change, {_told(beyond)} does as well", pull.author)
    return Satisfied(f"each of {len(contribution.paths)} changed paths may be changed")


def check_size(parameters: ChangeSizeParameters, pull: PullRequest, contribution: Contribution | None) -> Judgement:
    """A file of which git counts no lines is counted as a file only."""
    unknown = files_unknown(contribution)
    if contribution is None or unknown is not None:
        return in_error(unknown or "", pull.author)
    counted = [file for file in contribution.files if not _any(parameters.ignore, file.path)]
    lines = sum(file.lines or 0 for file in counted)
    limits = ((lines, parameters.max_lines, "lines"), (len(counted), parameters.max_files, "files"))
    told = [f"{found} of at most {most} {what}" for found, most, what in limits if most is not None]
    over = [f"{found} of at most {most} {what}" for found, most, what in limits if most is not None and found > most]
    if over:
        return violated(f"it changes {' and '.join(over)}", pull.author)
    return Satisfied(f"it changes {' and '.join(told)}")


def check_ticket(parameters: TicketParameters, pull: PullRequest) -> Judgement:
    texts = {TicketPlace.TITLE: pull.title, TicketPlace.BODY: pull.body, TicketPlace.BRANCH: pull.head_branch}
    found = [place for place in parameters.within if matches_text(parameters.pattern, texts[place])]
    expected = f"a reference that matches {parameters.pattern}"
    if found:
        return Satisfied(f"{expected} is in the {found[0].value}")
    places = ", ".join(place.value for place in parameters.within)
    return violated(f"{expected} is expected, and is not in the {places}", pull.author)


def _any(patterns: tuple[str, ...], path: str) -> bool:
    return any(matches_path(pattern, path) for pattern in patterns)


def _told(paths: list[str]) -> str:
    return listed([printable(path) for path in paths])
