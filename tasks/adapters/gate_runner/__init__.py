"""
Running gates: code from a pull request, in a copy of the checkout, with nothing of ours.

    runner       one gate from a free slot to a verdict
    supervision  the supervisor's side that runs here: it is started, drained and, if need be, ended
    supervisor   a program of its own, which starts the gate and lets nothing of it live on
    output       what is kept of a gate's output
    places       the directories that a gate has for itself
    concealment  what it must not find, and what it must not change
"""

from tasks.adapters.gate_runner.concealment import concealed, guarded, keep_to_ourselves
from tasks.adapters.gate_runner.runner import ProcessGateRunner
from tasks.adapters.gate_runner.supervision import Isolation, can_do_without_network, strongest_isolation

__all__ = [
    "Isolation",
    "ProcessGateRunner",
    "can_do_without_network",
    "concealed",
    "guarded",
    "keep_to_ourselves",
    "strongest_isolation",
]
