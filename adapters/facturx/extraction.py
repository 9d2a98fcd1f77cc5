"""Attachments of PDF files, taken out by a process of its own that has a deadline.

What a PDF costs to read is bounded in memory by the library and in time by nothing but this: a
process that does not answer is ended, and the next question starts another.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Lock, Timer
from typing import Final, NamedTuple

from adapters.facturx import worker

DEADLINE: Final = 10.0
"""Seconds that one file may take, the start of the process included."""


class Attachments(NamedTuple):
    """What was found: the names of the attachments and the invoice, or why there is neither."""

    names: tuple[str, ...] = ()
    invoice: bytes = b""
    error: str = ""


class Extraction:
    """Asks one worker process, started when first needed; safe for threads and after a fork."""

    def __init__(self, deadline: float = DEADLINE) -> None:
        """Give each file so many seconds."""
        self._deadline = deadline
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def attachments(self, data: bytes) -> Attachments:
        """Return what is attached to a PDF; an error where it takes too long or cannot be read."""
        with self._lock:
            answer = self._ask(data)
        if answer is None:
            return Attachments(error=f"no answer within {self._deadline:g} seconds")
        said = json.loads(answer)
        if "error" in said:
            return Attachments(error=str(said["error"]))
        return Attachments(tuple(said["names"]), bytes.fromhex(said["invoice"]))

    def close(self) -> None:
        """End the process, if this one has started it."""
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.communicate()
        self._process = None

    def _ask(self, data: bytes) -> bytes | None:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            return None
        timer = Timer(self._deadline, process.kill)
        timer.start()
        try:
            worker.send(process.stdin, data)
            answer = worker.receive(process.stdout)
        except OSError:
            answer = None
        finally:
            timer.cancel()
        if answer is None:
            self.close()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        process = self._process
        if process is None or self._owner != os.getpid() or process.poll() is not None:
            self.close()
            process = self._process = subprocess.Popen(  # noqa: S603 - our own file by our own Python
                [sys.executable, "-I", str(Path(worker.__file__))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._owner = os.getpid()
        return process


extraction: Final = Extraction()
atexit.register(extraction.close)
