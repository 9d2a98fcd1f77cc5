"""EU DSS as a judge: a process that answers one line per question (tests/interop/dss)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

HOME = Path(__file__).parent / "dss" / "target"
JAR = HOME / "dss-judge-1.jar"


def ask(questions: Sequence[Sequence[str]]) -> list[list[tuple[str, str, str]]]:
    """Return for each question the indication, sub-indication and format of each signature.

    An indication of ERROR comes with the message. Skips where the judge was not built.
    """
    if shutil.which("java") is None or not JAR.is_file():
        pytest.skip("EU DSS is not built here: run `make interop` with Java 17 and Maven")
    lines = "".join("\t".join(question) + "\n" for question in questions)
    ran = subprocess.run(
        ["java", "-Xmx700m", "-cp", f"{JAR}:{HOME / 'lib' / '*'}", "silkgate.Judge"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    return [[_answer(each) for each in line.split("\t")] for line in ran.stdout.splitlines()]


def _answer(text: str) -> tuple[str, str, str]:
    indication, _, rest = text.partition(" ")
    sub, _, form = rest.partition(" ")
    return indication, "" if sub == "null" else sub, form
