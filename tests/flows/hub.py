"""merge-hub over one organization: its configuration, its home, its runs, and what they left behind."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.clock import SystemClock
from tasks.adapters.evidence_local import LocalEvidence
from tasks.adapters.signing_keys import FileSigner
from tasks.domain.time_stamp import roots_in
from tasks.verification import Trust, verify_store
from tests.flows.world import Organization, PullRequest, Repository

PROJECT = Path(__file__).parents[2]

NOT_BROKEN: Mapping[str, object] = {"name": "tests", "command": "test ! -e broken"}
"""The gate of most tests: a pull request that brings a file `broken` does not pass."""


class Configuration:
    """Written as JSON, which is YAML; everything that is not said has merge-hub's own default."""

    def __init__(self, organization: Organization, directory: Path) -> None:
        self.directory = directory
        self.organization = {"name": organization.login.title(), "login": organization.login}
        self.global_: dict[str, object] = {
            "notifications": {
                "slack": {
                    "webhook": "${SLACK_WEBHOOK_ENTERPRISE}",
                    "channels": {"success": "#deployments", "failure": "#incidents", "audit": "#audit"},
                },
                "email": {"smtp_server": "${SMTP_SERVER}", "recipients": [organization.mailbox]},
            },
            # Who works in a test approves and lands faster than anybody could read.
            "anomalies": {"off": ["AN-11", "AN-12"]},
        }
        self.teams: dict[str, dict[str, Any]] = {}
        self.policies: list[dict[str, object]] = []
        self.access: dict[str, object] = {}
        self.signers: dict[str, Any] = {}
        self.keys: list[str] = []

    def team(
        self,
        name: str,
        *repositories: Repository | str,
        gates: Sequence[Mapping[str, object]] = (NOT_BROKEN,),
        filters: Mapping[str, object] | None = None,
        policies: Mapping[str, object] | None = None,
        stage: str | None = None,
        target: str = "main",
        post_landing: Sequence[Mapping[str, object]] = (),
    ) -> None:
        names = [each.full_name if isinstance(each, Repository) else each for each in repositories]
        self.teams[name] = {
            "team": {"name": name, "repos": names},
            "scope": {"target": target, "filters": dict(filters or {})},
            "gates": [dict(gate) for gate in gates],
            "policies": dict(policies or {}),
            **({} if stage is None else {"stage": stage}),
            **({"post_landing": [dict(gate) for gate in post_landing]} if post_landing else {}),
        }

    def write(self) -> None:
        documents: dict[str, object] = {"global.yml": {"organization": self.organization, **self.global_}}
        documents |= {f"teams/{name}.yml": document for name, document in self.teams.items()}
        documents |= {f"policies/policy-{at}.yml": document for at, document in enumerate(self.policies)}
        documents |= {"access.yml": self.access} if self.access else {}
        documents |= {"signers.yml": self.signers} if self.signers else {}
        for name, document in documents.items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(document, indent=1))
        if self.keys:
            (self.directory / "allowed_signers").write_text("".join(f"{line}\n" for line in self.keys))


@dataclass(frozen=True, slots=True)
class Run:
    """What `merge-hub run --json` says, and the problems if it failed."""

    document: Mapping[str, Any]
    problems: tuple[str, ...]

    def repository(self, repository: Repository) -> Mapping[str, Any]:
        every = (each for team in self.document["teams"] for each in team["repositories"])
        return next(each for each in every if each["repository"] == repository.full_name)

    def pull_request(self, pull_request: PullRequest) -> Mapping[str, Any]:
        listed = self.repository(pull_request.repository)["pull_requests"]
        return next(each for each in listed if each["number"] == pull_request.number)

    def outcome(self, pull_request: PullRequest) -> str:
        return str(self.pull_request(pull_request)["outcome"])

    def codes(self, pull_request: PullRequest) -> list[str]:
        return [reason["code"] for reason in self.pull_request(pull_request)["reasons"]]

    def messages(self, pull_request: PullRequest) -> list[str]:
        return [reason["message"] for reason in self.pull_request(pull_request)["reasons"]]

    def told(self, *pull_requests: PullRequest) -> list[str]:
        """For each: its outcome, or `outcome: code code`."""
        return [
            " ".join([f"{self.outcome(each)}:", *self.codes(each)]) if self.codes(each) else self.outcome(each)
            for each in pull_requests
        ]

    def error(self, repository: Repository) -> Mapping[str, str] | None:
        error: Mapping[str, str] | None = self.repository(repository)["error"]
        return error

    def gate_runs(self, repository: Repository | None = None) -> list[Mapping[str, Any]]:
        return [
            row
            for team in self.document["teams"]
            for each in team["repositories"]
            if repository is None or each["repository"] == repository.full_name
            for row in each["gate_runs"]
        ]

    @property
    def evaluated(self) -> list[list[int]]:
        """The groups that were gated, in order, each once."""
        groups: list[list[int]] = []
        for row in self.gate_runs():
            if row["pull_requests"] not in groups:
                groups.append(row["pull_requests"])
        return groups


