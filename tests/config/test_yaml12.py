import json

import pytest

from config.yaml12 import Content, Place, parse


def content(text: str) -> Content:
    return parse(text.encode())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("n", "n"),
        ("True", True),
        ("false", False),
        ("012", 12),
        ("0o14", 12),
        ("0x0C", 12),
        ("-7", -7),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("2026-11-30", "2026-11-30"),
        ("1.5e3", 1500.0),
        ("-.inf", float("-inf")),
        ("1.", 1.0),
        (".", "."),
        ("1d", "1d"),
        ("=", "="),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("!!int 12", 12),
        ('"\\ud83d\\ude80"', "🚀"),
        ('"\\/"', "/"),
    ],
)
def test_scalars_mean_what_the_core_schema_says(written: str, meant: object) -> None:
    read = content(f"key: {written}\n")

    assert (read.value, read.flaws) == ({"key": meant}, ())


@pytest.mark.parametrize("indent", ["\t", " ", 4, None])
def test_json_is_yaml_whatever_indents_it(indent: str | int | None) -> None:
    document = {"team": {"name": "team-a", "repos": ["acme/a", "acme/b"]}, "n": [1, -2.5, True, 'é\t"\\', {}, []]}

    assert content(json.dumps(document, indent=indent)).value == document


def test_a_tab_may_stand_between_a_key_and_its_value() -> None:
    assert content("key:\tvalue\t# said\n").value == {"key": "value"}


def test_a_tab_may_not_indent_a_block() -> None:
    flaw = content("key:\n\tbelow: value\n").flaws[0]

    assert flaw.place == Place(2, 1)


def test_a_byte_order_mark_is_no_text() -> None:
    assert parse(b"\xef\xbb\xbfkey: value\n").value == {"key": "value"}


def test_line_ends_of_windows_are_line_ends() -> None:
    read = parse(b"one: 1\r\ntwo: 2\r\n")

    assert read.places["two",] == Place(2, 1)


def test_an_alias_means_what_its_anchor_names() -> None:
    assert content("a: &shared [x]\nb: *shared\n").value == {"a": ["x"], "b": ["x"]}


def test_a_merge_key_is_a_key_like_others() -> None:
    assert content("a: &a {x: 1}\nb: {<<: *a}\n").value == {"a": {"x": 1}, "b": {"<<": {"x": 1}}}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("key: " + "9" * 5000, "is no value of the kind `int`"),
        ("key: !!int twelve", "is no value of the kind `int`"),
        ("key: !!bool yes", "is no value of the kind `bool`"),
        ("key: !ruby/object x", "has the tag '!ruby/object'"),
        ("key: !!set {a, b}", "has the tag 'tag:yaml.org,2002:set'"),
        ('key: "\\ud83d"', "is no value of the kind `str`"),
        ('"\\ud83d": value', "is no value of the kind `str`"),
        ('key: "\\UFFFFFFFF"', "is not YAML: a number or an escape is out of range"),
        ("key: \x07", "is not YAML: a control character"),
        ("key: *nowhere", "is not YAML: found undefined alias 'nowhere'"),
        ("", "is empty"),
        ("---\n...\n", "has no value"),
        ("#" * (256 * 1024 + 1), "is larger than 256 KiB"),
    ],
)
def test_what_cannot_be_read_is_a_flaw(written: str, message: str) -> None:
    assert message in [flaw.message for flaw in content(written).flaws]
