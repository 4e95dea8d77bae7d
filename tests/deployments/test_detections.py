"""What a SIEM is given says what the rules say, in files that the field's own tools read."""

import pytest
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule

from flows.detections import FOLDER, files
from tasks.domain.anomalies import RULES


@pytest.mark.parametrize("name", sorted(files()))
def test_a_file_is_what_its_rule_says(name: str) -> None:
    """Otherwise: `python -m flows.detections`."""
    assert (FOLDER / name).read_text("utf-8") == files()[name]


def test_there_is_a_file_for_each_rule_and_no_other() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(files())
    assert len(files()) == len(RULES)


def test_sigma_reads_every_file_and_finds_each_rule_by_its_uuid() -> None:
    collection = SigmaCollection.load_ruleset([FOLDER])

    assert collection.errors == []
    assert {str(rule.id) for rule in collection.rules if rule.id} == {rule.uuid for rule in RULES.values()}
    assert sum(isinstance(rule, SigmaCorrelationRule) for rule in collection.rules) == 3
