"""What a gate that looks for credentials and for company finds: neither."""

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config.schema import Gate, Network
from tasks.adapters.gate_runner import Isolation, ProcessGateRunner, concealed, guarded
from tasks.adapters.gate_runner.supervision import can_do_without_network, strongest_isolation, works
from tasks.domain.gates import Verdict

WALLED = [each for each in (Isolation.NAMESPACES, Isolation.USER_NAMESPACES) if works(each, Network.HOST)]
NESTED = "import ctypes; c = ctypes.CDLL(None); print(c.unshare(0x10020000), [c.umount2(p, 2) for p in {paths!r}])"
TURN = f"{sys.executable} -I -c"

needs_walls = pytest.mark.skipif(not WALLED, reason="this machine allows no namespaces")
needs_network_namespaces = pytest.mark.skipif(not can_do_without_network(), reason="this machine allows none")


@pytest.fixture(params=WALLED)
def isolation(request: pytest.FixtureRequest) -> Isolation:
    return Isolation(request.param)


@pytest.fixture
def secret() -> Iterator[str]:
    """In the environment of a process of the same user, for as long as a test looks for it."""
    value = uuid.uuid4().hex
    with subprocess.Popen(["sleep", "60"], env={"PATH": os.environ["PATH"], "SECRET": value}) as holder:
        yield value
        holder.kill()


Look = Callable[[str], str]


@pytest.fixture
def look(tmp_path: Path, isolation: Isolation) -> Look:
    """What a gate of a hub at home in `tmp_path/home` prints."""
    checkout = tmp_path / "home" / "work" / "run" / "checkout"
    checkout.mkdir(parents=True)
    (checkout / "README").write_text("hello\n")
    environ = {"HOME": str(tmp_path / "person"), "PATH": os.environ["PATH"]}
    runner = ProcessGateRunner(1, isolation=isolation, hidden=concealed(tmp_path / "home", environ))

    def looked(command: str) -> str:
        log = tmp_path / "gate.log"
        runner.run(Gate(name="unit", command=command, timeout=20), checkout, log)
        return log.read_text()

    return looked


@needs_walls
@pytest.mark.parametrize(
    "trick",
    [
        "true",
        "umount /proc; umount -l /proc",
        "mkdir p; mount -t proc proc p; cat p/[0-9]*/environ | tr '\\0' '\\n'",
        "unshare -Urm umount -l /proc; unshare -Urmpf --mount-proc cat /proc/[0-9]*/environ",
        f'{TURN} "{NESTED.format(paths=[b"/proc"])}"',
        "cat /proc/1/task/*/environ /proc/1/root/proc/[0-9]*/environ",
        "ls -l /proc/1/fd; cat /proc/1/fd/*",
        "nsenter -t 1 -a cat /proc/[0-9]*/environ",
    ],
    ids=["as-it-is", "umount", "mount", "namespaces", "nested-without-exec", "first-process", "descriptors", "nsenter"],
)
def test_no_trick_shows_a_gate_what_other_processes_know(look: Look, secret: str, trick: str) -> None:
    found = look(f"{{ {trick}; }} 2>&1; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'")

    assert "CI=true" in found
    assert secret not in found


@needs_walls
def test_a_gate_has_no_capability_whoever_runs_it_and_can_gain_none(look: Look) -> None:
    found = look("grep -E '^(CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs)' /proc/self/status").split()

    assert found[1::2] == ["0000000000000000"] * 3 + ["0000000000000000", "1"]


@needs_walls
def test_files_that_hold_credentials_are_not_there_for_a_gate(look: Look, tmp_path: Path) -> None:
    person = tmp_path / "person"
    (person / ".aws").mkdir(parents=True)
    (person / ".aws" / "credentials").write_text("hidden treasure\n")
    (person / ".netrc").write_text("hidden treasure\n")
    (person / "notes").write_text("harmless\n")

    found = look(
        f"cat {person}/.netrc {person}/.aws/credentials {person}/notes; ls -A {person}/.aws; echo x > {person}/.netrc"
    )

    assert "treasure" not in found
    assert "harmless" in found
    assert (person / ".netrc").read_text() == "hidden treasure\n"


