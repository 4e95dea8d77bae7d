"""The document of a run as people read it: a row a pull request, a row a repository that failed, and the totals."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from tasks.domain.advice import advice_on
from tasks.domain.reasons import Outcome
from tasks.domain.run import dicts_in, with_remedy

Json = Mapping[str, JsonValue]
Row = dict[str, JsonValue]

THE_REPOSITORY = "the repository"
_ORDER = (Outcome.MERGED, Outcome.HELD, Outcome.REFUSED, Outcome.FAILED)


def outcome_rows(document: Json) -> list[Row]:
    """The document as one table."""
    return [
        {"team": team["team"], "repository": repository["repository"], **row}
        for team in dicts_in(document["teams"])
        for repository in dicts_in(team["repositories"])
        for row in repository_rows(repository)
    ]


def repository_rows(repository: Json) -> list[Row]:
    """
    `why` says of what landed how it did, and of the rest why it did not.

    A repository that failed has a row of its own, before what is known of its pull requests.
    """
    rows = [_row(pull, repository) for pull in dicts_in(repository["pull_requests"])]
    error = repository["error"]
    if isinstance(error, dict):
        failed = Outcome.FAILED.value
        rows.insert(0, {"pull request": "", "title": THE_REPOSITORY, "outcome": failed, "why": with_remedy(error)})
    return rows


def totals(document: Json) -> str:
    """`17 merged, 12 held, 8 refused`; repositories that failed are counted by themselves."""
    repositories = [each for team in dicts_in(document["teams"]) for each in dicts_in(team["repositories"])]
    outcomes = [pull["outcome"] for each in repositories for pull in dicts_in(each["pull_requests"])]
    counts = [f"{outcomes.count(each.value)} {each.value}" for each in _ORDER if each.value in outcomes]
    broken = sum(isinstance(each["error"], dict) for each in repositories)
    if broken:
        counts.append(f"{broken} {'repository' if broken == 1 else 'repositories'} failed")
    return ", ".join(counts) or "no open pull requests"


def _row(pull: Json, repository: Json) -> Row:
    said = _how(pull, repository) if pull["outcome"] == Outcome.MERGED.value else "; ".join(_why(pull))
    return {"pull request": pull["number"], "title": pull["title"], "outcome": pull["outcome"], "why": said}


def _why(pull: Json) -> Iterator[str]:
    """What failed is nobody's fault who would look for what to do, so that is said as well."""
    for reason in dicts_in(pull["reasons"]):
        yield str(reason["message"])
        if pull["outcome"] == Outcome.FAILED.value:
            yield advice_on(str(reason["code"])).step


def _how(pull: Json, repository: Json) -> str:
    """Empty for what an earlier run landed, of which this one gated nothing."""
    landed = pull["landed"]
    tree = landed["gated_tree"] if isinstance(landed, dict) else None
    runs = [run for run in dicts_in(repository["gate_runs"]) if run["tree"] == tree]
    groups = [group for run in runs if pull["number"] in (group := _numbers(run["pull_requests"]))]
    if not groups:
        return ""
    others = [f"#{number}" for number in groups[-1] if number != pull["number"]]
    return f"with {' '.join(others)}" if others else "alone"


def _numbers(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, list) else ()
