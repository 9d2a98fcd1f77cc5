"""Commands over many files: results stream in input order, one object per file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from schemas.errors import InputError, SilkgateError
from schemas.text import Text

Result = dict[str, object]
Work = Callable[[str], tuple[Result, int]]

_PER_TASK: Final = 16
"""Files a process takes at a time: enough to hide the cost of handing them over."""


class NoSuchFile(InputError):
    """A file named on the command line is not there or cannot be read."""

    code = "SG-1120"
    title = Text("{where} cannot be read: {reason}", "无法读取 {where}:{reason}")
    hint = Text("Check the name and the permissions.", "请检查文件名与权限。")
    exit_code = 4
    status = 404


def content(name: str) -> bytes:
    """Return the bytes of a file, `-` being standard input. Raises NoSuchFile."""
    try:
        return Path("/dev/stdin" if name == "-" else name).read_bytes()
    except OSError as error:
        raise NoSuchFile(where=name, reason=error.strerror or str(error)) from error


def each(work: Work, files: Sequence[str], jobs: int) -> Iterator[tuple[Result, int]]:
    """Yield `(result, exit code)` per file, in input order, on `jobs` processes."""
    if jobs <= 1 or len(files) <= 1:
        yield from map(work, files)
        return
    size = max(1, min(_PER_TASK, len(files) // jobs))
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(work, files, chunksize=size)


def guarded(name: str, work: Callable[[bytes], tuple[Result, int]]) -> tuple[Result, int]:
    """Work on one file; an error of ours becomes the file's result and exit code."""
    try:
        return work(content(name))
    except SilkgateError as error:
        return {"file": name, "error": error.as_dict()}, error.exit_code


def worst(codes: Iterable[int]) -> int:
    """Return the exit code of a run: an error wins over invalid, invalid over ok."""
    seen = set(codes)
    return next((code for code in (1, 2, 4, 3) if code in seen), 0)
