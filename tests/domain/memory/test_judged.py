"""How many pull requests of a repository its gates refuse, as far as the log tells."""

from tasks.domain.memory import recall
from tasks.domain.odds import Judged, Sign
from tests.domain.builders import pull_request
from tests.domain.memory.test_memory import landed, refused

BAD, GOOD = Judged(Sign.NONE, bad=True), Judged(Sign.NONE, bad=False)


def test_every_head_that_landed_or_was_refused_counts_once() -> None:
    bad, good = pull_request(1), pull_request(2)

    assert recall([refused(bad), refused(bad), *landed(good)]).judged == (BAD, GOOD)


def test_a_head_that_was_refused_and_landed_when_asked_again_was_not_bad() -> None:
    pull = pull_request(1)

    assert recall([refused(pull), *landed(pull)]).judged == (GOOD,)
