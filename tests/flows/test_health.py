"""What has landed has until a deadline to do well where it runs; what does not is an incident, and is taken back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.flows.hub import Hub
from tests.flows.test_post_landing import after_landing, alerts, incidents
from tests.flows.world import Repository


@dataclass
class Service:
    """Serves what is on the branch after having been asked `lazy` times; before that it serves the version before."""

    repository: Repository
    lazy: int = 0
    asked: list[str] = field(default_factory=list)

    def answer(self) -> bytes:
        self.asked.append(self.repository.tip() or "")
        return self.asked[-1].encode() if len(self.asked) > self.lazy else b"the version before"


@pytest.fixture
def api(hub: Hub) -> Repository:
    return hub.organization.repository("api")


@pytest.fixture
def service(api: Repository) -> Iterator[tuple[Service, str]]:
    serving = Service(api)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = serving.answer()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- its name in the library
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield serving, f"http://127.0.0.1:{server.server_port}/version"
    server.shutdown()
    server.server_close()


def asks(hub: Hub, api: Repository, *, rollback: bool = True, **health: str) -> None:
    alive = {"name": "alive", "health": health}
    policies = {"rollback_on_gate_failure": rollback}
    hub.config.team("team-a", api, policies=policies, post_landing=[alive])


def test_what_is_served_late_is_waited_for_and_stays(hub: Hub, api: Repository, service: tuple[Service, str]) -> None:
    serving, url = service
    serving.lazy = 2
    asks(hub, api, url=url, expect="{commit}", deadline="5m", interval="1s")
    good = api.pull_request("good")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(good) == ["merged"]
    assert serving.asked == [api.tip()] * 3
    assert after_landing(run) == [([good.number], "passed")]
    assert alerts(hub) == []
    assert again.gate_runs() == []
    assert hub.traces() == kept


def test_what_does_not_do_well_until_its_deadline_is_taken_back_and_told_once(
    hub: Hub, api: Repository, service: tuple[Service, str]
) -> None:
    serving, url = service
    serving.lazy = 1_000
    asks(hub, api, url=url, expect="{commit}", deadline="2s", interval="1s")
    before, bad = api.tip(), api.pull_request("bad")

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(bad) == ["failed: rolled-back"]
    assert api.tree() == api.tree(before or "")
    assert len(serving.asked) > 1
    assert after_landing(run) == [([bad.number], "failed")]
    assert len(incidents(hub, "health alive was not good within 2s of the landing")) == 1
    assert hub.traces() == kept


def test_a_command_can_be_asked_and_is_told_what_has_landed(hub: Hub, api: Repository) -> None:
    asks(hub, api, command='echo "serving $MERGE_HUB_LANDED"; test -e good.txt', expect="serving {commit}")
    good = api.pull_request("good")

    run = hub.run()
    (tested,) = hub.events_of("landing.tested")
    digest = tested["data"]["log"].removeprefix("sha256:")
    kept = hub.evidence()[f"evidence/sha256/{digest[:2]}/{digest}"].decode()

    assert run.told(good) == ["merged"]
    assert tested["data"]["verdict"] == "passed"
    assert str(api.tip()) in kept


def test_what_cannot_be_asked_at_all_takes_nothing_back(hub: Hub, api: Repository) -> None:
    asks(hub, api, url="http://service.invalid/", deadline="1s", interval="1s")
    good = api.pull_request("good")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(good) == ["merged"]
    assert alerts(hub) == ["post-landing-errored"]
    assert after_landing(again) == [([good.number], "errored")]
    assert hub.traces() == kept
