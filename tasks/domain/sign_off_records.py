"""
What the audit log holds of plans that wait for signatures: what was asked for, what was signed, what is void.

A plan that was asked for waits until all its members have landed, or until it is void. The same plan can be asked for
again after it was void; `turn` counts how often it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded, listed
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.model import CommitSha, Digest, Login
from tasks.domain.plan import Member, member_document
from tasks.domain.records import Recorder

SIGN_OFF_EVENTS = frozenset({EventType.SIGNATURE_ASKED, EventType.SIGNATURE_GIVEN, EventType.SIGNATURE_VOIDED})
MAIN = ""
"""The plan of a repository, as against those of what is there of a change set, which have its name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A plan that people were asked to sign.

    `terms` stands for the gates and policies that it was made under. `contributors` wrote part of it, as far as they
    were known and the record had room; `since` is when the log took it, `event` its id there.
    """

    plan: Digest
    change_set: str
    target: str
    members: tuple[Member, ...]
    terms: Digest
    roles: frozenset[str]
    contributors: frozenset[Login]
    turn: int
    since: datetime
    event: str

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(member.number for member in self.members)

    def holds(self, number: int, head: CommitSha) -> bool:
        return any((member.number, member.head) == (number, head) for member in self.members)


@dataclass(frozen=True, slots=True)
class Given:
    """A signature as it was recorded; nothing is proven of it."""

    event: str
    plan: Digest
    role: str
    login: Login
    principal: str
    document: Mapping[str, JsonValue]
    signature: str
    taken_at: datetime

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over."""
        return canonical_json(dict(self.document))


@dataclass(frozen=True, slots=True)
class SignOffLedger:
    """`asked` is the last plan of each change set and of the rest that is not void, whether or not it has landed."""

    asked: Mapping[str, Asked] = field(default_factory=dict)
    turns: Mapping[Digest, int] = field(default_factory=dict)

    def turn_of(self, plan: Digest) -> int:
        return self.turns.get(plan, 0)


def ledger_of(events: Iterable[Event]) -> SignOffLedger:
    asked: dict[str, Asked] = {}
    turns: dict[Digest, int] = {}
    for event in events:
        plan = Digest(str(event.subject.get("plan")))
        if event.type is EventType.SIGNATURE_ASKED:
            found = parse_asked(event)
            asked[found.change_set.casefold()] = found
        elif event.type is EventType.SIGNATURE_VOIDED and plan in {each.plan for each in asked.values()}:
            turns[plan] = turns.get(plan, 0) + 1
            asked = {name: each for name, each in asked.items() if each.plan != plan}
    return SignOffLedger(asked, turns)


def asked_event(recorder: Recorder, asked: Asked, message: str) -> Event:
    """`since` and `event` of `asked` are the log's to say. The same plan that needs another role is another fact."""
    roles: list[JsonValue] = [*sorted(asked.roles)]
    data: dict[str, JsonValue] = {
        "change_set": asked.change_set,
        "target": asked.target,
        "members": [member_document(member) for member in asked.members],
        "terms": asked.terms,
        "roles": roles,
        **listed("contributors", [*sorted(asked.contributors)]),
        "turn": asked.turn,
        "message": bounded(message),
    }
    identity: dict[str, JsonValue] = {"turn": asked.turn, "roles": roles}
    return recorder.event(EventType.SIGNATURE_ASKED, {"plan": asked.plan}, data, identity)


def given_event(recorder: Recorder, given: Given) -> Event:
    """`event` and `taken_at` of `given` are the log's to say."""
    subject: dict[str, JsonValue] = {"plan": given.plan, "role": given.role}
    data: dict[str, JsonValue] = {
        "login": given.login,
        "principal": given.principal,
        "document": dict(given.document),
        "signature": given.signature,
    }
    identity: dict[str, JsonValue] = {"signature": digest_of(given.signature.encode())}
    return recorder.event(EventType.SIGNATURE_GIVEN, subject, data, identity)


def given_of(plan: Digest, document: Mapping[str, JsonValue], signature: str, at: datetime) -> Given:
    """A signature as it comes in, which the log has not taken yet; who and what it is by is what it says itself."""
    said = {name: str(document.get(name)) for name in ("role", "login", "person")}
    return Given("", plan, said["role"], Login(said["login"]), said["person"], document, signature, at)


def voided_event(recorder: Recorder, asked: Asked, because: str) -> Event:
    data: dict[str, JsonValue] = {
        "change_set": asked.change_set,
        "pull_requests": [*sorted(asked.numbers)],
        "because": bounded(because),
    }
    return recorder.event(EventType.SIGNATURE_VOIDED, {"plan": asked.plan}, data, {"turn": asked.turn})


def parse_asked(event: Event) -> Asked:
    data = event.data
    return Asked(
        plan=Digest(str(event.subject["plan"])),
        change_set=str(data["change_set"]),
        target=str(data["target"]),
        members=tuple(_member(each) for each in _items(data["members"])),
        terms=Digest(str(data["terms"])),
        roles=frozenset(map(str, _items(data["roles"]))),
        contributors=frozenset(Login(str(each)) for each in _items(data["contributors"])),
        turn=int(str(data["turn"])),
        since=datetime.fromisoformat(event.time),
        event=event.id,
    )


def parse_given(event: Event) -> Given:
    data, document = event.data, event.data["document"]
    return Given(
        event=event.id,
        plan=Digest(str(event.subject["plan"])),
        role=str(event.subject["role"]),
        login=Login(str(data["login"])),
        principal=str(data["principal"]),
        document=document if isinstance(document, dict) else {},
        signature=str(data["signature"]),
        taken_at=datetime.fromisoformat(event.time),
    )


def _member(value: JsonValue) -> Member:
    found = value if isinstance(value, dict) else {}
    needs = tuple(int(str(each)) for each in _items(found["dependencies"]))
    return Member(int(str(found["number"])), CommitSha(str(found["head"])), needs)


def _items(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, list) else ()
