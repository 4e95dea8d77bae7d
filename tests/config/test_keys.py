"""No key of the configuration is accepted and forgotten: the product reads it, or says that it has no effect."""

import ast
from collections.abc import Iterator
from pathlib import Path

import config
from config.schema.values import Section

ROOT = Path(config.__file__).parent.parent
CHECKS = {"check.py", "crosscheck.py", "inert.py", "validation.py"}
"""What these read is checked, which is no effect."""

FOR_WHO_READS_THE_FILE = {"api_version"}
"""So is `kind`, and something else of that name is read."""
SAID_TO_HAVE_NO_EFFECT = {"compliance", "require_audit_log"}


def sections(section: type[Section] = Section) -> Iterator[type[Section]]:
    for below in section.__subclasses__():
        yield below
        yield from sections(below)


def names_read() -> set[str]:
    paths = [path for folder in ("config", "flows", "tasks") for path in (ROOT / folder).rglob("*.py")]
    trees = [ast.parse(path.read_text("utf-8")) for path in paths if path.name not in CHECKS]
    return {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_every_key_is_read_or_said_to_have_no_effect() -> None:
    read = names_read()
    keys = {name for section in sections() for name in section.model_fields}

    unread = FOR_WHO_READS_THE_FILE | SAID_TO_HAVE_NO_EFFECT
    assert keys - read == unread
