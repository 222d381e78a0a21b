"""What the user sees, kept as plain files. AKSACR_REWRITE_GOLDEN=1 writes them anew; read them before accepting."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aksacr.report import schema
from aksacr.report.json_format import render_json
from aksacr.report.junit import render_junit
from aksacr.report.markdown import render_markdown
from aksacr.report.sarif import render_sarif
from aksacr.report.text import render_text

from .samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from aksacr.report.model import Report

GOLDEN = Path(__file__).parent / "golden"
REWRITE = bool(os.environ.get("AKSACR_REWRITE_GOLDEN"))

FORMS: dict[str, Callable[[Report], str]] = {
    "80.txt": lambda report: render_text(report, width=80, colour=False),
    "160.txt": lambda report: render_text(report, width=160, colour=False),
    "ascii.txt": lambda report: render_text(report, width=80, colour=False, unicode=False),
    "colour.txt": lambda report: render_text(report, width=80, colour=True),
    "md": render_markdown,
    "json": render_json,
    "junit.xml": render_junit,
    "sarif": render_sarif,
}


def _expect(path: Path, text: str) -> None:
    if REWRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.is_file(), f"{path.name} is not there; AKSACR_REWRITE_GOLDEN=1 writes it"
    assert text == path.read_bytes().decode(), f"{path.name} differs; AKSACR_REWRITE_GOLDEN=1 writes it anew"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_golden(sample: str, form: str) -> None:
    _expect(GOLDEN / f"{sample}.{form}", FORMS[form](SAMPLES[sample]()))


def test_no_golden_file_is_left_over() -> None:
    expected = {f"{sample}.{form}" for sample in SAMPLES for form in FORMS}
    assert {path.name for path in GOLDEN.iterdir()} == expected


def test_the_packaged_schema_is_what_the_model_says() -> None:
    _expect(Path(schema.__file__).with_name(schema.FILE), schema.generate())
