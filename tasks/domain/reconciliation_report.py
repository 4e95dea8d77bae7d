"""
What is told of reconciliation, computed from the log alone, so that it is the same however often it is asked.

Of each branch the last stretch that was looked at is told in full, and the whole of what was ever looked at is counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.bypasses import Bypass, bypasses_in
from tasks.domain.escaping import for_markdown, one_line
from tasks.domain.run import Result, with_remedy

Json = Mapping[str, Any]


def ref_document(
    team: str, repository: str, ref: str, events: Sequence[Event], still_open: Iterable[Event]
) -> dict[str, JsonValue]:
    """`events` are those of one repository about reconciliation, `still_open` its intents without an outcome."""
    done = [each for each in events if each.type is EventType.RECONCILIATION_COMPLETED and each.subject["ref"] == ref]
    last, first = done[-1], done[0]
    ledger = [each for each in bypasses_in(events) if each.ref == ref]
    by_commit = {str(each.commit): each for each in ledger if "commit" in each.subject}
    totals = _totals(done, by_commit)
    return {
        "team": team,
        "repository": repository,
        "ref": ref,
        "status": "ok",
        "error": None,
        "from": last.subject["from"],
        "to": last.subject["to"],
        "begun": last.data["begun"],
        "ref_updates": last.data["ref_updates"],
        "chain_ok": last.data["chain_ok"],
        "chain_gap": last.data["chain_gap"],
        "commits": last.data["commits"],
        "accounted": last.data["accounted"],
        "unaccounted": [_unaccounted(each) for commit, each in by_commit.items() if commit in _listed(last)],
        "unaccounted_count": last.data["unaccounted_count"],
        "rewritten": last.data["rewritten"],
        "bypasses": {
            "open": [each.document() for each in ledger if each.justified is None],
            "justified": [each.document() for each in ledger if each.justified is not None],
        },
        "open_intents": [_open_intent(each) for each in still_open],
        "total": {"since": first.subject["from"], "reconciliations": len(done), **totals},
        "headline": _headline(totals["commits"], totals["accounted"], sum(each.justified is None for each in ledger)),
    }


def failed_ref(team: str, result: Result) -> dict[str, JsonValue]:
    """A repository that the world failed; `result` as a run tells it."""
    ref = f"refs/heads/{result['target']}"
    told = {"team": team, "repository": result["repository"], "ref": ref}
    return {**told, "status": "failed", "error": result["error"]}


def whole_document(refs: Sequence[dict[str, JsonValue]]) -> dict[str, JsonValue]:
    commits, accounted = (_sum(refs, name) for name in ("commits", "accounted"))
    waiting = sum(len(bypasses_of(each)["open"]) for each in refs)
    failed = sum(each["status"] == "failed" for each in refs)
    missing = f"; {_counted(failed, 'repository', 'repositories')} could not be reconciled" if failed else ""
    return {"refs": list(refs), "headline": _headline(commits, accounted, waiting) + missing}


def problems_of(document: Json) -> tuple[str, ...]:
    """What has to be done by somebody: bypasses that nobody has justified, and what the world failed at."""
    problems = []
    for each in document["refs"]:
        if each["status"] == "failed":
            problems.append(f"{each['repository']}: {with_remedy(each['error'])}")
        elif waiting := len(each["bypasses"]["open"]):
            counted = _counted(waiting, "bypass", "bypasses")
            problems.append(f"{each['repository']}: {counted} of {each['ref']} without a justification")
    return tuple(problems)


def bypasses_of(ref: Json) -> Json:
    return ref.get("bypasses") or {"open": [], "justified": []}


def markdown(document: Json) -> str:
    """For people who look at the run; what strangers wrote is shown as text."""
    lines = [f"# {document['headline']}", ""]
    for each in document["refs"]:
        name = f"{each['repository']} {each['ref']}"
        if each["status"] == "failed":
            lines.append(f"- `{_code(name)}`: {for_markdown(with_remedy(each['error']))}")
            continue
        lines.append(f"- `{_code(name)}`: {for_markdown(each['headline'])}")
        lines += map(_item, each["bypasses"]["open"])
    return "\n".join(lines) + "\n"


def _item(bypass: Json) -> str:
    who, why = _code(bypass["actor"] or "unknown"), for_markdown(bypass["reason"])
    return f"  - `{bypass['kind']}` `{_code(named(bypass))}` by `{who}`: {why}"


def named(bypass: Json) -> str:
    """A commit, or the two ends of a branch that was rewritten, in short."""
    if "commit" in bypass:
        return str(bypass["commit"])[:7]
    return f"{str(bypass['before'])[:7]}→{str(bypass['after'])[:7]}"


def _code(text: str) -> str:
    return one_line(text).replace("`", "'")


def _totals(done: Iterable[Event], by_commit: Mapping[str, Bypass]) -> dict[str, int]:
    """A commit that somebody justified since is accounted for, as often as it was found."""
    told = tuple(done)
    commits = sum(int(str(each.data["commits"])) for each in told)
    without = sum(int(str(each.data["unaccounted_count"])) for each in told)
    times = Counter(str(commit) for each in told for commit in _listed(each))
    justified = sum(max(1, times[commit]) for commit, each in by_commit.items() if each.justified is not None)
    return {"commits": commits, "accounted": commits - without + justified}


def _listed(done: Event) -> list[JsonValue]:
    commits = done.data["unaccounted"]
    return commits if isinstance(commits, list) else []


def _unaccounted(bypass: Bypass) -> JsonValue:
    document = bypass.document()
    return {name: document[name] for name in ("commit", "kind", "reason", "actor", "authors", "justified")}


def _open_intent(event: Event) -> JsonValue:
    return {"pull_request": event.subject["pull_request"], "candidate": event.subject["candidate"], "since": event.time}


def _headline(commits: int, accounted: int, waiting: int) -> str:
    counted = f"{accounted} of {_counted(commits, 'commit', 'commits')} on protected branches accounted for"
    return f"{counted}; {_counted(waiting, 'bypass', 'bypasses')} to be justified" if waiting else counted


def _sum(refs: Iterable[Json], name: str) -> int:
    return sum(int(each["total"][name]) for each in refs if each["status"] == "ok")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
