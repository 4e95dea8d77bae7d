"""A run gates exactly as many candidates as `simulate` says that it will, of the same population."""

import pytest

from tasks.domain.simulation.backlog import Load, Tally, play
from tasks.domain.simulation.population import Population, population
from tasks.domain.simulation.strategies import EVERY, Setting
from tests.flows.hub import Hub, Run
from tests.flows.sweeps import mostly_long
from tests.flows.world import PullRequest, Repository

CAP = 10
ANSWERS = [{"name": "tests", "command": "test -z \"$(find . -name '*.bad')\""}]


def simulated(planted: Population, share: float, seed: int, slots: int) -> Tally:
    """Where every red verdict is asked again once, as it is by default."""
    return play(Load(planted, seed), EVERY["merge-hub"].make(Setting(CAP, slots, share, 1)))


def plant(hub: Hub, planted: Population, slots: int) -> tuple[Repository, list[PullRequest]]:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, gates=ANSWERS, policies={"max_prs_per_batch": CAP})
    hub.config.global_["execution"] = {"max_workers": slots}
    numbers = range(1, planted.count + 1)
    return api, [api.pull_request(f"topic-{at}", {f"{at}.{_ending(at, planted)}": "x\n"}) for at in numbers]


def _ending(number: int, planted: Population) -> str:
    return "bad" if number in planted.bad else "txt"


def refused(run: Run, every: list[PullRequest]) -> set[int]:
    return {pull.number for pull in every if run.told(pull) == ["refused: gate-failed"]}


@pytest.mark.parametrize(
    ("count", "share", "seed"),
    mostly_long([(20, 0.2, 3), *((100, share, 11) for share in (0.01, 0.02, 0.05, 0.1, 0.2))]),
)
def test_a_run_gates_as_many_candidates_as_are_simulated(hub: Hub, count: int, share: float, seed: int) -> None:
    planted = population(count, share, 0.0, seed)
    api, every = plant(hub, planted, 1)
    expected = simulated(planted, share, seed, 1)

    run = hub.run()

    (search,) = run.repository(api)["searches"]
    searched = {row["candidate"] for row in run.gate_runs() if row["purpose"] == "search"}
    assert refused(run, every) == planted.bad == {*expected.refused}
    assert len(searched) == search["evaluations"] == expected.evaluations
    assert search["apart"]["confirmation"] + search["apart"]["diagnosis"] == expected.confirmations == len(planted.bad)


@pytest.mark.parametrize(("count", "share", "seed"), mostly_long([(20, 0.2, 3), (100, 0.05, 12), (100, 0.2, 12)]))
def test_with_five_slots_the_same_are_refused_whichever_gate_is_done_first(
    hub: Hub, count: int, share: float, seed: int
) -> None:
    planted = population(count, share, 0.0, seed)
    _, every = plant(hub, planted, 5)

    run = hub.run()

    assert refused(run, every) == planted.bad == {*simulated(planted, share, seed, 5).refused}
