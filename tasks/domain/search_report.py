"""What the search for culprits assumed, what it cost, and how well the assumption held."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from pydantic import JsonValue

from tasks.domain.gates import ANSWERS, Phase, Verdict
from tasks.domain.group_testing import nested_plan
from tasks.domain.journey import GateRun, Journey
from tasks.domain.lineup import signs_of
from tasks.domain.odds import Sign, odds_of
from tasks.domain.run import dicts_in
from tasks.domain.search import Purpose

SEARCHING = frozenset({Purpose.SEARCH, Purpose.SPECULATION})
APART = (Purpose.BASE, Purpose.CONFIRMATION, Purpose.DIAGNOSIS)


def searches_of(journey: Journey) -> list[JsonValue]:
    """
    What one journey has to tell; nothing where it gated nothing.

    `expected_evaluations` is what the cheapest plan takes on average for what was planned, by the odds that were
    assumed; whoever has slots to spare spends more to be done sooner. `expected_bad` is about those judged. What is no
    search is told `apart`: the base, red verdicts asked again, culprits gated by themselves. A candidate whose gates
    were all cached cost nothing and is not counted.
    """
    fresh = [run for run in journey.runs if run.phase is Phase.GATE and not run.result.cached]
    if not fresh:
        return []
    odds = {sign: odds_of(sign, journey.memory.judged).bad for sign in Sign}
    judged = journey.judged[len(journey.memory.judged) :]
    assumed = [odds[sign] for sign in signs_of(journey, journey.planned).values()]
    return [
        {
            "slots": journey.rules.slots,
            "pull_requests": len(assumed),
            "assumed_bad": round(fmean(assumed), 4),
            "judged": len(judged),
            "bad": sum(each.bad for each in judged),
            "expected_bad": round(sum(odds[each.sign] for each in judged), 2),
            "evaluations": sum(_candidates(fresh, purpose) for purpose in SEARCHING),
            "expected_evaluations": round(nested_plan(tuple(assumed), journey.rules.batch_cap).expected[0], 2),
            "apart": {purpose.value: _candidates(fresh, purpose) for purpose in APART},
            "flakes": _flakes(fresh),
            "flake_rate": round(journey.memory.gates.flake_rate, 4),
        }
    ]


def in_words(document: Mapping[str, JsonValue]) -> str:
    """One clause over all searches of a run; empty where nothing was gated."""
    repositories = [each for team in dicts_in(document["teams"]) for each in dicts_in(team["repositories"])]
    searches = [search for each in repositories for search in dicts_in(each["searches"])]
    if not searches:
        return ""
    total = {key: sum(float(str(each[key])) for each in searches) for key in ("evaluations", "expected_evaluations")}
    counts = {key: sum(int(str(each[key])) for each in searches) for key in ("bad", "judged", "flakes")}
    expected = sum(float(str(each["expected_bad"])) for each in searches)
    apart = {key: sum(_apart(each, key) for each in searches) for key in APART}
    return (
        f"gated {total['evaluations']:.0f} candidates ({total['expected_evaluations']:.1f} expected) to find "
        f"{counts['bad']} bad of {counts['judged']} ({expected:.1f} expected); apart from that "
        f"{apart[Purpose.BASE]} target branches, {apart[Purpose.CONFIRMATION]} asked again "
        f"({counts['flakes']} flakes), {apart[Purpose.DIAGNOSIS]} by themselves"
    )


def _apart(search: Mapping[str, JsonValue], purpose: Purpose) -> int:
    apart = search["apart"]
    return int(str(apart[purpose.value])) if isinstance(apart, dict) else 0


def _candidates(runs: Sequence[GateRun], purpose: Purpose) -> int:
    """A candidate that was asked again twice counts twice, by the gate that was asked most often."""
    asked = [(run.candidate.commit, run.result.gate) for run in runs if run.purpose is purpose]
    most = {commit: max(asked.count((commit, gate)) for _, gate in asked) for commit, _ in asked}
    return sum(most.values())


def _flakes(runs: Sequence[GateRun]) -> int:
    """Gates that failed on a tree and then passed on it."""
    failed = {(run.candidate.tree, run.result.gate) for run in runs if run.result.verdict in ANSWERS}
    passed = {(run.candidate.tree, run.result.gate) for run in runs if run.result.verdict is Verdict.PASSED}
    return len(failed & passed)
