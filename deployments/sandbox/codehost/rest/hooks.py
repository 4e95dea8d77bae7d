"""Webhooks and their deliveries."""

from urllib.parse import urlsplit

from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.clock import now
from deployments.sandbox.codehost.errors import Invalid, NotFound, Refusal
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import Delivery, Hook, Json
from deployments.sandbox.codehost.render.repositories import repository_url
from deployments.sandbox.codehost.router import Routes

routes = Routes()
HOOKS = "/repos/{owner}/{repo}/hooks"
DELIVERY = HOOKS + "/{hook_id}/deliveries/{delivery_id}"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@routes.get(HOOKS)
def list_hooks(call: Call) -> Listing:
    repository = call.repository("write")
    return Listing(list(repository.hooks.values()), lambda hook: _hook(call, repository, hook))


@routes.post(HOOKS)
def create(call: Call) -> Reply:
    repository = call.repository("write")
    config = call.body.mapping("config")
    if not config.get("url"):
        raise Invalid.custom("Hook", "url is missing", "config")
    if urlsplit(str(config["url"])).hostname not in LOOPBACK:
        raise Invalid.custom("Hook", "the sandbox delivers to loopback addresses only", "config")
    hook = Hook(
        id=call.host.store.new_id(),
        repository=repository.id,
        config={"content_type": "form", "insecure_ssl": "0", **config},
        events=call.body.texts("events") or ["push"],
        active=call.body.boolean("active", default=True),
        created_at=now(),
        updated_at=now(),
    )
    repository.add(hook)
    return Reply(_hook(call, repository, hook), 201)


@routes.get(HOOKS + "/{hook_id}")
def show(call: Call) -> Reply:
    repository = call.repository("write")
    return Reply(_hook(call, repository, _find(call, repository)))


@routes.delete(HOOKS + "/{hook_id}")
def delete(call: Call) -> Reply:
    repository = call.repository("write")
    hook = _find(call, repository)
    repository.hooks.pop(hook.id)
    repository.store.delete(hook)
    return Reply(status=204)


@routes.get(HOOKS + "/{hook_id}/deliveries")
def list_deliveries(call: Call) -> Listing:
    repository = call.repository("write")
    hook = _find(call, repository)
    found = [delivery for delivery in list(repository.deliveries.values()) if delivery.hook == hook.id]
    return Listing(found[::-1], _delivery)


@routes.get(DELIVERY)
def show_delivery(call: Call) -> Reply:
    repository = call.repository("write")
    delivery = _find_delivery(call, repository)
    document = _delivery(delivery) | {
        "url": _find(call, repository).config["url"],
        "request": {"headers": delivery.request_headers, "payload": delivery.payload},
        "response": {"headers": delivery.response_headers, "payload": delivery.response_body},
    }
    return Reply(document)


@routes.post(DELIVERY + "/attempts")
def redeliver(call: Call) -> Reply:
    repository = call.repository("write")
    hook, delivery = _find(call, repository), _find_delivery(call, repository)
    if call.host.redeliver is None:
        raise Refusal(503, "Webhooks are not delivered now")
    call.host.redeliver(repository, hook, delivery)
    return Reply({}, 202)


def _find(call: Call, repository: HostedRepository) -> Hook:
    found = repository.hooks.get(call.number("hook_id"))
    if found is None:
        raise NotFound
    return found


def _find_delivery(call: Call, repository: HostedRepository) -> Delivery:
    found = repository.deliveries.get(call.number("delivery_id"))
    if found is None or found.hook != _find(call, repository).id:
        raise NotFound
    return found


def _delivery(delivery: Delivery) -> Json:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": delivery.delivered_at,
        "redelivery": delivery.redelivery,
        "duration": delivery.duration,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": None,
        "repository_id": delivery.repository,
        "throttled_at": None,
    }


def _hook(call: Call, repository: HostedRepository, hook: Hook) -> Json:
    url = f"{repository_url(call.host, repository)}/hooks/{hook.id}"
    config = dict(hook.config)
    if config.get("secret"):
        config["secret"] = "********"  # noqa: S105 - what GitHub shows instead
    code = hook.last_code
    state = "unused" if code is None else ("active" if 200 <= code < 300 else "misconfigured")  # noqa: PLR2004
    return {
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": hook.active,
        "events": hook.events,
        "config": config,
        "created_at": hook.created_at,
        "updated_at": hook.updated_at,
        "url": url,
        "test_url": f"{url}/test",
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {"code": code, "status": state, "message": None},
    }
