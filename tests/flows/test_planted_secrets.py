"""
The App's key, the webhook, the mail server's password and what leads to Vault: planted where they belong, printed by a
gate, and written by an author. Nothing that a run leaves, sends or shows holds one, in whatever spelling.
"""

import base64
import gzip
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deployments.sandbox.process import Sandbox
from tasks.domain.credentials import NEEDED_PERMISSIONS
from tests.flows.conftest import hub_in
from tests.flows.hub import Hub
from tests.flows.test_command_line import MERGE_HUB
from tests.flows.world import World

PASSWORD, VAULT_TOKEN = "m4il/Pass+W0rd=9&more", "hvs.V4ultT0kenOfTheHub"
KEY_OF_THE_HOOK = "s3cr3tPartOfTheAddress24"
IN_ENVIRONMENT = "d4tabase:P4ssw0rd/of+Ours"
OF_AN_INSTALLATION = re.compile(rb"ghs_[0-9A-Za-z]{20,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.")
"""What the hub makes itself, so that no test knows it: installation tokens, and the web tokens of the App."""

LOOK = (
    "cat /proc/*/environ /proc/*/cmdline /proc/*/maps; env; git config -l; cat ~/.git-credentials .git/config; "
    "find {home} -type f -exec cat {} +"
)


@pytest.fixture
def key() -> tuple[str, str]:
    pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = pair.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = pair.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), public.decode()


@contextmanager
def vault(secrets: Mapping[str, str]) -> Iterator[str]:
    """Answers whoever has the token, and repeats it in what it refuses."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("X-Vault-Token") == VAULT_TOKEN
            value = secrets.get(self.path.removeprefix("/v1/secret/data/")) if known else None
            metadata = {"created_time": "2026-03-02T09:00:00.123456789Z", "version": 3}
            told: Any = {"data": {"data": {"token": value}, "metadata": metadata}}
            body = json.dumps(told if value else {"errors": [f"{VAULT_TOKEN} may not"]}).encode()
            self.send_response(200 if value else 403)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def world(tmp_path: Path, key: tuple[str, str]) -> Iterator[World]:
    data = tmp_path / "sandbox"
    with Sandbox(data=data, object_store=False, smart_http=True) as sandbox:
        world = World(sandbox, data)
        world.tell(app={"public_key": key[1], "permissions": NEEDED_PERMISSIONS})
        yield world


def spelled(secret: str) -> list[str]:
    """Written here once more, so that what the hub does not know of is found."""
    raw = secret.encode()
    encoded = [base64.b64encode(b"x" * before + raw).decode() for before in range(3)]
    address = quote(secret, safe="")
    small = re.sub("%..", lambda digits: digits[0].lower(), address)
    return [secret, *encoded, address, small, json.dumps(secret)[1:-1], raw.hex(), raw.hex().upper()]


def inner(spelling: str) -> str:
    """Of base64, without what depends on its neighbours."""
    return spelling[8:-8] if re.fullmatch(r"[\w+/]{24,}=*", spelling) else spelling


def lines(secret: str) -> list[str]:
    """Of a key, each is one to keep."""
    return [line for line in secret.splitlines() if len(line) > 40] if "\n" in secret else []


@pytest.fixture
def planted(
    world: World, key: tuple[str, str], tmp_path: Path, prefect_environment: dict[str, str]
) -> Iterator[tuple[Hub, list[str]]]:
    """The hub, and every spelling of every secret."""
    hub = hub_in(world, tmp_path, prefect_environment)
    webhook = f"{hub.environment.pop('SLACK_WEBHOOK_ENTERPRISE')}/T0123/B4567/{KEY_OF_THE_HOOK}"
    everything = (key[0].strip(), webhook.split("/", 3)[3], KEY_OF_THE_HOOK, PASSWORD, VAULT_TOKEN, IN_ENVIRONMENT)
    spellings = [spelling for secret in everything for spelling in (*spelled(secret), *lines(secret))]
    loot = tmp_path / "loot"
    loot.write_text("\n".join([*spellings, *everything, base64.encodebytes(key[0].encode()).decode()]))
    with vault({"app": key[0], "slack": webhook, "mail": PASSWORD}) as address:

        def place(path: str) -> dict[str, object]:
            return {"type": "vault", "address": address, "path": path}

        told: Any = hub.config.global_["notifications"]
        told["slack"]["webhook"] = place("slack")
        told["email"] |= {"username": "hub", "password": place("mail")}
        hub.config.global_["credentials"] = {"code_host": {"type": "app", "app_id": 1, "key": place("app")}}
        hub.environment |= {"GITHUB_TOKEN": "", "VAULT_TOKEN": VAULT_TOKEN, "DATABASE_URL_PASSWORD": IN_ENVIRONMENT}
        spill = (
            f'{{ {LOOK}; }} > {tmp_path}/seen-$$ 2>&1; cat {loot}; while read -r each; do printf %s "$each" | head -c 9'
        )
        spill += f"; sleep 0.001; printf '%s\\n' \"$each\" | tail -c +10; done < {loot}; test ! -e broken"
        api = hub.organization.repository("api")
        hub.config.team("team-a", api, gates=[{"name": "tests", "command": spill, "retries": 0}])
        title = f"Use {PASSWORD} and {quote(VAULT_TOKEN)} with {webhook}"
        api.pull_request("good", title=title, body=IN_ENVIRONMENT)
        api.pull_request("bad", {"broken": "yes\n"}, title=title)
        yield hub, spellings


def leaks(found: bytes, spellings: list[str]) -> list[str]:
    made = [match.decode() for match in OF_AN_INSTALLATION.findall(found)]
    return [*made, *(spelling for spelling in spellings if inner(spelling).encode() in found)]


def contents(home: Path) -> Iterator[tuple[str, bytes]]:
    """Of every file, and of every object that git keeps packed; evidence that is compressed is opened."""
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            yield str(path.relative_to(home)), gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    for mirror in home.glob("mirrors/*.git"):
        batch = ("cat-file", "--batch-all-objects", "--batch")
        yield (
            f"objects of {mirror.name}",
            subprocess.run(("git", f"--git-dir={mirror}", *batch), capture_output=True, check=True).stdout,
        )


class Watched:
    """The command lines of whatever a command starts that knows of the hub's home, for as long as it runs."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.lines: set[bytes] = set()
        self._home = os.fsencode(environment["MERGE_HUB_HOME"])
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            watching = threading.Thread(target=self._watch, args=(process,), daemon=True)
            watching.start()
            out, err = process.communicate(timeout=180)
            watching.join(5)
        self.printed, self.code = out + err, process.returncode

    def _watch(self, process: "subprocess.Popen[bytes]") -> None:
        while process.poll() is None:
            for each in [each for each in Path("/proc").iterdir() if each.name.isdecimal()]:
                with suppress(OSError):
                    if self._home in (each / "environ").read_bytes():
                        self.lines.add((each / "cmdline").read_bytes())
            time.sleep(0.01)


