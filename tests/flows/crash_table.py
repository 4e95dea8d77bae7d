"""Every death that is died in the suite: in which story at which point, and after which other death."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from tasks.crash_points import CrashPoint
from tests.flows.crash_governance import SCENES
from tests.flows.crash_incidents import INCIDENTS, ROLLED_BACK, TREES
from tests.flows.crash_stories import (
    BY_THE_HOST,
    MERGED,
    OF_ANCHORING,
    OF_LOST_MESSAGES,
    OF_METRICS,
    SQUASHED,
    WHILE_RECOVERING,
    Story,
)

_LEADING_TO = {
    CrashPoint.AFTER_MIRROR_BEGUN: CrashPoint.AFTER_MIRROR_BEGUN,
    CrashPoint.AFTER_MIRROR_MADE: CrashPoint.AFTER_MIRROR_BEGUN,
    CrashPoint.AFTER_ABANDONED_WORKSPACE: CrashPoint.AFTER_CHECKOUT,
    CrashPoint.AFTER_LOST_MESSAGE: CrashPoint.AFTER_MESSAGE_SENT,
}
"""After a death behind the push there is most to put in order; but it leaves nothing for these to come to."""

_OF_CLOSING = (
    (CrashPoint.AFTER_LANDING_RECORD, CrashPoint.AFTER_COMMENT),
    (CrashPoint.AFTER_COMMENT, CrashPoint.AFTER_CLOSED),
    (CrashPoint.AFTER_LANDING_FAILURE, CrashPoint.AFTER_COMMENT),
)


def _after_a_death(story: Story, points: Collection[CrashPoint]) -> list[tuple[Story, CrashPoint, CrashPoint]]:
    ordered = [point for point in CrashPoint if point in points]
    return [(story, _LEADING_TO.get(second, CrashPoint.AFTER_PUSH), second) for second in ordered]


TWICE = (
    *_after_a_death(MERGED, {*MERGED.points, *WHILE_RECOVERING}),
    *_after_a_death(SQUASHED, WHILE_RECOVERING),
    *_after_a_death(BY_THE_HOST, WHILE_RECOVERING),
    *((SQUASHED, first, second) for first, second in _OF_CLOSING),
)
WITH_METRICS = (MERGED, SQUASHED, ROLLED_BACK)
WITH_ANCHORS = (MERGED, SQUASHED, ROLLED_BACK)
WITH_LOST_MESSAGES = (MERGED, BY_THE_HOST, TREES[0])


def stories_by_point() -> Mapping[CrashPoint, frozenset[str]]:
    """In which stories a test dies at each point."""
    found: dict[CrashPoint, set[str]] = defaultdict(set)
    deaths = [(story, story.points) for story in (MERGED, SQUASHED, BY_THE_HOST, *INCIDENTS)]
    deaths += [(story, (second,)) for story, _, second in TWICE]
    deaths += [(story, OF_METRICS) for story in WITH_METRICS]
    deaths += [(story, OF_ANCHORING) for story in WITH_ANCHORS]
    deaths += [(story, OF_LOST_MESSAGES) for story in WITH_LOST_MESSAGES]
    deaths += [(scene.story, (scene.point,)) for scene in SCENES]
    for story, points in deaths:
        for point in points:
            found[point].add(story.name)
    return {point: frozenset(found[point]) for point in CrashPoint}
