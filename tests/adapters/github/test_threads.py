from concurrent.futures import ThreadPoolExecutor

from tasks.adapters.github import GitHubCodeHost
from tests.adapters.github.world import World


def test_one_code_host_serves_several_threads_without_mixing_their_answers(
    code_host: GitHubCodeHost, world: World
) -> None:
    names = [world.repository().name for _ in range(6)] * 5

    with ThreadPoolExecutor(max_workers=6) as pool:
        found = list(pool.map(lambda name: code_host.snapshot(name, "main").repository, names))

    assert found == names
