"""Commands over many files: results stream in input order, one object per file."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
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


class SystemRefused(SilkgateError):
    """The operating system would not do it: a file that cannot be written, a full disk."""

    code = "SG-1137"
    title = Text("The system refused: {reason}", "系统拒绝:{reason}")
    hint = Text(
        "Check that the folder is there and may be written, that the name is that of a file, and "
        "that the disk has room.",
        "请检查文件夹是否存在且可写、名称是否指向文件,并确认磁盘有空间。",
    )

    @classmethod
    def by(cls, error: OSError) -> SystemRefused:
        """Return what `error` says, with the file it is about."""
        return cls(where=str(error.filename or ""), reason=why(error))


_REASONS: Final = {
    errno.ENOENT: Text("there is no such file or directory", "没有该文件或文件夹"),
    errno.EISDIR: Text("it is a directory", "它是一个文件夹"),
    errno.ENOTDIR: Text("a part of the path is a file", "路径中有一段是文件"),
    errno.EACCES: Text("access is not permitted", "没有访问权限"),
    errno.EPERM: Text("access is not permitted", "没有访问权限"),
    errno.ENOSPC: Text("the disk is full", "磁盘已满"),
    errno.EROFS: Text("the disk cannot be written to", "磁盘不可写"),
}


def why(error: OSError) -> Text:
    """Return what the operating system says, in both languages where it is common."""
    said = error.strerror or str(error)
    return _REASONS.get(error.errno or 0) or Text(said, said)


@contextmanager
def about(name: str) -> Iterator[None]:
    """Have an error of ours that is raised inside say which file it is about."""
    try:
        yield
    except SilkgateError as error:
        if name not in error.where:
            error.where = f"{name}, {error.where}" if error.where else name
        raise


def present(path: Path) -> Path:
    """Return a path that is there; raises NoSuchFile."""
    try:
        path.stat()
    except OSError as error:
        raise NoSuchFile(where=str(path), reason=why(error)) from error
    return path


def content(name: str) -> bytes:
    """Return the bytes of a file, `-` being standard input. Raises NoSuchFile."""
    try:
        return Path("/dev/stdin" if name == "-" else name).read_bytes()
    except OSError as error:
        raise NoSuchFile(where=name, reason=why(error)) from error


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
