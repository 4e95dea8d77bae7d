"""Secrets that somebody planted wherever text comes from: nothing that the hub writes, sends or prints holds one."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tasks.domain.redaction import spellings
from tests.flows.hub import Hub
from tests.flows.test_command_line import merge_hub

PERSON = "hub-Zq9W7k2Lm4Xp8Vt6"
TOKEN = f"sandbox-{PERSON}"
OTHER = "s3cr3t+Wh0le/Value=42&more"
SECRETS = (TOKEN, OTHER)
SPILL = (
    'cat {loot}; for each in $(cat {loot}); do printf %s "$each" | head -c 9; sleep 0.01; '
    "printf '%s\\n' \"$each\" | tail -c +10; done"
)
"""A gate that prints what it should not have, whole and in two parts."""


def encodings(secret: str) -> list[str]:
    raw = secret.encode()
    encoded = [base64.b64encode(before + raw).decode() for before in (b"", b"x", b"xy", b"x-access-token:")]
    quoted = (base64.urlsafe_b64encode(raw).decode(), quote(secret, safe=""), json.dumps(secret))
    return [secret, *encoded, *quoted, raw.hex()]


@pytest.fixture
def planted(hub: Hub, tmp_path: Path) -> Hub:
    """The secrets are in all that an author writes, and in all that a gate and the code host say."""
    world = hub.organization.world
    world.tell(users=[{"login": PERSON, "permission": "admin", "orgs": [hub.organization.login]}])
    hub.environment |= {"GITHUB_TOKEN": TOKEN, "DATABASE_PASSWORD": OTHER}
    (tmp_path / "loot").write_text("\n".join(each for secret in SECRETS for each in encodings(secret)))
    gate = {"name": "tests", "command": f"{SPILL.format(loot=tmp_path / 'loot')}; test ! -e broken", "retries": 0}
    api, web = (hub.organization.repository(name) for name in ("api", "web"))
    hub.config.team("team-a", api, gates=[gate])
    hub.config.team("team-b", web, gates=[gate], policies={"landing": "api"})
    title, files = f"Use {TOKEN} and {quote(OTHER)}", {f"{TOKEN}.txt": f"{OTHER}\n"}
    api.pull_request(f"use-{TOKEN}", files, title=title, body=f"{TOKEN}\nChange-Set: {TOKEN}")
    api.pull_request("good", title=title, body=TOKEN, labels=(f"l-{TOKEN}",))
    api.pull_request("broken", {"broken": TOKEN}, title=title)
    api.pull_request("draft", title=title, draft=True)
    refused = web.pull_request("refused", title=title)
    said = {"message": f"Bad token {TOKEN} ({quote(OTHER, safe='')})"}
    world.fails("PUT", f"*/pulls/{refused.number}/merge", times=50, status=403, body=said)
    return hub


def leaks(found: bytes) -> list[str]:
    return [spelling for secret in SECRETS for spelling in spellings(secret) if spelling.encode() in found]


@pytest.mark.long
def test_nothing_that_is_kept_sent_or_printed_holds_a_secret(planted: Hub) -> None:
    planted.config.write()
    known = {name: value for name, value in planted.environment.items() if name != "MERGE_HUB_HOME"}
    commands = (("run",), ("run", "--json"), ("doctor",), ("metrics",))
    told = [merge_hub(*command, home=planted.home, **known) for command in commands]
    printed = "".join(each.stdout + each.stderr for each in told)
    sent = json.dumps([planted.organization.posts(), planted.organization.mails()])
    kept = {path.relative_to(planted.home): path.read_bytes() for path in planted.home.rglob("*") if path.is_file()}

    assert {str(path): found for path, content in kept.items() if (found := leaks(content))} == {}
    assert leaks(printed.encode()) == []
    assert leaks(sent.encode()) == []
    assert all("***" in text for text in (printed, sent, str([*planted.evidence().values()])))
    assert all(outcome in told[0].stdout for outcome in ("merged", "held", "refused"))
