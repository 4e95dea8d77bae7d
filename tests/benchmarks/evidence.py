"""
Evidence at length: how fast a log takes events durably, how fast it is sealed, and how fast a stranger verifies it.

    python -m tests.benchmarks.evidence --events 100000
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tasks.domain.audit import Event
from tasks.domain.model import Digest
from tasks.evidence import store_by_digest
from tasks.sealing import seal_log
from tasks.verification import Trust, verify_store
from tests.domain.builders import ENVIRONMENT, candidate, gate, gate_result
from tests.domain.chronicle import Story
from tests.tasks.office import Office

BATCH = 100
ONE_AT_A_TIME = 200


def gate_runs(story: Story, log: Digest, count: int, first: int = 0) -> list[Event]:
    """Events as most of a log is made of them, each about another candidate."""
    result = replace(gate_result("unit"), log=log)
    return [
        story.recorder.gate_finished(candidate(number), gate("unit"), ENVIRONMENT, result)
        for number in range(first + 1, first + count + 1)
    ]


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        services = office.services
        story, log = Story(services.log), store_by_digest(b"12 passed\n", services, "text/plain")
        alone = gate_runs(story, log, ONE_AT_A_TIME)
        seconds = timed(lambda: [services.log.append([each]) for each in alone])
        told(f"appended one at a time: {ONE_AT_A_TIME / seconds:,.0f} events/s")
        many = gate_runs(story, log, count - ONE_AT_A_TIME, ONE_AT_A_TIME)
        batches = [many[start : start + BATCH] for start in range(0, len(many), BATCH)]
        seconds = timed(lambda: [services.log.append(batch) for batch in batches])
        told(f"appended by {BATCH}, each batch durable: {len(many) / seconds:,.0f} events/s")
        told(
            f"sealed for the first time: {timed(lambda: seal_log.fn(services)):.2f} s for {services.log.size()} events"
        )
        services.log.append(gate_runs(story, log, BATCH, count))
        told(f"sealed with 100 more: {timed(lambda: seal_log.fn(services)):.3f} s")
        trust = Trust((office.seal.log.key, office.seal.attest.key))
        began = time.perf_counter()
        verified = verify_store(services.evidence, trust)
        seconds = time.perf_counter() - began
        told(f"verified: {seconds:.2f} s for {verified.events} events, {len(verified.flaws)} exceptions")


def told(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
