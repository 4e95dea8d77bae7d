from flows.documentation import README, rendered


def test_the_readme_s_tables_are_what_the_code_says() -> None:
    readme = README.read_text("utf-8")

    assert rendered(readme) == readme, "run .venv/bin/python -m flows.documentation"
