"""What a gate sees: its copy of the checkout, and nothing of ours."""

import json
import os
import stat
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tasks.adapters.gate_runner import Isolation, ProcessGateRunner
from tasks.adapters.gate_runner.supervision import strongest_isolation
from tasks.domain.gates import Verdict
from tests.adapters.gate_runner.conftest import Bench, MakeBench

TELL = f"""{sys.executable} -I -c 'import json, os; print(json.dumps(dict(os.environ)))'"""


def environment(bench: Bench) -> dict[str, str]:
    told: dict[str, str] = json.loads(bench.output(f"exec {TELL}"))
    return {name: value for name, value in told.items() if name not in {"PWD", "OLDPWD", "SHLVL", "_"}}


def test_the_environment_is_exactly_this(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "sandbox-app")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox")
    told = environment(bench)

    assert told.keys() == {"CI", "HOME", "LANG", "LC_ALL", "PATH", "TMPDIR"}
    assert (told["CI"], told["LANG"], told["LC_ALL"]) == ("true", "C.UTF-8", "C.UTF-8")
    assert told["PATH"] == os.environ["PATH"]


def test_home_and_tmpdir_are_the_gate_s_own_empty_writable_and_gone_afterwards(bench: Bench) -> None:
    output = bench.output('ls -A "$HOME" "$TMPDIR"; touch "$HOME/.x" "$TMPDIR/y" && stat -c %a "$HOME"; echo "$HOME"')
    *listing, mode, home = output.splitlines()

    assert [line for line in listing if line and not line.endswith(":")] == []
    assert mode == "700"
    assert not Path(home).exists()


def test_a_gate_runs_in_a_copy_with_links_modes_and_times_as_they_are(bench: Bench) -> None:
    (bench.checkout / "link").symlink_to("/nowhere")
    (bench.checkout / "tool").write_text("#!/bin/sh\necho ran\n")
    (bench.checkout / "tool").chmod(0o755)
    (bench.checkout / ".hidden").write_text("")

    assert bench.output("ls -A; readlink link; ./tool") == ".hidden\nREADME\nlink\ntool\n/nowhere\nran\n"


def test_what_one_gate_does_to_its_copy_the_next_does_not_see(bench: Bench) -> None:
    bench.run("echo changed > README; touch new; rm -rf .[!.]*")

    assert bench.output("cat README; ls") == "hello\nREADME\n"
    assert [entry.name for entry in bench.checkout.iterdir()] == ["README"]


@pytest.mark.parametrize(
    "mischief",
    [
        "mkdir -p a/b/c && chmod 000 a/b/c a/b a",
        'cd / && rm -rf "$OLDPWD"',
        'chmod 000 . "$HOME" "$TMPDIR"',
        'chmod 555 .. && mkdir "$TMPDIR/x" && chmod 000 "$TMPDIR"',
        f'{sys.executable} -c \'import os; [(os.mkdir("d"), os.chdir("d")) for _ in range(3000)]\'',
        "mkfifo pipe; ln -s . loop; ln -s /etc outside; touch -- -rf '*' \"$(printf 'a\\nb')\"",
    ],
    ids=["locked", "deleted", "all-locked", "parent-locked", "deep", "odd-names"],
)
def test_nothing_of_a_gate_is_left_on_the_disk(bench: Bench, mischief: str) -> None:
    assert bench.run(mischief).verdict is Verdict.PASSED
    assert bench.beside == set()
    assert Path("/etc/passwd").exists()


def test_a_gate_does_not_see_what_other_processes_know(make_bench: MakeBench) -> None:
    if strongest_isolation() is Isolation.PROCESS_TREE:
        pytest.skip("this machine allows no process namespace")
    secret = uuid.uuid4().hex
    bench = make_bench(ProcessGateRunner(1))
    with subprocess.Popen(["sleep", "30"], env={"PATH": os.environ["PATH"], "SECRET": secret}) as holder:
        seen = bench.output("cat /proc/[0-9]*/environ | tr '\\0' '\\n'")
        holder.kill()

    assert "CI=true" in seen
    assert secret not in seen


def test_a_gate_inherits_no_open_file_of_ours(bench: Bench, tmp_path: Path) -> None:
    with (tmp_path / "checkout" / "README").open() as ours:
        os.set_inheritable(ours.fileno(), True)  # noqa: FBT003  # Python's own signature
        listing = bench.output("ls -l /proc/self/fd | grep -v /proc/ | awk '{print $9}'")

    assert set(listing.split()) == {"0", "1", "2"}


def test_the_log_may_be_read_while_the_gate_runs(bench: Bench) -> None:
    output = bench.output(f"echo early; sleep 0.3; head -1 {bench.log}")

    assert output == "early\nearly\n"


def test_the_environment_s_digest_is_stable_and_tells_places_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    here = ProcessGateRunner(1).environment
    again = ProcessGateRunner(7).environment
    monkeypatch.setenv("PATH", "/usr/bin")
    elsewhere = ProcessGateRunner(1).environment

    assert here == again
    assert here != elsewhere
    assert here.startswith("sha256:")
    assert len(here) == 71


def test_a_checkout_may_hold_git_and_the_gate_use_it(bench: Bench) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "init", "--quiet", "."], cwd=bench.checkout, check=True)
    subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "one"], cwd=bench.checkout, check=True)

    assert bench.output("git log --format=%s") == "one\n"


def test_the_copy_is_not_open_to_others(bench: Bench) -> None:
    mode = int(bench.output("stat -c %a ..").strip(), 8)

    assert stat.S_IMODE(mode) == 0o700
