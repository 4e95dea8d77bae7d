from tasks.domain.anomalies import Level, judged
from tests.domain.anomalies.quiet import SETTINGS, quiet_month


def test_in_a_quiet_month_nothing_is_grave() -> None:
    month = quiet_month(seed=1)
    alerts = judged(month.events, SETTINGS, month.now)

    assert sum(event.type == "merge.completed" for event in month.events) > 350
    assert [each.found.message for each in alerts if each.found.severity in {Level.HIGH, Level.CRITICAL}] == []
