"""AN-01 to AN-03: who gets past the hub, to the target branch or to what guards it."""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from tasks.domain.anomalies.detector import Detector, Settings
from tasks.domain.anomalies.finding import Found, Place
from tasks.domain.anomalies.rule import Level, Rule, Status
from tasks.domain.audit import Event, EventType
from tasks.domain.remembered import moment_of

_REWRITES = frozenset({"force-push", "deletion", "re-creation"})


class DirectPush(Detector):
    rule = Rule(
        id="AN-01",
        uuid="dcc818ef-6e81-4753-ac38-f5f4b634208a",
        title="Somebody pushed to a target branch past the hub",
        level=Level.CRITICAL,
        status=Status.STABLE,
        description="A commit is on a target branch of which neither the hub nor any other account in evidence knows.",
        false_positives=("A repository that was handed over with landings of its own days",),
        tags=("attack.initial-access", "attack.t1195.002"),
        who="whoever administers the repository",
        step="Find out who pushed and why, justify it in the bypass ledger or roll it back, and protect the branch",
        limits="Reconciliation finds it: what nobody reconciles, nobody finds.",
    )
    sees = frozenset({EventType.BYPASS_FOUND, EventType.RECONCILIATION_COMPLETED})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._known: set[tuple[str, str]] = set()

    def seen(self, event: Event) -> Iterable[Found]:
        place, ref = Place.of(event), str(event.subject.get("ref"))
        if event.type is EventType.BYPASS_FOUND:
            if _rewrites(event):
                return
            commit = str(event.subject.get("commit") or event.subject.get("after"))
            self._known.add((place.key, commit))
            yield self._found(event, ref, [commit], _actor(event))
            return
        told = event.data.get("unaccounted")
        commits = [str(each) for each in told] if isinstance(told, list) else []
        if new := [each for each in commits if (place.key, each) not in self._known]:
            self._known |= {(place.key, each) for each in new}
            yield self._found(event, ref, new, None)

    def _found(self, event: Event, ref: str, commits: list[str], actor: str | None) -> Found:
        place = Place.of(event)
        who = actor or "somebody whom the code host does not name"
        message = f"{who} brought {_told(commits)} to {ref} of {place.name} past the hub"
        return Found(
            self.rule, (place.key, ref, actor or ""), moment_of(event), (event.id,), message, place, actor=actor
        )


class RewrittenRef(Detector):
    rule = Rule(
        id="AN-02",
        uuid="27ee26b9-e99b-462e-b3cc-d8cf45f0aa64",
        title="The history of a target branch was rewritten",
        level=Level.CRITICAL,
        status=Status.STABLE,
        description="A target branch was moved to what does not contain what was there before, or was deleted.",
        false_positives=("A history that was cleaned of a secret, by agreement",),
        tags=("attack.defense-evasion", "attack.t1070", "attack.impact", "attack.t1565.001"),
        who="whoever administers the repository",
        step="Compare both ends with the audit log, bring back what is lost, and forbid pushes by force",
        limits="Reconciliation finds it: what nobody reconciles, nobody finds.",
    )
    sees = frozenset({EventType.BYPASS_FOUND})

    def seen(self, event: Event) -> Iterable[Found]:
        if not _rewrites(event):
            return
        place, ref, actor = Place.of(event), str(event.subject.get("ref")), _actor(event)
        before, after = (str(event.subject.get(end))[:12] for end in ("before", "after"))
        who = actor or "somebody whom the code host does not name"
        message = f"{who} moved {ref} of {place.name} from {before} to {after}, which does not contain it"
        yield Found(
            self.rule, (place.key, ref, before, after), moment_of(event), (event.id,), message, place, actor, quiet=None
        )


class WeakenedProtection(Detector):
    rule = Rule(
        id="AN-03",
        uuid="65259620-a6cd-49b2-a760-311fe91b37f5",
        title="The protection of a target branch was weakened",
        level=Level.HIGH,
        status=Status.TEST,
        description="Rulesets and branch protection together demand less than when the hub last looked, or let more "
        "actors get around them.",
        false_positives=("A ruleset that is being moved to another place, step by step",),
        tags=("attack.defense-evasion", "attack.t1562.001", "attack.persistence", "attack.t1098"),
        who="whoever administers the repository",
        step="Find out in the code host's audit log who changed it, and bring back what is missing",
        limits="Judged where a rule of the check `ruleset` has the hub read the protection: without one it looks at "
        "none. What the token may not read is unknown, and not taken for gone.",
    )
    sees = frozenset({EventType.PROTECTION_OBSERVED})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._last: dict[tuple[str, str], Event] = {}

    def seen(self, event: Event) -> Iterable[Found]:
        place, branch = Place.of(event), str(event.subject["branch"])
        before = self._last.get((place.key, branch))
        self._last[place.key, branch] = event
        if before is not None and (less := tuple(_less(before.data, event.data))):
            message = f"{branch} of {place.name} is guarded by less than before: {'; '.join(less)}"
            events = (before.id, event.id)
            yield Found(self.rule, (place.key, branch, event.id), moment_of(event), events, message, place, quiet=None)


def _rewrites(event: Event) -> bool:
    return str(event.data.get("kind")) in _REWRITES or "before" in event.subject


def _actor(event: Event) -> str | None:
    actor = event.data.get("actor")
    return None if actor is None else str(actor)


def _told(commits: list[str]) -> str:
    more = f" and {len(commits) - 1} more" if len(commits) > 1 else ""
    return f"{commits[0][:12]}{more}"


def _less(before: dict[str, JsonValue], after: dict[str, JsonValue]) -> Iterator[str]:
    hidden = _names(after, "unread") - _names(before, "unread")
    if not hidden:
        for name, title in (("demands", "does not demand any more"), ("checks", "does not wait any more for")):
            if gone := _names(before, name) - _names(after, name):
                yield f"it {title} {', '.join(sorted(gone))}"
        needed, now = (_count(each.get("reviews")) for each in (before, after))
        if now < needed:
            yield f"it asks for {now} reviews, and asked for {needed}"
    if isinstance(before.get("bypass"), list) and (new := _names(after, "bypass") - _names(before, "bypass")):
        yield f"{', '.join(sorted(new))} may get around it now"


def _names(data: dict[str, JsonValue], name: str) -> set[str]:
    told = data.get(name)
    return {str(each) for each in told} if isinstance(told, list) else set()


def _count(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