@pytest.mark.long
def test_nothing_that_a_run_leaves_sends_or_shows_holds_a_planted_secret(
    planted: tuple[Hub, list[str]], tmp_path: Path
) -> None:
    hub, spellings = planted
    hub.config.write()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "GITHUB_"))}
    told = [
        Watched([MERGE_HUB, *command], clean | hub.environment) for command in (("run",), ("doctor",), ("metrics",))
    ]
    api = hub.organization.repositories[0]
    seen = b"".join(path.read_bytes() for path in tmp_path.glob("seen-*"))
    comments = [api.rest("GET", f"/issues/{number}/comments") for number in (1, 2)]
    posts = [post for post in hub.organization.world.ask("GET", "/_sandbox/slack") if post.pop("hook")]
    sent = json.dumps([posts, hub.organization.mails(), comments])

    assert b"1 merged" in told[0].printed, told[0].printed.decode()
    assert b"refused" in told[0].printed
    assert b"CI=true" in seen
    assert leaks(seen, spellings) == []
    assert {name: found for name, content in contents(hub.home) if (found := leaks(content, spellings))} == {}
    assert [leaks(each.printed, spellings) for each in told] == [[]] * len(told)
    assert any(b"git" in line for line in told[0].lines)
    assert leaks(b"\n".join(line for each in told for line in each.lines), spellings) == []
    assert leaks(sent.encode(), spellings) == []
    assert posts
    assert b"***" in b"".join(hub.evidence().values())
