"""
Webhooks: what happened, told to those who asked, signed, one after the other and later than the answer to the request.

Deliveries are kept, failed ones too, and are never tried again by themselves, as on GitHub.
"""

import hashlib
import hmac
import http.client
import json
import queue
import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from .clock import now
from .git.process import ZERO
from .host import Happening, Host
from .hosted import HostedRepository
from .model import Delivery, Hook, Json
from .render.accounts import account_document, known_user, simple_user
from .render.commits import simple_commit
from .render.issues import comment_document, full_issue, review_document
from .render.pulls import full_pull
from .render.repositories import full_repository

TIMEOUT = 10.0
MOST_COMMITS = 20


@dataclass(frozen=True, slots=True)
class Message:
    repository: HostedRepository
    hook: Hook
    event: str
    action: str | None
    payload: Json
    guid: str
    redelivery: bool = False


class Webhooks:
    def __init__(self, host: Host) -> None:
        self.host = host
        self._queue: queue.Queue[Message | None] = queue.Queue()
        self._worker = threading.Thread(target=self._work, name="webhooks", daemon=True)

    def start(self) -> None:
        self.host.listeners.append(self.tell)
        self.host.redeliver = self.tell_again
        self._worker.start()

    def stop(self) -> None:
        self._queue.put(None)
        if self._worker.is_alive():
            self._worker.join(TIMEOUT)

    def tell(self, happening: Happening) -> None:
        repository = happening.repository
        hooks = [hook for hook in list(repository.hooks.values()) if hook.active and _wants(hook, happening.event)]
        if not hooks:
            return
        payload = render_payload(self.host, happening)
        for hook in hooks:
            guid = str(uuid.uuid4())
            self._queue.put(Message(repository, hook, happening.event, happening.action, payload, guid))

    def tell_again(self, repository: HostedRepository, hook: Hook, delivery: Delivery) -> None:
        self._queue.put(
            Message(
                repository,
                hook,
                delivery.event,
                delivery.action,
                delivery.payload,
                delivery.guid,
                redelivery=True,
            )
        )

    def _work(self) -> None:
        while (message := self._queue.get()) is not None:
            delivery = self._deliver(message)
            with message.repository.lock:
                message.hook.last_code = delivery.status_code
                message.repository.add(delivery)
                message.repository.save(message.hook)

    def _deliver(self, message: Message) -> Delivery:
        body, headers = _request(message)
        started = time.monotonic()
        status, code, response_headers, text = _post(str(message.hook.config["url"]), body, headers)
        return Delivery(
            id=self.host.store.new_id(),
            repository=message.repository.id,
            hook=message.hook.id,
            guid=message.guid,
            event=message.event,
            action=message.action,
            delivered_at=now(),
            duration=round(time.monotonic() - started, 3),
            redelivery=message.redelivery,
            status=status,
            status_code=code,
            request_headers=headers,
            payload=message.payload,
            response_headers=response_headers,
            response_body=text,
        )


def _wants(hook: Hook, event: str) -> bool:
    return "*" in hook.events or event in hook.events


def _request(message: Message) -> tuple[bytes, dict[str, str]]:
    text = json.dumps(message.payload, separators=(",", ":"))
    as_json = message.hook.config.get("content_type") == "json"
    body = text.encode() if as_json else urlencode({"payload": text}).encode()
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json" if as_json else "application/x-www-form-urlencoded",
        "User-Agent": "GitHub-Hookshot/sandbox",
        "X-GitHub-Delivery": message.guid,
        "X-GitHub-Event": message.event,
        "X-GitHub-Hook-ID": str(message.hook.id),
        "X-GitHub-Hook-Installation-Target-ID": str(message.repository.id),
        "X-GitHub-Hook-Installation-Target-Type": "repository",
    }
    secret = message.hook.config.get("secret")
    if secret:
        for name, algorithm in (("X-Hub-Signature-256", hashlib.sha256), ("X-Hub-Signature", hashlib.sha1)):
            digest = hmac.new(str(secret).encode(), body, algorithm)
            headers[name] = f"{digest.name.removeprefix('hmac-')}={digest.hexdigest()}"
    return body, headers


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[str, int, dict[str, str], str | None]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=TIMEOUT)
    try:
        connection.request("POST", f"{address.path or '/'}{'?' if address.query else ''}{address.query}", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        state = "OK" if answer.status < http.HTTPStatus.BAD_REQUEST else "Invalid HTTP Response: " + str(answer.status)
        return state, answer.status, dict(answer.getheaders()), text
    except TimeoutError:
        return "timed out", 0, {}, None
    except (OSError, http.client.HTTPException) as error:
        return f"failed to connect to host: {type(error).__name__}", 0, {}, None
    finally:
        connection.close()


def render_payload(host: Host, happening: Happening) -> Json:
    repository = happening.repository
    sender = simple_user(host, happening.actor) or known_user(host, "ghost")
    payload: Json = {"action": happening.action} if happening.action else {}
    payload |= happening.detail
    if happening.number is not None:
        payload |= _about(host, happening, happening.number)
    if happening.event == "push":
        payload |= _pushed(repository, happening, sender)
    owner = host.account(repository.record.owner)
    if owner is not None and owner.type == "Organization":
        payload["organization"] = account_document(host, owner)
    return payload | {"repository": full_repository(host, repository, host.app), "sender": sender}


def _about(host: Host, happening: Happening, number: int) -> Json:
    repository = happening.repository
    issue = repository.issues[number]
    if happening.event == "issue_comment":
        wanted = happening.detail["comment_id"]
        comment = next(one for one in repository.comments[number] if one.id == wanted)
        document = comment_document(host, repository, comment)
        return {"issue": full_issue(host, repository, issue), "comment": document}
    if issue.pull is None:
        return {"issue": full_issue(host, repository, issue)}
    about: Json = {"number": number, "pull_request": full_pull(host, repository, issue, host.app, asks=False)}
    if happening.event == "pull_request_review":
        wanted = happening.detail["review_id"]
        review = next(one for one in repository.reviews[number] if one.id == wanted)
        about["review"] = review_document(host, repository, review)
        about["review"]["state"] = about["review"]["state"].lower()
    return about


def _pushed(repository: HostedRepository, happening: Happening, sender: dict[str, Any]) -> Json:
    graph = repository.git.graph
    before, after = happening.detail["before"], happening.detail["after"]
    commits = []
    if after != ZERO and graph.get(after) is not None:
        known = before if before != ZERO and graph.get(before) is not None else None
        commits = graph.only_in(after, known) if known else [graph[after]]
    rendered = [simple_commit(commit) for commit in commits[-MOST_COMMITS:]]
    return {
        "commits": rendered,
        "head_commit": rendered[-1] if rendered else None,
        "pusher": {"name": sender["login"], "email": None},
    }
