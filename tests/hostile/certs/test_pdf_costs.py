"""What a PDF may cost to verify: a second and 512 MB per MB of input, and no more."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from io import BytesIO

import pytest
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from reportlab.pdfgen import canvas

from certs import pades, verify_any
from certs.levels import Level
from certs.pades import survey, worker
from certs.verdict import Indication
from tests.certs.pki import NOW, World
from tests.certs.test_pades import page, signed

MB = 1_000_000


def form(fields: int) -> bytes:
    """Return a form with text fields, some 800 octets each."""
    out = BytesIO()
    drawn = canvas.Canvas(out, invariant=True)
    for number in range(fields):
        across, up = number % 10 * 50, number // 10 % 70 * 10
        place = {"x": 10 + across, "y": 10 + up, "width": 45, "height": 9}
        drawn.acroForm.textfield(name=f"f{number}", value=str(number), **place)
    drawn.showPage()
    drawn.save()
    return out.getvalue()


def _form(world: World) -> bytes:
    """A form that eight people have signed."""
    data = form(200)
    for _ in range(8):
        data = pades.sign(data, world.seal, signed_at=NOW)
    return data


def _page(world: World) -> bytes:
    """A page that 24 people have signed."""
    data = page()
    for _ in range(24):
        data = pades.sign(data, world.seal, signed_at=NOW)
    return data


@pytest.mark.parametrize("make", [_form, _page])
def test_honest_files_cost_little(world: World, make: Callable[[World], bytes]) -> None:
    """What many have signed passes, and takes no second to read; there is less than a megabyte."""
    data = make(world)
    assert verify_any(data, world.trust, (), NOW).passed
    start = time.process_time()
    worker.answer(data)
    assert time.process_time() - start < 1.0


def _slow_to_unpack(world: World) -> bytes:
    """A certificate of 50 MB that decodes letter by letter, in 800 kB."""
    writer = IncrementalPdfFileWriter(BytesIO(signed(world, Level.B)))
    packed = b"\x81A" * 400_000 + b"\x80"
    filters = ArrayObject(map(pdf_name, ("/RunLengthDecode", "/ASCII85Decode")))
    stream = StreamObject({pdf_name("/Filter"): filters}, encoded_data=packed)
    kept = ArrayObject([writer.add_object(stream)])
    writer.root["/DSS"] = DictionaryObject({pdf_name("/Certs"): kept})
    return _saved(writer)


def _used_everywhere(world: World) -> bytes:
    """A catalogue to which there are a billion ways, and which the second signature rewrites."""
    writer = IncrementalPdfFileWriter(BytesIO(page()))
    ref = IndirectObject(writer.root_ref.idnum, 0, writer)
    for _ in range(30):
        ref = writer.add_object(ArrayObject([ref, ref]))
    writer.root["/Ways"] = ref
    return pades.sign(signed(world, Level.B, _saved(writer)), world.seal, signed_at=NOW)


def _saved(writer: IncrementalPdfFileWriter) -> bytes:
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("make", [_slow_to_unpack, _used_everywhere])
def test_hostile_files_are_given_up(world: World, make: Callable[[World], bytes]) -> None:
    """What cannot be told within a second per MB is left open, in both languages."""
    data = make(world)
    survey.WORKER.close()
    start = _spent()
    verdict = verify_any(data, world.trust, (), NOW)
    survey.WORKER.close()
    assert verdict.indication is Indication.INDETERMINATE
    assert verdict.reason is not None
    assert verdict.reason.zh != verdict.reason.en
    assert _spent() - start < max(1.0, len(data) / MB) + _START


_START = 2.0
"""Seconds that the process which reads it takes to begin, on a slow machine."""


def _spent() -> float:
    """Return the processor time of this process and of those that it has ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime
