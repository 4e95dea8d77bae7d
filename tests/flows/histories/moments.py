"""
The moments in a run at which something can happen: a hub that is let through, held up, or let down.

What goes on is told to an `Onlooker`, in threads of its own, while the hub waits for the answer.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.flows.histories.graph import reds
from tests.flows.hub import Hub
from tests.flows.proxy import Instead, between
from tests.flows.world import Repository

GATE = Path(__file__).with_name("gate.sh")
RULES = {
    "tests": "! ls | grep -q ^broken && ! test -e fire -a -e water",
    "style": "! ls | grep -q ^ugly",
    "advice": "! ls | grep -q ^odd",
    "smoke": "! ls | grep -q ^smoking",
    "contract": """! ls . "$MERGE_HUB_CHANGE_SET"/*/* 2>/dev/null | grep -q ^discord""",
}
assert reds(frozenset({"fire", "water", "ugly-1", "odd-1", "smoking-1", "discord-1"})) == RULES.keys()

_HELD_UP = """#!/bin/sh
cat > "{place}.push.new" && mv "{place}.push.new" "{place}.push"
until test -e "{place}.answer"; do sleep 0.02; done
answer=$(cat "{place}.answer")
rm -f "{place}.answer"
case $answer in
    broken) kill -9 $PPID ;;
    declined) exit 1 ;;
    lost) touch "{place}.late" ;;
esac
exit 0
"""
_LOST = """#!/bin/sh
test "$1" = committed && test -e "{place}.late" && grep -q refs/heads/main || exit 0
rm -f "{place}.late"
kill -9 $PPID
"""


class Onlooker(Protocol):
    def snapshot_taken(self) -> None: ...

    def read_again(self) -> None: ...

    def gate_begun(self) -> None: ...

    def about_to_push(self, commit: str) -> str:
        """Empty to let it through; `broken`, `declined` or `lost` (done, and the answer never heard) otherwise."""

    def about_to_merge(self, number: int) -> None: ...

    def asked(self, call: str) -> Instead | None: ...

    def answer_is_lost(self, call: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where the gates and the hooks of one repository meet the test: files that begin with `path`."""

    path: Path

    def gate(self, name: str, *, required: bool) -> Mapping[str, object]:
        """The contract sees all of a change set."""
        said = {"name": name, "command": f"sh {GATE} {self.path} {name} '{RULES[name]}'", "required": required}
        return said | ({"together": True} if name == "contract" else {})

    def install(self, repository: Repository) -> None:
        for name, text in {"pre-receive": _HELD_UP, "reference-transaction": _LOST}.items():
            hook = repository.directory / "hooks" / name
            hook.write_text(text.format(place=self.path))
            hook.chmod(0o755)

    def arm_gate(self) -> None:
        self._file("armed").touch()

    def disarm(self) -> None:
        for name in ("armed", "begun", "go", "late"):
            self._file(name).unlink(missing_ok=True)
        for left in self.path.parent.glob(f"{self.path.name}.flake.*"):
            left.unlink()

    def flakes(self, *statuses: str) -> None:
        for at, status in enumerate(statuses):
            self._file(f"flake.{at}").write_text(status)

    def seen(self) -> list[tuple[str, str, int]]:
        """For each gate run that came to its rule: the gate, the files that it saw, and the status."""
        lines = self._file("seen").read_text().splitlines() if self._file("seen").exists() else []
        return [(gate, digest, int(status)) for gate, digest, status in (line.split() for line in lines)]

    def _file(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{ending}")


@contextmanager
def watching(hub: Hub, folder: Path, onlookers: Mapping[str, Onlooker]) -> Iterator[None]:
    """For as long as the context lasts; `onlookers` by the names of their repositories."""
    done, raised = threading.Event(), list[BaseException]()
    callers = _Callers({each.identifier: onlookers[each.name] for each in hub.organization.repositories}, onlookers)

    def watch() -> None:
        while not done.wait(0.005):
            for path in folder.iterdir():
                place, _, ending = path.name.partition(".")
                try:
                    _happened(folder / place, ending, onlookers.get(place))
                except BaseException as error:  # noqa: BLE001 -- raised again below, in the test's own thread
                    raised.append(error)

    thread = threading.Thread(target=watch)
    with between(hub) as host:
        host.before, host.after, host.instead, host.cut = callers.before, callers.after, callers.instead, callers.cut
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
    if raised:
        raise raised[0]


@dataclass(frozen=True, slots=True)
class _Callers:
    """Whom each call of the hub is about."""

    by_id: Mapping[str, Onlooker]
    by_name: Mapping[str, Onlooker]

    def before(self, method: str, path: str) -> None:
        merging = re.search(r"/pulls/(\d+)/merge$", path) if method == "PUT" else None
        onlooker = self._about(path)
        if merging and onlooker:
            onlooker.about_to_merge(int(merging[1]))

    def after(self, method: str, path: str, body: str) -> None:
        onlooker = self._about(path, body)
        match call_of(method, path, body) if onlooker else "":
            case "list" if onlooker:
                onlooker.snapshot_taken()
            case "read" if onlooker:
                onlooker.read_again()
            case _:
                pass

    def instead(self, method: str, path: str, body: str) -> Instead | None:
        onlooker = self._about(path, body)
        return onlooker.asked(call_of(method, path, body)) if onlooker else None

    def cut(self, method: str, path: str) -> bool:
        onlooker = self._about(path)
        return onlooker is not None and onlooker.answer_is_lost(call_of(method, path))

    def _about(self, path: str, body: str = "{}") -> Onlooker | None:
        if found := re.search(r"/repositories/(\d+)/", path):
            return self.by_id.get(found[1])
        named = json.loads(body).get("variables", {}).get("name") if path.endswith("graphql") else None
        return self.by_name.get(str(named))


def call_of(method: str, path: str, body: str = "{}") -> str:
    if not path.endswith("graphql"):
        return f"{method} {path.rsplit('/', 1)[-1]}" if "/pulls/" in path and path.endswith("merge") else method
    document = str(json.loads(body).get("query", ""))
    return "list" if "openPullRequests" in document else "read"


def _happened(place: Path, ending: str, onlooker: Onlooker | None) -> None:
    if onlooker is None or ending not in {"begun", "push"}:
        return
    told = place.with_name(f"{place.name}.{ending}")
    if ending == "begun":
        told.unlink()
        try:
            onlooker.gate_begun()
        finally:
            place.with_name(f"{place.name}.go").touch()
        return
    lines = told.read_text().splitlines()
    told.unlink()
    answer = ""
    try:
        answer = onlooker.about_to_push(lines[0].split()[1])
    finally:
        new = place.with_name(f"{place.name}.new")
        new.write_text(answer)
        new.rename(place.with_name(f"{place.name}.answer"))
