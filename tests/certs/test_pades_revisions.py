"""The revisions of a PDF compared: as pyHanko does, which looks at everything, with less work."""

from __future__ import annotations

from io import BytesIO

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm
from reportlab.pdfgen import canvas

from certs.levels import Level
from certs.pades.usages import Reader
from certs.pades.writing import _Signer
from certs.verdict import Indication, SubIndication
from tests.certs.pki import NOW, World
from tests.certs.test_pades import judged, signed


def form() -> bytes:
    """Return two pages with fields on the first, which lead to one another."""
    out = BytesIO()
    drawn = canvas.Canvas(out, invariant=True)
    for number in range(4):
        drawn.acroForm.textfield(name=f"f{number}", x=20, y=20 + 30 * number, value=str(number))
    drawn.linkRect("", "second", (10, 10, 20, 20))
    drawn.showPage()
    drawn.bookmarkPage("second")
    drawn.showPage()
    drawn.save()
    return out.getvalue()


def tagged() -> bytes:
    """Return the form with a structure tree: an element of the page, and in it one of a field."""
    writer = IncrementalPdfFileWriter(BytesIO(form()))
    shown = writer.root["/Pages"]["/Kids"][0]
    root = writer.add_object(DictionaryObject({pdf_name("/Type"): pdf_name("/StructTreeRoot")}))
    outer = writer.add_object(DictionaryObject({pdf_name("/P"): root}))
    marked = DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/OBJR"),
            pdf_name("/Obj"): shown["/Annots"].raw_get(0),
            pdf_name("/Pg"): writer.root["/Pages"]["/Kids"].raw_get(0),
        }
    )
    inner = writer.add_object(
        DictionaryObject({pdf_name("/P"): outer, pdf_name("/K"): ArrayObject([marked])})
    )
    outer.get_object()["/K"] = inner
    root.get_object()["/K"] = ArrayObject([outer])
    writer.root["/StructTreeRoot"] = root
    writer.update_root()
    return saved(writer)


def saved(writer: IncrementalPdfFileWriter) -> bytes:
    """Return the file with a revision more."""
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("make", [form, tagged])
def test_an_object_is_used_where_pyhanko_finds_it(world: World, make: object):
    """Every object of every revision, in a form that was archived, tagged or not."""
    data = signed(world, Level.LTA, make())  # type: ignore[operator]
    ours, theirs = Reader(data), PdfFileReader(BytesIO(data), strict=False)
    found = 0
    for revision in range(theirs.total_revisions):
        then, other = (
            ours.get_historical_resolver(revision),
            theirs.get_historical_resolver(revision),
        )
        then._load_reverse_xref_cache()
        other._load_reverse_xref_cache()
        for number in range(1, int(other.trailer_view.get("/Size", 200))):
            ref = generic.Reference(number, 0, theirs)
            assert then._get_usages_of_ref(ref) == other._get_usages_of_ref(ref), (revision, ref)
            found += len(other._get_usages_of_ref(ref))
    assert found > 100


def restricted(world: World, lock: FieldMDPSpec | None, permitted: MDPPerm | None) -> bytes:
    """Return the form signed by someone who locks fields or certifies the file."""
    writer = IncrementalPdfFileWriter(BytesIO(form()))
    spec = fields.SigFieldSpec("First", field_mdp_spec=lock)
    said = signers.PdfSignatureMetadata(
        field_name="First",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=permitted is not None,
        docmdp_permissions=permitted or MDPPerm.FILL_FORMS,
    )
    signer = signers.PdfSigner(said, _Signer(world.seal, NOW), new_field_spec=spec)
    return bytes(signer.sign_pdf(writer).getvalue())


def filled(data: bytes, name: str) -> bytes:
    """Return the file with another value in a field."""
    writer = IncrementalPdfFileWriter(BytesIO(data))
    for each in writer.root["/AcroForm"]["/Fields"]:
        if each.get_object()["/T"] == name:
            each.get_object()["/V"] = pdf_string("other")
            writer.mark_update(each.reference)
    return saved(writer)


LOCK = FieldMDPSpec(FieldMDPAction.INCLUDE, ["f1"])


@pytest.mark.parametrize(
    ("lock", "permitted", "field", "good"),
    [
        (None, None, "f1", True),
        (LOCK, None, "f2", True),
        (LOCK, None, "f1", False),
        (None, MDPPerm.FILL_FORMS, "f1", True),
    ],
)
def test_what_the_first_signer_forbids_binds_the_second(
    world: World, lock: FieldMDPSpec | None, permitted: MDPPerm | None, field: str, *, good: bool
):
    """A field filled in and then signed by another: it counts what the first had locked."""
    data = signed(world, Level.B, filled(restricted(world, lock, permitted), field))
    verdict = judged(world, data)
    assert verdict.passed is good, verdict.reason
    if not good:
        assert verdict.indication is Indication.INDETERMINATE
        assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_a_field_filled_in_after_the_last_signature_is_not_confirmed(world: World):
    """Nobody signed the new value."""
    verdict = judged(world, filled(signed(world, Level.B, form()), "f1"))
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_a_field_that_vanishes_is_noticed(world: World):
    """The list of fields may only grow, also under a further signature."""
    writer = IncrementalPdfFileWriter(BytesIO(signed(world, Level.B, form())))
    listed = writer.root["/AcroForm"]["/Fields"]
    del listed[1]
    writer.update_container(listed)
    verdict = judged(world, signed(world, Level.B, saved(writer)))
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE
