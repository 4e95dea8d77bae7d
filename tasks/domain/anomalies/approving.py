"""AN-04 to AN-06: approvals that should not have counted, judged once more on what was recorded of them."""

from collections.abc import Iterable

from tasks.domain.anomalies.detector import Detector
from tasks.domain.anomalies.finding import Found, Place
from tasks.domain.anomalies.landing import Landing
from tasks.domain.anomalies.rule import Level, Rule, Status
from tasks.domain.audit import Event, EventType
from tasks.domain.remembered import moment_of


class SelfApproval(Detector):
    rule = Rule(
        id="AN-04",
        uuid="c92fdd62-3be9-45bd-bca4-455bbd3060c9",
        title="Somebody approved what they wrote a part of",
        level=Level.HIGH,
        status=Status.STABLE,
        description="An approval by the author, a contributor of commits or who pushed the head: submitted, whether or "
        "not it counted, or counted for a landing.",
        false_positives=("Somebody who helped with one commit and approves out of habit; the approval did not count",),
        tags=("attack.defense-evasion", "attack.t1078"),
        who="the team's lead",
        step="Ask who approved why; where the approval counted, have the landing reviewed by somebody independent",
        limits="A submitted approval is seen when policies decide on the pull request, not in the moment it is given.",
    )
    sees = frozenset({EventType.POLICY_DECIDED})

    def seen(self, event: Event) -> Iterable[Found]:
        told = event.data.get("self_approvals")
        place, number = Place.of(event), event.subject["pull_request"]
        for who in sorted(map(str, told)) if isinstance(told, list) else ():
            message = f"{who} approved {place.name}#{number} and wrote a part of it; the approval did not count"
            about = (place.key, str(number), who)
            yield Found(self.rule, about, moment_of(event), (event.id,), message, place, actor=who, quiet=None)

    def landed(self, landing: Landing) -> Iterable[Found]:
        for who in sorted({each.reviewer for each in landing.approvals or ()} & landing.contributors):
            message = f"{landing.name} landed on the approval of {who}, who wrote a part of it"
            about = (landing.place.key, str(landing.number), who, "counted")
            yield Found(self.rule, about, landing.at, landing.events, message, landing.place, actor=who, quiet=None)


class UnlistedApprover(Detector):
    rule = Rule(
        id="AN-05",
        uuid="08005da0-6f8f-4df4-b4a2-e0a8a06684f2",
        title="An approval counted of somebody who is no listed approver",
        level=Level.HIGH,
        status=Status.STABLE,
        description="A landing rests on the approval of a login that access.yml did not list for the team then.",
        false_positives=(),
        tags=("attack.privilege-escalation", "attack.t1078"),
        who="whoever is on call for merge-hub",
        step="Compare access.yml of that commit of the configuration with the record; have the landing reviewed again",
        limits="The hub counts no such approval: this finds a hub that does, or a record that somebody made up.",
    )

    def landed(self, landing: Landing) -> Iterable[Found]:
        if landing.approvers is None:
            return
        for who in sorted({each.reviewer for each in landing.approvals or ()} - landing.approvers):
            message = f"{landing.name} landed on the approval of {who}, whom access.yml does not list"
            about = (landing.place.key, str(landing.number), who)
            yield Found(self.rule, about, landing.at, landing.events, message, landing.place, actor=who, quiet=None)


class StaleApproval(Detector):
    rule = Rule(
        id="AN-06",
        uuid="59035e02-0b06-489a-b275-e9098e4b1512",
        title="What landed is not what was approved",
        level=Level.HIGH,
        status=Status.STABLE,
        description="A landing counted an approval of another commit than the head that landed, which git did not "
        "prove to bring the same.",
        false_positives=(),
        tags=("attack.defense-evasion", "attack.t1195.002"),
        who="whoever is on call for merge-hub",
        step="Compare the approved commit with the head that landed; roll it back, or have it reviewed",
        limits="The hub counts no such approval: this finds a hub that does, or a record that somebody made up.",
    )

    def landed(self, landing: Landing) -> Iterable[Found]:
        for given in landing.approvals or ():
            if given.commit != landing.head and not given.same:
                commit = "no known commit" if given.commit is None else given.commit[:12]
                message = f"{landing.name} landed as {landing.head[:12]}, and {given.reviewer} approved {commit}"
                about = (landing.place.key, str(landing.number), given.reviewer)
                yield Found(
                    self.rule, about, landing.at, landing.events, message, landing.place, landing.author, quiet=None
                )
