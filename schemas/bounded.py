"""Work on files of strangers, in a process of its own that has so much time and memory.

Some libraries bound neither what a hostile file takes of time nor of memory. The process that uses
such a library is this module, run by its path with that of a worker: a file with a function
`answer` from octets to octets. It is started when first asked, kept for the next question, and
ended by whoever asks when it goes beyond its bounds.
"""

from __future__ import annotations

import atexit
import gc
import os
import resource
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Final

from schemas.errors import SettingsError
from schemas.text import Text

_LENGTH: Final = 8
_PATIENCE: Final = 4
"""Seconds on the clock for each of processor time: others may be using the machine."""
_START: Final = 30.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one answer may cost: seconds of processor time, and octets of memory."""

    seconds: float
    memory: int


class OutOfBounds(Exception):
    """An answer would have cost more than it may, or the process that was to give it died."""


class NotStarted(SettingsError):
    """The process that is to read files does not start: what it needs is not installed whole."""

    code = "SG-9122"
    title = Text("The process of {where} does not start.", "{where} 的进程无法启动。")
    hint = Text(
        "Install Silkgate and its extras anew, in the editions of its lock.",
        "请按锁定的版本重新安装 Silkgate 及其扩展。",
    )


class Worker:
    """Asks one process, started when first needed; safe for threads and after a fork."""

    def __init__(self, path: str) -> None:
        """Ask what `answer` of the Python file at `path` does; `answer` is octets to octets."""
        self._path = path
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        atexit.register(self.close)

    def ask(self, question: bytes, bounds: Bounds) -> bytes:
        """Return the answer; raises OutOfBounds, and the next question starts another process.

        Raises NotStarted where no process can answer anything.
        """
        with self._lock:
            answer = self._ask(question, bounds)
            if answer is None:
                self.close()
                raise OutOfBounds
            return answer

    def close(self) -> None:
        """End the process, if this one has started it."""
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.communicate()

    def _ask(self, question: bytes, bounds: Bounds) -> bytes | None:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            return None
        timer = Timer(_START + _PATIENCE * bounds.seconds, process.kill)
        timer.start()
        try:
            limits = f"{bounds.seconds} {bounds.memory}"
            _send(process.stdin, limits.encode())
            _send(process.stdin, question)
            return _receive(process.stdout)
        except OSError:
            return None
        finally:
            timer.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        process = self._process
        if process is None or self._owner != os.getpid() or process.poll() is not None:
            self.close()
            process = self._process = subprocess.Popen(  # noqa: S603 - our own files by our own Python
                [sys.executable, "-I", str(Path(__file__)), self._path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._owner = os.getpid()
            if process.stdout is None or _receive(process.stdout) is None:
                self.close()
                raise NotStarted(where=self._path)
        return process


def main(path: str) -> None:
    """Answer with the worker at `path` until nobody asks any more."""
    answer: Callable[[bytes], bytes] = runpy.run_path(path)["answer"]
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    _send(told, b"")  # it has started
    gc.disable()  # what an answer leaves behind is collected when nobody waits
    while (limits := _receive(asked)) is not None and (question := _receive(asked)) is not None:
        seconds, memory = limits.split()
        _bound(float(seconds), int(memory))
        _send(told, answer(question))
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.collect()


def _bound(seconds: float, memory: int) -> None:
    """End this process after so much processor time; refuse it more memory (not on macOS)."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    allowed = memory if most == resource.RLIM_INFINITY else min(memory, most)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, most))


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(len(data).to_bytes(_LENGTH, "big"))
    stream.write(data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes | None:
    """Return the next message, None where the other side has gone."""
    head = stream.read(_LENGTH)
    length = int.from_bytes(head, "big")
    data = stream.read(length)
    return data if len(head) == _LENGTH and len(data) == length else None


if __name__ == "__main__":
    main(sys.argv[1])
