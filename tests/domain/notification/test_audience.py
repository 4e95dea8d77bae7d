"""Who is to be told, as the configuration says."""

import pytest

from config.schema import Channels, Email, Notifications, Slack
from tasks.domain.advice import ADVICE, advice_on
from tasks.domain.notification import Audience, audience
from tasks.domain.reasons import ReasonCode
from tasks.domain.receipts import Channel

SLACK = Slack(webhook="https://hooks.example/x", channels=Channels(success="#deployments", audit="#audit"))
EMAIL = Email(smtp_server="mail.example", recipients=("ops@example.org",))


def test_channels_and_recipients_are_the_configured_ones() -> None:
    assert audience(Notifications(slack=SLACK, email=EMAIL), ["web"]) == Audience(
        {Channel.SUCCESS: "#deployments", Channel.AUDIT: "#audit"}, ("ops@example.org",), frozenset({"web"})
    )


def test_without_notifications_nobody_is_told() -> None:
    assert audience(Notifications(), []).channels == ()


def test_without_slack_mail_is_still_told() -> None:
    assert audience(Notifications(email=EMAIL), []).channels == (Channel.MAIL,)


@pytest.mark.parametrize("code", list(ReasonCode))
def test_every_reason_says_who_can_act_and_what_is_next(code: ReasonCode) -> None:
    assert ADVICE[code].who
    assert ADVICE[code].step


def test_a_code_from_another_version_has_advice_as_well() -> None:
    assert "merge-hub plan" in advice_on("reason-of-the-future").step
