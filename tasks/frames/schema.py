"""
The tables of the metrics report, column by column; `tasks.frames.columns` says what a kind of column holds.

Every number that is shown anywhere is a cell of one of these. `totals`, `teams`, `repositories` and `weeks` have the
same measures (`MEASURES`), each counted anew from the rows of its scope: rates and percentiles are never averaged.
In `totals` and `comparison` the team is `all`.
"""

from tasks.frames.columns import (
    Column,
    Kind,
    Table,
    counts,
    moments,
    numbers,
    rate,
    seconds,
    texts,
    times,
    truths,
)
from tasks.frames.measures import GATE_MEASURES, MEASURES

EVERY_TEAM = "all"

STAGES = ("coding", "draft", "pickup", "review", "wait", "queue", "merge")
"""In the order in which a pull request goes through them."""

EXIT_CLASSES = ("merged", "failed", "cancelled")
CONTROL_OUTCOMES = ("proven", "exception_approved", "failed", "no_evidence", "not_applicable")
SEVERITIES = ("action", "watch", "note")

_TEAM = texts(team="Team; empty where none is known.")
_REPOSITORY = texts(repository_id="Repository, by what never changes.", repository="Its latest name.")
_GATE = texts(gate="Gate.")
_WEEK = moments(week="Monday 00:00 UTC that the ISO week begins with.")
_COMPLETE = truths(complete="Whether the whole week is inside the window.")
_GATE_COUNTS = counts(
    attempts="Runs; a cached result is none.",
    cached="Results taken from an earlier run.",
    cancelled="Cancelled runs; in no rate.",
    skipped="Skipped; in no rate.",
    infra="Runs that the infrastructure failed; in no rate.",
    retried="Gates that were run again on the same evaluation.",
)

