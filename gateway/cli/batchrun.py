"""A run over very many files: results into one file, in order, and taken up where it broke off."""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import click

from gateway.cli.files import Result, Work, present, worst
from schemas.errors import InputError
from schemas.text import Text

RESULTS: Final = "results.jsonl"
SUMMARY: Final = "summary.json"
DOCUMENTS: Final = "documents"
_WINDOW: Final = 1024
_PER_TASK: Final = 16


class OtherRun(InputError):
    """The folder holds the results of another run."""

    code = "SG-1160"
    title = Text("{where} holds the results of another run.", "{where} 中是另一次运行的结果。")
    hint = Text("Give a new folder with -o.", "请用 -o 指定新文件夹。")
    exit_code = 2


@dataclass(frozen=True, slots=True)
class Part:
    """One of several parts of the files, by a hash of their names: `number` of `count`."""

    number: int = 1
    count: int = 1

    def has(self, name: str) -> bool:
        """Tell whether a file belongs to the part."""
        return self.count == 1 or zlib.crc32(name.encode()) % self.count == self.number - 1


@dataclass(frozen=True, slots=True)
class Run:
    """One run: over the files of `source`, into the folder `out`, described by `asked`.

    `asked` says what was asked of each file; the results of another question are not continued.
    """

    source: Path
    out: Path
    asked: dict[str, object]
    part: Part = Part()

    def files(self) -> Iterator[str]:
        """Yield the files below the source by their paths in it, in the order of their names."""
        if self.source.is_file():
            yield self.source.name
            return
        for folder, inner, names in os.walk(present(self.source)):
            inner[:] = sorted(n for n in inner if not self._is_out(Path(folder, n)))
            for name in sorted(names):
                path = Path(folder, name).relative_to(self.source).as_posix()
                if self.part.has(path):
                    yield path

    def place(self, name: str) -> Path:
        """Return where a file of the source lies."""
        return self.source if self.source.is_file() else self.source / name

    def carry_out(self, work: Work, jobs: int) -> tuple[dict[str, object], int]:
        """Work on every file that has no result yet; return summary and exit code.

        Each line of the results is a whole one: what a broken run cut short is done again.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        self._same_question()
        known = {str(row["file"]): int(str(row["exit"])) for row in self._rows()}
        codes = Counter(known.values())
        waiting = (name for name in self.files() if name not in known)
        with (self.out / RESULTS).open("a", encoding="utf-8") as kept, _shown(self) as step:
            step(len(known))
            for result, code in _streamed(work, waiting, jobs):
                row = {**result, "exit": code}
                kept.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
                codes[code] += 1
                step(1)
        summary = self._summary(codes)
        (self.out / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n")
        return summary, worst(codes)

    def _summary(self, codes: Counter[int]) -> dict[str, object]:
        ok, invalid = codes[0], codes[3]
        counted = {"files": codes.total(), "ok": ok, "invalid": invalid}
        return {**self.asked, **counted, "errors": codes.total() - ok - invalid}

    def _same_question(self) -> None:
        """Raise OtherRun where the folder answers another question; else write this one down."""
        asked, place = json.dumps(self.asked, sort_keys=True), self.out / "asked.json"
        if place.is_file() and place.read_text("utf-8") != asked:
            raise OtherRun(where=str(self.out))
        place.write_text(asked, "utf-8")

    def _rows(self) -> Iterator[dict[str, object]]:
        """Yield the results that are there, and cut off a line that was not finished."""
        path = self.out / RESULTS
        if not path.is_file():
            return
        whole = 0
        with path.open("rb") as kept:
            for line in kept:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                yield json.loads(line)
        os.truncate(path, whole)

    def _is_out(self, path: Path) -> bool:
        return path.absolute() == self.out.absolute()


def _streamed(work: Work, files: Iterable[str], jobs: int) -> Iterator[tuple[Result, int]]:
    """Yield the results in order, with no more than a window of files under way."""
    if jobs <= 1:
        yield from map(work, files)
        return
    waiting = iter(files)
    with ProcessPoolExecutor(jobs) as pool:
        while window := list(islice(waiting, _WINDOW)):
            yield from pool.map(work, window, chunksize=_PER_TASK)


@contextmanager
def _shown(run: Run) -> Iterator[Callable[[int], None]]:
    """Give what to call with the number of files done; a terminal shows a bar."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    every = sum(1 for _ in run.files())
    with click.progressbar(length=every, file=sys.stderr, show_pos=True) as shown:
        yield shown.update
