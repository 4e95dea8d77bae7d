"""AN-12 to AN-14: who approves, how fast, and whose changes."""

from collections import Counter, deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from tasks.domain.anomalies.detector import Detector, Settings
from tasks.domain.anomalies.finding import Found, Place
from tasks.domain.anomalies.landing import Landing
from tasks.domain.anomalies.rule import Level, Rule, Status

RAPID = timedelta(minutes=5)
FORGOTTEN = timedelta(days=90)
LEARNING = timedelta(days=28)
PAIR_PERIOD = timedelta(days=30)
PAIR_PERCENT = 80
LEAST_EACH = 3
_MOST_KEPT = 400


class RapidApprovals(Detector):
    rule = Rule(
        id="AN-12",
        uuid="e66ce40b-22dc-4e74-87ae-e813ae9392d9",
        title="One person approved many pull requests in a few minutes",
        level=Level.MEDIUM,
        status=Status.TEST,
        description="Five approvals by one login within five minutes, of pull requests that landed.",
        false_positives=("Somebody who read all of them first and approved them at the end", "Generated changes"),
        tags=("attack.defense-evasion", "attack.t1078"),
        who="the team's lead",
        step="Ask who approved whether it was them, and have what landed looked at again",
        limits="Approvals are seen with the landing that counted them. How soon after a push somebody approved a large "
        "change is not judged: no record says when a head was pushed.",
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._given: dict[str, dict[tuple[str, int], datetime]] = {}

    def landed(self, landing: Landing) -> Iterable[Found]:
        for given in landing.approvals or ():
            if given.at is None:
                continue
            own = self._given.setdefault(given.reviewer, {})
            own[landing.place.key, landing.number] = given.at
            together = _most_within(RAPID, [at for at in own.values() if abs(at - given.at) <= RAPID])
            if together >= self.settings.anomalies.rapid_approvals:
                message = f"{given.reviewer} approved {together} pull requests in five minutes, {landing.name} the last"
                place = Place(landing.place.team)
                yield Found(
                    self.rule, (given.reviewer,), landing.at, landing.events, message, place, actor=given.reviewer
                )
            if len(own) > _MOST_KEPT:
                latest = sorted(own.items(), key=lambda each: each[1])[_MOST_KEPT // 2 :]
                self._given[given.reviewer] = dict(latest)


def _most_within(period: timedelta, moments: list[datetime]) -> int:
    ordered = sorted(moments)
    return max(sum(1 for at in ordered[first:] if at - begin <= period) for first, begin in enumerate(ordered))


class NewApprover(Detector):
    rule = Rule(
        id="AN-13",
        uuid="583d674e-5256-41f7-8863-bd4b42ea52ed",
        title="Somebody approved in a repository for the first time in 90 days",
        level=Level.LOW,
        status=Status.TEST,
        description="A landing counted the approval of a login that approved nothing there in the 90 days before.",
        false_positives=("Somebody new on the team", "Somebody who came back"),
        tags=("attack.initial-access", "attack.t1078", "attack.persistence", "attack.t1098"),
        who="the team's lead",
        step="Check that this person is to approve there",
        limits="Judged from the 28th day of a repository in the log on: at first everybody is new.",
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._begun: dict[str, datetime] = {}
        self._last: dict[tuple[str, str], datetime] = {}

    def landed(self, landing: Landing) -> Iterable[Found]:
        place = landing.place
        begun = self._begun.setdefault(place.key, landing.at)
        for given in landing.approvals or ():
            last = self._last.get((place.key, given.reviewer))
            self._last[place.key, given.reviewer] = landing.at
            if landing.at - begun >= LEARNING and (last is None or landing.at - last > FORGOTTEN):
                message = f"{given.reviewer} approved {landing.name}, and nothing there in the 90 days before"
                about = (place.key, given.reviewer)
                yield Found(self.rule, about, landing.at, landing.events, message, place, actor=given.reviewer)


class ReciprocalPair(Detector):
    rule = Rule(
        id="AN-14",
        uuid="f96f1c64-0eed-4e05-a366-914b59740d4d",
        title="Two people approve each other's changes and hardly anybody else's do",
        level=Level.LOW,
        status=Status.EXPERIMENTAL,
        description="Of at least ten changes of two people in 30 days, at least three of each, the other one approved "
        "four fifths of either's.",
        false_positives=("A team of two",),
        tags=("attack.defense-evasion", "attack.t1078"),
        who="the team's lead",
        step="Have somebody else review some of it, and spread reviews among more people",
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._latest: deque[Landing] = deque()
        self._wrote: Counter[str] = Counter()
        self._approved: Counter[tuple[str, str]] = Counter()

    def landed(self, landing: Landing) -> Iterable[Found]:
        author = landing.author
        if author is None or landing.approvals is None:
            return
        self._latest.append(landing)
        self._count(landing, 1)
        while self._latest[0].at < landing.at - PAIR_PERIOD:
            self._count(self._latest.popleft(), -1)
        for other in sorted({each.reviewer for each in landing.approvals} - {author}):
            if self._are_a_pair(author, other):
                one, two = sorted((author, other))
                many = self._wrote[one] + self._wrote[two]
                message = f"{one} and {two} approved nearly all of each other's {many} changes of 30 days"
                yield Found(
                    self.rule,
                    (one, two),
                    landing.at,
                    landing.events,
                    message,
                    Place(landing.place.team),
                    quiet=PAIR_PERIOD,
                )

    def _count(self, landing: Landing, by: int) -> None:
        author = str(landing.author)
        self._wrote[author] += by
        for who in {each.reviewer for each in landing.approvals or ()}:
            self._approved[author, who] += by

    def _are_a_pair(self, one: str, two: str) -> bool:
        each = ((self._wrote[one], self._approved[one, two]), (self._wrote[two], self._approved[two, one]))
        if sum(wrote for wrote, _ in each) < self.settings.anomalies.pair_changes:
            return False
        return all(wrote >= LEAST_EACH and approved * 100 >= wrote * PAIR_PERCENT for wrote, approved in each)
