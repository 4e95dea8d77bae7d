"""A message that was not taken is sent again, and one of which the answer was lost is not; nor after a death."""

from collections.abc import Iterator

import pytest

from tasks.crash_points import CrashPoint
from tests.flows.crash_stories import Story, refuses_messages
from tests.flows.crash_table import WITH_LOST_MESSAGES
from tests.flows.dying import Stages, left, stages_of, unlike
from tests.flows.forked import Forks
from tests.flows.hub import Hub
from tests.flows.proxy import between

WEBHOOK = "SLACK_WEBHOOK_ENTERPRISE"


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stages]:
    yield from stages_of(tmp_path_factory, forks)


def told(hub: Hub, kind: str) -> int:
    return len(hub.events_of(f"message.{kind}"))


def test_a_message_of_which_the_answer_is_lost_is_said_to_be_so_and_not_sent_again(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    topic = api.pull_request("topic")

    with between(hub, WEBHOOK) as chat:
        chat.cut = lambda _method, _path: told(hub, "unknown") == 0
        run = hub.run()
    kept = hub.traces()
    again = hub.run()

    (problem,) = run.problems
    assert problem.startswith("slack/success: whether a message arrived is unknown: Slack was given the message")
    assert run.told(topic) == ["merged"]
    assert [post["channel"] for post in hub.organization.posts()] == ["#deployments", "#audit"]
    assert (told(hub, "unknown"), told(hub, "failed")) == (1, 0)
    assert again.problems == ()
    assert hub.traces() == kept


@pytest.mark.long
@pytest.mark.parametrize("story", WITH_LOST_MESSAGES, ids=str)
def test_a_message_that_was_not_taken_is_sent_by_the_next_run_after_a_death(stages: Stages, story: Story) -> None:
    with stages(story).performance() as mortal:
        refuses_messages(mortal.hub.organization)
        mortal.dies(CrashPoint.AFTER_MESSAGE_FAILURE)
        mortal.hub.run()
        kept = mortal.hub.traces()
        mortal.hub.run()

        posts, mails = mortal.hub.organization.posts(), mortal.hub.organization.mails()
        assert not unlike(left(mortal.hub, exact=story.exact) | {"told twice": []}, stages(story).undisturbed())
        assert told(mortal.hub, "failed") == 1
        assert told(mortal.hub, "sent") == len(posts) + len(mails)
        assert mortal.hub.traces() == kept


@pytest.mark.long
@pytest.mark.parametrize("story", WITH_LOST_MESSAGES, ids=str)
def test_a_message_that_may_have_arrived_is_not_sent_again_after_a_death(stages: Stages, story: Story) -> None:
    with stages(story).performance() as mortal:
        with between(mortal.hub, WEBHOOK) as chat:
            chat.cut = lambda _method, _path: True
            mortal.dies(CrashPoint.AFTER_MESSAGE_UNKNOWN)
        mortal.hub.run()
        kept = mortal.hub.traces()
        mortal.hub.run()

        posts, mails = mortal.hub.organization.posts(), mortal.hub.organization.mails()
        assert not unlike(left(mortal.hub, exact=story.exact), stages(story).undisturbed())
        assert told(mortal.hub, "unknown") == 1
        assert told(mortal.hub, "sent") == len(posts) + len(mails) - 1
        assert mortal.hub.traces() == kept