@needs_walls
@pytest.mark.parametrize("before", ["", f'{TURN} "{NESTED.format(paths=[b"{home}"])}"; '], ids=["plainly", "nested"])
def test_a_gate_sees_nothing_of_the_hub_s_home_but_its_own_place(look: Look, tmp_path: Path, before: str) -> None:
    home = tmp_path / "home"
    (home / "audit.db").write_text("hidden treasure")
    (home / "prefect").mkdir()
    (home / "prefect" / "prefect.db").write_text("hidden treasure")

    found = look(
        f"{before.replace('{home}', str(home))}cat README; cd ../../..; pwd; find {home} -type f; grep -r treasure ."
    )

    assert "hello\n" in found
    assert "README" in found
    assert "treasure" not in found
    assert "audit.db" not in found
    assert (home / "audit.db").read_text() == "hidden treasure"


@needs_walls
def test_what_leads_to_tools_is_not_hidden_even_where_the_hub_is_at_home_there(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/home/bin:/usr/bin", "DOCKER_CONFIG": "/usr"}

    hidden = concealed(tmp_path / "home", environ, besides=[tmp_path / "key.pem"])

    assert tmp_path / "home" not in hidden
    assert {tmp_path / "home" / "audit.db", tmp_path / ".ssh", tmp_path / "key.pem"} <= set(hidden)
    assert Path("/usr") not in hidden


@pytest.fixture
def server() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening.getsockname()[1]


def reaching(port: int) -> Gate:
    reach = f"""{TURN} 'import socket; socket.create_connection(("127.0.0.1", {port}), 5)'"""
    return Gate(name="unit", command=reach, timeout=20)


@needs_network_namespaces
def test_a_gate_without_network_reaches_no_server_of_this_machine(tmp_path: Path, server: int) -> None:
    (tmp_path / "checkout").mkdir()
    gate = reaching(server)
    runner = ProcessGateRunner(1, isolation=strongest_isolation())
    with_network = runner.run(gate, tmp_path / "checkout", tmp_path / "with.log")
    without = runner.run(
        gate.model_copy(update={"network": Network.NONE}), tmp_path / "checkout", tmp_path / "without.log"
    )

    assert with_network.verdict is Verdict.PASSED
    assert without.verdict is Verdict.FAILED
    assert "ConnectionRefusedError" in (tmp_path / "without.log").read_text()


@needs_network_namespaces
def test_a_gate_without_network_can_still_talk_to_itself(tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    talk = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(s.getsockname(), 5); print(socket.if_nameindex())"
    )
    gate = Gate(name="unit", command=f'{TURN} "{talk}"', timeout=20, network=Network.NONE)

    result = ProcessGateRunner(1).run(gate, tmp_path / "checkout", tmp_path / "gate.log")

    assert result.verdict is Verdict.PASSED
    assert (tmp_path / "gate.log").read_text() == "[(1, 'lo')]\n"


def test_where_no_gate_can_be_without_network_one_that_must_be_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    gate = Gate(name="unit", command="touch ../ran", timeout=20, network=Network.NONE)

    result = ProcessGateRunner(1, isolation=Isolation.PROCESS_TREE).run(
        gate, tmp_path / "checkout", tmp_path / "gate.log"
    )

    assert result.verdict is Verdict.ERRORED


@pytest.mark.parametrize(("keep", "found"), [("c.keep_to_ourselves()", 0), ("c", 1)], ids=["kept", "as-it-is"])
def test_a_process_that_keeps_to_itself_is_not_read_by_others_of_the_same_user(
    tmp_path: Path, keep: str, found: int
) -> None:
    """Both are within one gate, since root with its privileges may read anything."""
    (tmp_path / "checkout").mkdir()
    project = Path(__file__).parents[3]
    stay = (
        f"import sys; sys.path.insert(0, '{project}'); from tasks.adapters.gate_runner import concealment as c; "
        f"{keep}; open('ready', 'w').close(); input()"
    )
    command = (
        f'mkfifo pipe; SECRET=treasure {TURN} "{stay}" < pipe & exec 3> pipe; '
        "while ! test -e ready; do sleep 0.05; done; cat /proc/$!/environ"
    )

    ProcessGateRunner(1, isolation=Isolation.PROCESS_TREE).run(
        Gate(name="unit", command=command, timeout=30), tmp_path / "checkout", tmp_path / "gate.log"
    )

    assert (tmp_path / "gate.log").read_text().count("treasure") == found


@needs_walls
def test_a_gate_changes_nothing_that_the_hub_or_its_user_runs_or_reads_later(
    tmp_path: Path, isolation: Isolation
) -> None:
    checkout = tmp_path / "person" / "hub" / "home" / "work" / "run" / "checkout"
    checkout.mkdir(parents=True)
    code, config = tmp_path / "code", tmp_path / "config"
    for place in (code, config):
        place.mkdir()
        (place / "file").write_text("ours")
    environ = {"HOME": str(tmp_path / "person"), "PATH": os.environ["PATH"]}
    home = tmp_path / "person" / "hub" / "home"
    runner = ProcessGateRunner(
        1, isolation=isolation, hidden=concealed(home, environ), guarded=guarded(environ, (code, config))
    )
    mischief = (
        "touch own ../own2; mkdir -p ~/.cache; for each in {code} {config}; do echo x > $each/file; rm $each/file; "
        "touch $each/new; mount -o remount,rw $each; umount $each; echo x > $each/file; done; "
        "mkdir {person}/.ssh; echo x > {person}/.gitconfig; echo x > {person}/.bashrc; mv {person} {person}2; "
        "touch /usr/merge-hub-was-here /etc/merge-hub-was-here; ls own ../own2 ~/.cache/.. && echo own-is-writable"
    ).format(code=code, config=config, person=tmp_path / "person")

    result = runner.run(Gate(name="unit", command=mischief, timeout=20), checkout, tmp_path / "gate.log")

    assert "own-is-writable" in (tmp_path / "gate.log").read_text()
    assert result.verdict is Verdict.PASSED
    assert [(place / "file").read_text() for place in (code, config)] == ["ours", "ours"]
    assert sorted(path.name for path in (tmp_path / "person").iterdir()) == ["hub"]
    assert not Path("/usr/merge-hub-was-here").exists()
    assert not Path("/etc/merge-hub-was-here").exists()


@needs_walls
@pytest.mark.parametrize(
    "trick",
    [
        f"{TURN} 'import ctypes; print(ctypes.CDLL(None).ptrace(16, 1, 0, 0))'",
        "cat /proc/1/mem /proc/1/maps /proc/1/environ /proc/1/auxv",
        f"{TURN} 'import os, socket; socket.socket(socket.AF_UNIX).connect(os.environ[\"SSH_AUTH_SOCK\"])'",
        "printf 'protocol=https\\nhost=github.com\\n\\n' | GIT_TERMINAL_PROMPT=0 git credential fill",
        "git config --global --list; git config --system --list",
    ],
    ids=["ptrace", "memory", "agent", "credential-helper", "git-config"],
)
def test_no_trick_leads_to_a_credential_of_the_hub_or_its_user(look: Look, tmp_path: Path, trick: str) -> None:
    person = tmp_path / "person"
    person.mkdir()
    helper = "!f() { echo username=hub; echo password=hidden-treasure; }; f"
    (person / ".gitconfig").write_text(f'[credential]\n\thelper = "{helper}"\n')
    (person / ".git-credentials").write_text("https://hub:hidden-treasure@github.com\n")
    found = look(f"{{ {trick}; }} 2>&1; export HOME={person}; {{ {trick}; }} 2>&1; echo done")

    assert "treasure" not in found
    assert "\n0\n" not in f"\n{found}"