TABLES = {
    table.name: table
    for table in (
        Table("totals", "The whole window in one row.", _TEAM, MEASURES),
        Table("teams", "A row a team.", _TEAM, MEASURES),
        Table("repositories", "A row a repository of a team.", (*_TEAM, *_REPOSITORY), MEASURES),
        Table(
            "weeks", "A row a week of a team, also where nothing happened.", (*_TEAM, *_WEEK), (*_COMPLETE, *MEASURES)
        ),
        Table(
            "gates",
            "A row a gate of a team.",
            (*_TEAM, *_GATE),
            (
                *_GATE_COUNTS,
                *GATE_MEASURES,
                *rate("flips", "Passed runs followed by a failed one, runs of three failures and more left out."),
                *times("duration", "Duration of judged runs.", (50, 75, 90, 95)),
                *times("queued", "Waiting for a runner."),
            ),
        ),
        Table(
            "gate_weeks",
            "A row a week of a gate of a team.",
            (*_TEAM, *_GATE, *_WEEK),
            (
                *_COMPLETE,
                *counts(attempts="Runs; a cached result is none."),
                *rate("gate_success", "First attempts that passed, of those judged."),
                *times("duration", "Duration of judged runs."),
            ),
        ),
        Table(
            "stages",
            "Where the time of merged pull requests went: people's, no rollbacks.",
            (*_TEAM, *texts(stage=f"{', '.join(STAGES)}.")),
            (
                *counts(order="Place of the stage, from 0.", unknown="Merged pull requests without this stage."),
                *times("clock", "Clock time."),
                *times("working", "Working hours of the team."),
            ),
        ),
        Table(
            "exits",
            "How pull requests left the queue.",
            (
                *_TEAM,
                *texts(**{"class": f"{', '.join(EXIT_CLASSES)}.", "code": "Reason code; empty where none is known."}),
            ),
            counts(count="Exits."),
        ),
        Table(
            "controls",
            "Merges by what is known of each control.",
            (*_TEAM, *texts(control="Control.")),
            (
                *counts(
                    proven="Proven.",
                    exception_approved="Not met, and the exception approved.",
                    failed="Not met.",
                    no_evidence="Nothing on record: not met.",
                    not_applicable="Not asked of this merge.",
                ),
                *rate("met", "Proven, of all but not applicable."),
            ),
        ),
        Table(
            "depth",
            "The queue as steps: from `at` on it held `depth`, until the next row.",
            (*_REPOSITORY, *moments(at="From this moment on.")),
            counts(depth="Pull requests in the queue."),
        ),
        Table(
            "batches",
            "How batches were tested.",
            _TEAM,
            (
                *counts(
                    batches="Batches formed; parts of a split one are not counted.",
                    members="Pull requests in them.",
                    landed="Pull requests that landed.",
                    evaluations="Evaluations made.",
                    culprits="Culprits found.",
                    depth_max="Most splits in a row.",
                ),
                *rate("bisected", "Batches that were split."),
                *numbers(
                    size_mean="Mean size.",
                    evaluations_per_landed="Evaluations per landed pull request.",
                    optimum="Evaluations that the best plan is expected to need at the assumed odds.",
                    optimum_per_landed="The same per landed pull request.",
                    saved="Members less evaluations: what testing one by one would have cost more.",
                ),
            ),
        ),
        Table(
            "forecast",
            "How often pull requests were bad, beside how often that was expected; of all teams.",
            numbers(bin="Lower end of the bin of forecasts, which is 0.1 wide."),
            (
                *counts(n="Forecasts whose truth became known."),
                *(Column("expected", Kind.SHARE, "Mean forecast."),),
                *rate("observed", "Share that was bad."),
            ),
        ),
        Table(
            "restores",
            "Rollbacks ended in the window.",
            (*moments(restored_at="When the rollback had landed."), *texts(rollback_id="Rollback.")),
            (
                *texts(incident="Incident."),
                *_TEAM,
                *_REPOSITORY,
                *counts(number="Pull request that failed; missing where it had none."),
                *texts(
                    failing_commit="What it had landed as.",
                    reland_of="Rollback that this one takes back; empty for none.",
                ),
                *moments(landed_at="When it had landed.", detected_at="Detected.", decided_at="Decided."),
                *seconds(
                    detect_seconds="Landed to detected.",
                    decide_seconds="Detected to decided.",
                    execute_seconds="Decided to restored.",
                    restore_seconds="Landed to restored.",
                ),
            ),
        ),
        Table(
            "open",
            "Pull requests open at the end of the window.",
            (*_TEAM, *_REPOSITORY, *counts(number="Pull request.")),
            (
                *texts(
                    author_kind="human, bot or unknown.",
                    stage="draft, pickup, review, wait or queue.",
                    waits_for="Whom or what it waits for.",
                ),
                *moments(
                    opened_at="Opened.",
                    ready_at="Ready for review; missing for a draft.",
                    stage_at="In this stage since.",
                ),
                *seconds(
                    age_seconds="Since it was opened.",
                    ready_seconds="Since it was ready.",
                    ready_working_seconds="The same in working hours.",
                    stage_seconds="In this stage.",
                ),
                *truths(over_objective="Whether it is past the objective for merging, or for the queue."),
            ),
        ),
        Table(
            "attention",
            "What somebody should look at, the most urgent first.",
            (*counts(order="Place, from 0."),),
            (
                *texts(severity=f"{', '.join(SEVERITIES)}."),
                *_TEAM,
                *texts(
                    what="What is the matter.",
                    who="Who waits for what, or should look.",
                    table="Table that this is counted in.",
                    row="Its row: the keys, joined by a slash.",
                ),
            ),
        ),
        Table(
            "comparison",
            "The window beside another one; only what is clear may be coloured.",
            (*_TEAM, *texts(metric="Column of `teams` (of `totals` for all teams).")),
            (
                *texts(
                    kind="Kind of the metric's column: share, seconds, count or number.",
                    method="Interval of the difference: newcombe, bootstrap or none.",
                ),
                *numbers(
                    before="In the other window.",
                    after="In this window.",
                    difference="After less before.",
                    low="Lower end of the difference's 95 % interval; missing where none can be said.",
                    high="Upper end.",
                ),
                *counts(before_n="Of how many.", after_n="Of how many."),
                *truths(
                    clear="Whether the interval excludes none.",
                    better="Whether the change is for the better; missing where it is not clear, or neither.",
                ),
            ),
        ),
        Table(
            "freshness",
            "How far the facts reach; a repository without a row in `source` was never read from it.",
            (*_REPOSITORY, *texts(source="Where the facts come from.")),
            (
                *moments(data_to="Facts are complete to here."),
                *truths(stale="Whether this is more than a day before the end."),
            ),
        ),
    )
}