@dataclass(slots=True)
class Hub:
    organization: Organization
    home: Path
    config: Configuration
    environment: dict[str, str]
    prefect: dict[str, str] = field(default_factory=dict)

    def run(self, *, stage: str = "merge", repository: Repository | None = None, all_gates: bool = False) -> Run:
        """In this process, for all teams: the choice of teams is made when the flow is imported."""
        from flows.enterprise_merge import enterprise_merge  # noqa: PLC0415 -- Prefect is imported only where it runs

        named = None if repository is None else repository.full_name
        return self._run(enterprise_merge, repository=named, stage=stage, all_gates=all_gates)

    def run_alone(self, repository: Repository, *, stage: str = "merge") -> Run:
        """As the deployment `repository-merge` runs it."""
        from flows.repository_alone import repository_alone  # noqa: PLC0415 -- Prefect is imported only where it runs

        return self._run(repository_alone, repository=repository.full_name, stage=stage)

    def reconcile(self, repository: Repository | None = None) -> Run:
        """In this process, for all teams."""
        from flows.reconciliation import reconciliation  # noqa: PLC0415 -- Prefect is imported only where it runs

        return self._run(reconciliation, repository=None if repository is None else repository.full_name)

    def _run(self, flow: Callable[..., dict[str, Any]], **chosen: str | bool | None) -> Run:
        from tasks.domain.run import RunIncomplete  # noqa: PLC0415

        self.config.write()
        with self.entered():
            try:
                return Run(flow(**chosen), ())
            except RunIncomplete as incomplete:
                return Run(incomplete.document, incomplete.problems)

    def look_at_store(self) -> dict[str, Any]:
        from flows.storage_posture import storage_posture  # noqa: PLC0415 -- Prefect is imported only where it runs

        self.config.write()
        with self.entered():
            return storage_posture()

    def start(self, *, stage: str = "merge", **environment: str) -> "subprocess.Popen[bytes]":
        """In a process of its own, which prints the document as JSON."""
        self.config.write()
        return subprocess.Popen(
            [sys.executable, "-m", "tests.flows.hub_process", stage],
            cwd=PROJECT,
            env={**self.environment, **self.prefect, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run_apart(self, *, stage: str = "merge") -> Run:
        process = self.start(stage=stage)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err.decode()
        document = json.loads(out)
        return Run(document["document"], tuple(document["problems"]))

    @contextmanager
    def entered(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            yield

    def events(self) -> list[dict[str, Any]]:
        return [event.model_dump(mode="json", by_alias=True) for event in self._log_events()]

    def events_of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events() if event["type"] == kind]

    def log_bytes(self, *, after: int = 0) -> bytes:
        with self._log() as log:
            return log.lines(after + 1, log.size())

    def evidence(self) -> dict[str, bytes]:
        """Every object of the store, by key; nothing where there is no store yet."""
        folder = self._said_in_audit("storage", "path") or self.home / "evidence"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def flaws(self) -> list[str]:
        """What a stranger finds wrong with the evidence, who has the hub's keys from somewhere else."""
        keys = self._said_in_audit("sealing", "keys", "path") or self.home / "keys"
        store = self._said_in_audit("storage", "path") or self.home / "evidence"
        origin = f"merge-hub/{self.config.organization['login']}"
        signers = FileSigner(keys / "log.pem", origin), FileSigner(keys / "attest.pem", f"{origin}/attest")
        audit: Any = self.config.global_.get("audit", {})
        certificates = audit.get("sealing", {}).get("anchor", {}).get("certificates")
        roots = () if certificates is None else roots_in(Path(certificates).read_bytes())
        trust = Trust([each.key for each in signers], roots=roots)
        verified = verify_store(LocalEvidence(store), trust)
        return [f"{each.key}: {each.message}" for each in verified.flaws]

    def metrics(self) -> dict[str, bytes]:
        """Every file of the metrics report, by its place in it."""
        folder = self.home / "metrics"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def grounds_of(self, pull_request: PullRequest) -> dict[str, Any]:
        """What the decision to land it rested on."""
        intents = (event for event in self.events_of("merge.intent") if event["subject"]["head"] == pull_request.head)
        digest = str(next(intents)["data"]["grounds"]).removeprefix("sha256:")
        return dict(json.loads(next(content for key, content in self.evidence().items() if digest in key)))

    def leftovers(self) -> list[str]:
        """What was to be there for a moment only: workspaces, mirrors and files that were begun, and locks of git."""
        begun = ("work/*", "mirrors/.*", "mirrors/*/**/*.lock", "mirrors/*/objects/pack/tmp_*", "git/tmp*")
        unfinished = ("evidence/**/unfinished*", "metrics/**/.*")
        return sorted(str(path) for pattern in (*begun, *unfinished) for path in self.home.glob(pattern))

    def traces(self) -> dict[str, object]:
        """All that a run which finds nothing new leaves as it was."""
        return {
            "host": {each.full_name: each.shown() for each in self.organization.repositories},
            "log": self.log_bytes(),
            "evidence": self.evidence(),
            "posts": len(self.organization.posts()),
            "mails": len(self.organization.mails()),
            "work": self.leftovers(),
        }

    def _log_events(self) -> list[Any]:
        with self._log() as log:
            return list(log.events())

    def _said_in_audit(self, *keys: str) -> Path | None:
        said: Any = self.config.global_.get("audit", {})
        for key in keys:
            said = said.get(key, {})
        return Path(said) if said else None

    @contextmanager
    def _log(self) -> Iterator[SqlAuditLog]:
        address = self.environment.get("AUDIT_DATABASE_URL") or f"sqlite:///{self.home / 'audit.db'}"
        log = SqlAuditLog(address, SystemClock())
        try:
            yield log
        finally:
            log.close()
