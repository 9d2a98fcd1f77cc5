"""`make bench`: run the measurements named, or all of them, and print their figures."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.bench import Figure


def main(names: list[str]) -> None:
    """Print a line per figure, and as JSON with `--json`; `certs` also means `certs_sm2`."""
    as_json = "--json" in names
    wanted = [name for name in names if not name.startswith("-")]
    found = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    for module in found:
        area = module.removeprefix("bench_")
        if wanted and not any(area == name or area.startswith(f"{name}_") for name in wanted):
            continue
        figures: Iterable[Figure] = importlib.import_module(f"tests.bench.{module}").run()
        for figure in figures:
            row = {"bench": module.removeprefix("bench_"), **figure._asdict()}
            if as_json:
                line = json.dumps(row)
            else:
                line = (
                    f"{row['bench']:10} {figure.name:58} {figure.value:12,.3f} "
                    f"{figure.unit:14} {figure.target}"
                )
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
