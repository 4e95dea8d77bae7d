"""Audit logs as people would live them, told event by event with the times that a test needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType, RepositoryIdentity
from tasks.domain.reasons import told_moment
from tasks.domain.records import Recorder

MONDAY = datetime.fromisoformat("2026-03-02T09:00:00+00:00")


@dataclass(slots=True)
class Ledger:
    """Each entry takes its place in the order of the log, whatever its time."""

    now: datetime = MONDAY
    events: list[Event] = field(default_factory=list)

    def passes(self, **time: float) -> "Ledger":
        self.now += timedelta(**time)
        return self

    def add(
        self,
        kind: EventType,
        subject: dict[str, JsonValue],
        data: dict[str, JsonValue],
        *,
        repository: str | None = "api",
        team: str | None = "team-a",
    ) -> Event:
        about = None if repository is None else RepositoryIdentity(id=f"id-{repository}", name=f"acme/{repository}")
        made = Recorder("AcmeCorp", team, about).event(kind, subject, data, {"seq": len(self.events)})
        taken = made.model_copy(update={"seq": len(self.events) + 1, "time": told_moment(self.now)})
        self.events.append(taken)
        return taken

    def gate(
        self, name: str, seconds: float, *, verdict: str = "passed", tree: str = "tree", repository: str = "api"
    ) -> Event:
        subject: dict[str, JsonValue] = {"gate": name, "tree": tree}
        data: dict[str, JsonValue] = {"verdict": verdict, "milliseconds": round(seconds * 1000), "required": True}
        return self.add(EventType.GATE_FINISHED, subject, data, repository=repository)

    def announces(
        self,
        number: int,
        *,
        author: str = "alice",
        approvals: Sequence[tuple[str, str] | str] = ("bob",),
        approved_at: datetime | None = None,
        contributors: Sequence[str] = ("alice",),
        approvers: Sequence[str] | None = None,
        gates: Sequence[tuple[str, str]] = (("unit", "passed"),),
        skipping: Sequence[str] = (),
        repository: str = "api",
        team: str = "team-a",
        emergency: bool = False,
    ) -> Event:
        given = [(each, f"head-{number}") if isinstance(each, str) else each for each in approvals]
        at = told_moment(approved_at or self.now - timedelta(hours=number % 23 + 1, minutes=7 * number % 60))
        data: dict[str, JsonValue] = {
            "tree": f"tree-{repository}-{number}",
            "target": "main",
            "author": author,
            "class": "emergency" if emergency else "standard",
            "approvals": [{"reviewer": who, "commit": commit, "at": at, "same": False} for who, commit in given],
            "contributors": list[JsonValue](list(contributors)),
            "required_gates": [[name, verdict, False] for name, verdict in gates],
            "skipping": list[JsonValue](list(skipping)),
            **({} if approvers is None else {"approvers": list[JsonValue](list(approvers))}),
        }
        subject: dict[str, JsonValue] = {"pull_request": number, "head": f"head-{number}", "candidate": f"c-{number}"}
        return self.add(EventType.MERGE_INTENT, subject, data, repository=repository, team=team)

    def completes(self, intent: Event) -> Event:
        repository = "" if intent.repository is None else intent.repository.name.removeprefix("acme/")
        data: dict[str, JsonValue] = {"intent": intent.id, "commit": "landed"}
        return self.add(EventType.MERGE_COMPLETED, intent.subject, data, repository=repository, team=intent.team)

    def lands(self, number: int, *, gated: bool = True, repository: str = "api", **facts: object) -> Event:
        """Gated by its required gates, announced and landed in one moment."""
        intent = self.announces(number, repository=repository, **facts)  # type: ignore[arg-type]  # its own keywords
        told = intent.data["required_gates"]
        self.events.pop()
        for gate in told if isinstance(told, list) and gated else ():
            name, verdict, _ = gate if isinstance(gate, list) else ("", "", False)
            self.gate(str(name), 60, verdict=str(verdict), tree=str(intent.data["tree"]), repository=repository)
        return self.completes(self.announces(number, repository=repository, **facts))  # type: ignore[arg-type]

    def announced_without_commit(self, number: int) -> Event:
        """It landed on an approval whose commit the code host no longer knows."""
        intent = self.announces(number)
        given = {"reviewer": "bob", "commit": None, "at": None, "same": False}
        self.events[-1] = intent.model_copy(update={"data": intent.data | {"approvals": [given], "required_gates": []}})
        return self.completes(intent)

    def token(self, fingerprint: str, *concerns: str) -> Event:
        subject: dict[str, JsonValue] = {"credential": fingerprint}
        data: dict[str, JsonValue] = {"source": "GITHUB_TOKEN", "concerns": list[JsonValue](list(concerns))}
        return self.add(EventType.TOKEN_CHECKED, subject, data, repository=None, team=None)

    def guarded(self, **differing: JsonValue) -> Event:
        data: dict[str, JsonValue] = {
            "reviews": 2,
            "demands": ["block_deletion", "block_force_push"],
            "checks": ["ci"],
            "bypass": ["role:admin: everything"],
            "unread": [],
        }
        return self.add(EventType.PROTECTION_OBSERVED, {"branch": "main"}, data | differing)

    def bypassed(self, kind: str, actor: str | None = "mallory", **subject: JsonValue) -> Event:
        named = subject or {"commit": "c0ffee"}
        data: dict[str, JsonValue] = {"kind": kind, "actor": actor, "found_by": "activity"}
        return self.add(EventType.BYPASS_FOUND, {"ref": "refs/heads/main", **named}, data)

    def reconciled(self, *unaccounted: str, chain_ok: bool = True) -> Event:
        subject: dict[str, JsonValue] = {"ref": "refs/heads/main", "from": "a", "to": "b"}
        data: dict[str, JsonValue] = {"chain_ok": chain_ok, "unaccounted": list[JsonValue](list(unaccounted))}
        return self.add(EventType.RECONCILIATION_COMPLETED, subject, data)

    def emergency(self, number: int, *, repository: str = "api", within: int = 72 * 3600) -> Event:
        data: dict[str, JsonValue] = {
            "asked_by": "bob",
            "others": ["carol"],
            "reason": "Logins fail.",
            "rules": ["SEC-002"],
            "contributors": ["alice"],
            "review_within_seconds": within,
        }
        subject: dict[str, JsonValue] = {"pull_request": number, "head": f"head-{number}"}
        return self.add(EventType.EMERGENCY_USED, subject, data, repository=repository)

    def reviewed(self, number: int) -> Event:
        subject: dict[str, JsonValue] = {"pull_request": number, "head": f"head-{number}"}
        return self.add(EventType.EMERGENCY_REVIEWED, subject, {"reviewer": "dave"})

    def waived(self, number: int, waiver: str = "W-1", *, team: str = "team-a") -> Event:
        subject: dict[str, JsonValue] = {"pull_request": number, "head": f"head-{number}", "waiver": waiver}
        return self.add(EventType.WAIVER_USED, subject, {"rule": "SEC-002"}, team=team)

    def decides(self, number: int, *by_themselves: str) -> Event:
        subject: dict[str, JsonValue] = {"pull_request": number, "head": f"head-{number}", "candidate": None}
        told: dict[str, JsonValue] = {"self_approvals": list[JsonValue](list(by_themselves))} if by_themselves else {}
        return self.add(EventType.POLICY_DECIDED, subject, {"decision": "deny", **told})

    def posture(self, *problems: str) -> Event:
        data: dict[str, JsonValue] = {"ok": not problems, "problems": list[JsonValue](list(problems))}
        return self.add(EventType.STORAGE_POSTURE, {"store": "s3://evidence"}, data, repository=None, team=None)
