"""Gates run code that nobody has landed yet: it is stopped, its output bounded, and it sees no secret."""

import base64
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.flows.hub import Hub
from tests.flows.world import Repository

SECRET = "s3cr3t+Wh0le/Value=42"


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    return repository


def test_a_gate_that_prints_a_gigabyte_passes_and_little_of_it_is_kept(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": "head -c 1000000000 /dev/zero"}])
    topic = api.pull_request("topic")

    run = hub.run()

    assert run.told(topic) == ["merged"]
    assert sum(len(content) for content in hub.evidence().values()) < 50_000_000
    assert hub.leftovers() == []


def test_a_gate_that_hangs_with_children_that_ignore_signals_is_gone_at_its_limit(
    hub: Hub, api: Repository, tmp_path: Path
) -> None:
    alive = tmp_path / "alive"
    stubborn = f"trap '' TERM HUP INT; (trap '' TERM HUP INT; while true; do date +%s%N > {alive}; sleep 0.1; done) &"
    hang = f"test ! -e slow || {{ {stubborn} while true; do sleep 1; done; }}"
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": hang, "timeout": 1}])
    slow, fine = api.pull_request("slow", {"slow": "yes\n"}), api.pull_request("fine")

    run = hub.run()
    last = alive.read_text()
    time.sleep(0.5)

    assert run.told(slow, fine) == ["refused: gate-timed-out", "merged"]
    assert alive.read_text() == last
    assert hub.leftovers() == []


def test_a_gate_that_reads_its_input_finds_none(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": 'test -z "$(cat)"', "timeout": 10}])
    topic = api.pull_request("topic")

    assert hub.run().told(topic) == ["merged"]


def test_what_one_gate_leaves_no_other_gate_sees_and_nothing_of_it_lands(hub: Hub, api: Repository) -> None:
    gates = [
        {
            "name": name,
            "command": f"ls -A > ../seen; ! ls | grep -q litter && touch litter-{name} && echo x >> README.md",
        }
        for name in ("one", "two")
    ]
    hub.config.team("team-a", api, gates=gates)
    topic = api.pull_request("topic")

    run = hub.run()

    assert run.told(topic) == ["merged"]
    assert api.files() == {"README.md": "api\n", "topic.txt": "topic\n"}


def test_no_secret_reaches_a_gate_or_anything_that_is_kept_or_sent(
    hub: Hub, api: Repository, capfd: pytest.CaptureFixture[str]
) -> None:
    world = hub.organization.world
    webhook = f"{world.root_url}/slack/{hub.organization.login}/{SECRET}"
    planted = {
        "SLACK_WEBHOOK_ENTERPRISE": webhook,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "DATABASE_PASSWORD": SECRET,
    }
    hub.environment.update(planted)
    token = hub.environment["GITHUB_TOKEN"]
    look = (
        "env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; cat ~/.git-credentials .git/config; git config -l; true"
    )
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": f"{{ {look}; }} 2>&1; test ! -e broken"}])
    api.pull_request("topic")
    api.pull_request("bad", {"broken": "yes\n"})

    hub.run()
    said = "".join(capfd.readouterr())
    sent = str([*world.ask("GET", "/_sandbox/slack"), *world.ask("GET", "/_sandbox/mail")])

    for spelled in spellings(SECRET) | spellings(token):
        kept = {str(path) for path in hub.home.rglob("*") if path.is_file() and spelled.encode() in path.read_bytes()}
        assert kept == set()
        assert spelled not in said
    assert SECRET not in sent.replace(f"{hub.organization.login}/{SECRET}", "")


def spellings(secret: str) -> set[str]:
    """As it is, and as it may be hidden; base64 without what depends on where it begins."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return {secret, quote(secret, safe=""), encoded[:-1], secret.encode().hex()}
