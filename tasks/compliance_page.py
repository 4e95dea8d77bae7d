"""The compliance report as one file of HTML that asks for nothing: no script, no font, no picture from anywhere."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from tasks.domain.compliance_report.page import Mark, Page
from tasks.domain.escaping import one_line

_TEMPLATES = Path(__file__).parent / "templates"


def write_html(page: Page) -> str:
    style = (_TEMPLATES / "compliance.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    pages.tests["mark"] = lambda cell: isinstance(cell, Mark)
    return pages.get_template("compliance.html.j2").render(page=page, style=Markup(style), style_digest=digest)  # noqa: S704 -- ours


def _shown(value: object) -> object:
    """Nothing turns the direction of what follows, or ends a line where it stands."""
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value
