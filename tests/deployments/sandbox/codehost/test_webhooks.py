import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

SECRET = "s3cret"


class Receiver(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def wait(self, event: str, action: str | None = None) -> tuple[dict[str, str], Any]:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for headers, body in list(self.received):
                payload = json.loads(body)
                if headers["x-github-event"] == event and action in {None, payload.get("action")}:
                    return headers, payload
            time.sleep(0.01)
        raise AssertionError(f"no {event} arrived, but {[headers['x-github-event'] for headers, _ in self.received]}")


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def subscribe(repo: Any, receiver: Receiver, *events: str) -> str:
    config = {"url": receiver.url, "content_type": "json", "secret": SECRET}
    hook = repo.alice.post(f"{repo.path}/hooks", {"config": config, "events": list(events)})
    assert hook["config"]["secret"] == "********"
    return f"{repo.path}/hooks/{hook['id']}"


def test_an_opened_pull_request_is_told_and_signed(repo: Any, receiver: Receiver) -> None:
    subscribe(repo, receiver, "pull_request")

    number = repo.pull()

    headers, payload = receiver.wait("pull_request", "opened")
    digest = hmac.new(SECRET.encode(), receiver.received[0][1], hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={digest}"
    assert (payload["number"], payload["sender"]["login"]) == (number, "alice")


def test_a_push_over_file_is_told_without_anybody_reading(repo: Any, receiver: Receiver, run_git: Any) -> None:
    number = repo.pull()
    subscribe(repo, receiver, "*")
    clone = repo.clone()
    run_git(clone, "checkout", "--quiet", "topic-1")
    run_git(clone, "commit", "--quiet", "--allow-empty", "-m", "More")

    run_git(clone, "push", "--quiet", "origin", "topic-1")

    _, push = receiver.wait("push")
    _, synchronized = receiver.wait("pull_request", "synchronize")
    assert (push["ref"], push["commits"][0]["message"]) == ("refs/heads/topic-1", "More")
    assert (synchronized["number"], synchronized["after"]) == (number, push["after"])


def test_reviews_labels_and_comments_are_told(repo: Any, receiver: Receiver) -> None:
    number = repo.pull()
    subscribe(repo, receiver, "pull_request", "pull_request_review", "issue_comment", "check_run", "status")

    repo.bob.post(f"{repo.path}/pulls/{number}/reviews", {"event": "APPROVE"})
    repo.bob.post(f"{repo.path}/issues/{number}/labels", ["ready"])
    repo.bob.post(f"{repo.path}/issues/{number}/comments", {"body": "Hello"})
    repo.app.post(f"{repo.path}/statuses/{repo.head()}", {"state": "success"})

    assert receiver.wait("pull_request_review", "submitted")[1]["review"]["state"] == "approved"
    assert receiver.wait("pull_request", "labeled")[1]["label"]["name"] == "ready"
    assert receiver.wait("issue_comment", "created")[1]["comment"]["body"] == "Hello"
    assert receiver.wait("status")[1]["state"] == "success"


def test_a_failed_delivery_is_kept_and_can_be_tried_again(repo: Any, receiver: Receiver) -> None:
    hook = subscribe(repo, receiver, "pull_request")
    receiver.status = 500
    repo.pull()
    receiver.wait("pull_request", "opened")
    failed = await_deliveries(repo, hook, 1)[0]
    receiver.status = 200

    repo.alice.post(f"{hook}/deliveries/{failed['id']}/attempts")

    again = await_deliveries(repo, hook, 2)[0]
    assert (failed["status_code"], again["status_code"], again["redelivery"]) == (500, 200, True)
    assert failed["guid"] == again["guid"]
    assert repo.alice.get(f"{hook}/deliveries/{again['id']}")["request"]["payload"]["action"] == "opened"


def await_deliveries(repo: Any, hook: str, count: int) -> Any:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        listed = repo.alice.get(f"{hook}/deliveries")
        if len(listed) >= count:
            return listed
        time.sleep(0.02)
    raise AssertionError(f"{count} deliveries did not arrive")


def test_webhooks_stay_on_the_loopback(repo: Any) -> None:
    config = {"url": "http://example.org/hook"}

    assert repo.alice.refused("POST", f"{repo.path}/hooks", {"config": config})[0] == 422
