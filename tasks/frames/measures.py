"""
The measures of a scope, be it a week of a team or everything: columns of `totals`, `teams`, `repositories` and `weeks`.

Times are those of people's pull requests that are no rollbacks.
"""

from tasks.frames.columns import counts, numbers, rate, seconds, texts, times

_THROUGHPUT = (
    *counts(
        merged="Pull requests merged.",
        merged_bots="Of these, opened by a bot: counted here, left out of every time.",
        merged_rollbacks="Of these, rollbacks: left out of every time, and of what can fail.",
        entered="Entries into the queue.",
        left="Exits from the queue.",
    ),
    *numbers(merged_per_week="Pull requests merged, by the weeks of the window."),
)
_FLOW = (
    *times("merge_time", "Ready for review to merged, clock time; people's pull requests, no rollbacks."),
    *times("merge_time_working", "The same in the team's working hours."),
    *seconds(merge_time_censored_p50="Half were merged after this long, the still open counted in (Kaplan-Meier)."),
    *counts(merge_time_censored_n="Pull requests that became ready in the window, merged or not."),
    *rate("within_objective", "Merged within the objective of working hours."),
    *times("lead_time", "First commit to deployed, or to merged where no deployment is known (`lead_time_until`)."),
    *texts(lead_time_until="`deployed` or `merged`: never both in one median."),
)
GATE_MEASURES = (
    *rate("gate_success", "First attempts of a gate that passed, of those that passed, failed, timed out or errored."),
    *rate("gate_eventual", "The same of the last attempt on the same content: what retries hide is the difference."),
    *rate("flake_rate", "Gates judged on the same heads, base and tree that both failed and passed."),
    *rate("retry_recovery", "Gates that were run again and then passed, of those run again."),
    *seconds(
        runner_seconds="Time of runners that gates took.",
        wasted_seconds="Of this, failures of what also passed on the same content, and cancelled runs.",
    ),
)
_COST = seconds(runner_seconds_per_merged="Time of runners per merged pull request.")
_QUEUE = (
    *rate("queue_failure", "Exits by a proven gate failure or timeout, of all exits."),
    *times("queue_time", "Last entry into the queue to its exit, of merged pull requests."),
    *counts(
        depth_now="Pull requests in the queue at the end of the window.",
        depth_max="Most at one moment.",
        awaiting_now="Pull requests whose policy is satisfied and that are not in the queue, at the end of the window.",
        restarts="Times that testing began again.",
        evaluations="Batches tested: evaluations of a tree for the queue.",
        batch_landed="Pull requests that landed through these.",
    ),
    *numbers(
        depth_mean="Mean over time.",
        restarts_per_merged="Restarts per merged pull request.",
        evaluations_per_landed="Evaluations per landed pull request.",
        optimum="Evaluations that the best plan is expected to need at the assumed odds.",
        optimum_per_landed="The same per landed pull request.",
    ),
)
_STABILITY = (
    *rate(
        "change_fail",
        "Merges, at the date of the merge, that an incident or a rollback took back; an incident counts once.",
    ),
    *counts(failed_merges="Merges taken back, also where several fell to one incident."),
    *times("restore_time", "Landing of the failing merge to its rollback, of each incident."),
    *rate("deployment_rework", "Landings by hotfix, emergency or rollback, of all landings."),
    *rate("review_rework", "Reviewed pull requests with commits pushed after the first review."),
    *numbers(pushes_after_review="Pushes after the first review, mean per reviewed pull request."),
)
_COMPLIANCE = (
    *rate("compliance", "Merges of which every applicable control is proven, of all merges known."),
    *rate("coverage", "Merges with evidence, of those that the code host lists; missing where it was not asked."),
    *counts(exceptions="Merges with an approved exception: these are not met."),
)
_FORECAST = (
    *counts(forecast_n="Forecasts that a pull request is bad whose truth became known."),
    *numbers(
        forecast_error="Mean squared error of these (Brier); 0 is perfect, 0.25 a coin.",
        forecast_bias="Mean forecast less the share that was bad.",
    ),
)
_OPEN = (
    *counts(open="Pull requests open at the end of the window."),
    *seconds(open_oldest_seconds="Age of the oldest since it was ready."),
)

MEASURES = (
    *_THROUGHPUT, *_FLOW, *GATE_MEASURES,
    *_COST, *_QUEUE, *_STABILITY, *_COMPLIANCE, *_FORECAST, *_OPEN
)  # fmt: skip
