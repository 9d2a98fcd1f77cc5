"""EU DSS validates what we sign, in every form at every level, renewed too."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from certs import asic, cades, jws, pades, xades
from certs.authority.ca import SEAL, CertificateAuthority, Subject
from certs.authority.tsa import Authority
from certs.digests import SHA512
from certs.domain import create_domain
from certs.jws.detached import Mechanism
from certs.keys import SigningKey
from certs.levels import Level
from certs.renewal import augment_any, renew_any
from certs.validation.sources import Gatherer, OwnAuthority
from certs.xades import Layout
from schemas.clock import utc_now
from tests.certs.pki import DOCUMENT
from tests.interop.judge import ask

pytestmark = pytest.mark.interop


def _pdf() -> bytes:
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    drawn = canvas.Canvas(out, invariant=True)
    drawn.drawString(72, 720, "INVOICE 1")
    drawn.save()
    return out.getvalue()


class Signer:
    """One operator of today, with all that signing at every level takes."""

    def __init__(self, folder: Path) -> None:
        """Make the keys, and write down what the judge is to trust."""
        self.folder = folder
        began = utc_now() - timedelta(days=1)
        domain = create_domain(folder / "home", "Port A", "SG", secret="", now=began)
        authority = CertificateAuthority(domain.keys.load("root"))
        self.seal: SigningKey = domain.keys.load("seal")
        second = Subject(organisation="Port A", country="SG", common_name="Second")
        self.other = authority.issue(SEAL, second, now=began)
        self.stamper = Authority(domain.keys.load("tsa"))
        self.gatherer = Gatherer(domain.trust, (OwnAuthority(authority),))
        (folder / "root.pem").write_bytes(domain.root.pem)
        (folder / "list.crl").write_bytes(authority.revocation_list())
        for name, data in TWO.items():
            (folder / name).write_bytes(data)

    def sign(self, form: str, level: Level) -> bytes:
        """Return the form at a level."""
        level_of = {"stamper": self.stamper, "gatherer": self.gatherer, "level": level}
        simple = partial(asic.pack, container=asic.Container.ASIC_S)
        made: Mapping[str, Callable[..., bytes]] = {
            **{f"XAdES {each}": self._xades(each) for each in Layout},
            "CAdES": partial(cades.sign, DOCUMENT, self.seal),
            "CAdES of two": partial(self._beside, partial(cades.sign, DOCUMENT)),
            "JAdES": partial(jws.sign, b'{"a":1}', self.seal),
            "JAdES of two": partial(self._beside, partial(jws.sign, b'{"a":1}')),
            "JAdES by URI and hash": self._detached(Mechanism.BY_URI_HASH),
            "JAdES by URI": self._detached(Mechanism.BY_URI),
            "ASiC-E": partial(asic.pack, SEVERAL, self.seal),
            "ASiC-E with XAdES": partial(asic.pack, SEVERAL, self.seal, kind=asic.Kind.XADES),
            "ASiC-S": partial(simple, ONE, self.seal),
            "ASiC-S with XAdES": partial(simple, ONE, self.seal, kind=asic.Kind.XADES),
            "PAdES": partial(pades.sign, _pdf(), self.seal),
        }
        return made[form](**level_of)

    def _xades(self, layout: Layout) -> Callable[..., bytes]:
        return partial(xades.sign, DOCUMENT, self.seal, name="document.xml", layout=layout)

    def _detached(self, mechanism: Mechanism) -> Callable[..., bytes]:
        return partial(jws.sign_files, TWO, self.seal, mechanism=mechanism)

    def _beside(self, sign: Callable[..., bytes], **level_of: object) -> bytes:
        """Return what two sign one after the other."""
        return sign(self.other, **level_of, beside=sign(self.seal, **level_of))

    def question(self, name: str, data: bytes, form: str) -> list[str]:
        """Return what to ask about a signed file."""
        place = self.folder / name
        place.write_bytes(data)
        asked = ["validate", str(self.folder / "root.pem"), str(self.folder / "list.crl")]
        return [*asked, str(place), *(str(self.folder / each) for each in DETACHED.get(form, ()))]


ONE = {"document.xml": DOCUMENT}
TWO = {"document.xml": DOCUMENT, "报关 单.txt": b"12 Widgets"}
SEVERAL = {**TWO, "b/c.json": b"{}"}
# Which kind of signature each form has.
FORMS = {
    "XAdES enveloped": "XAdES",
    "XAdES enveloping": "XAdES",
    "XAdES detached": "XAdES",
    "CAdES": "CAdES",
    "CAdES of two": "CAdES",
    "JAdES": "JAdES",
    "JAdES of two": "JAdES",
    "JAdES by URI and hash": "JAdES",
    "JAdES by URI": "JAdES",
    "ASiC-E": "CAdES",
    "ASiC-E with XAdES": "XAdES",
    "ASiC-S": "CAdES",
    "ASiC-S with XAdES": "XAdES",
    "PAdES": "PAdES",
}
DETACHED = {
    "XAdES detached": ONE,
    "CAdES": ONE,
    "CAdES of two": ONE,
    "JAdES by URI and hash": TWO,
    "JAdES by URI": TWO,
}


def _passed(form: str, level: Level) -> list[tuple[str, str, str]]:
    """Return the answer for a form at exactly a level."""
    passed = ("TOTAL_PASSED", "", f"{FORMS[form]}-BASELINE-{level.name}")
    return [passed] * (2 if form.endswith("of two") else 1)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """Return the operator whose root and list the judge is given."""
    return Signer(tmp_path_factory.mktemp("dss"))


def test_the_reference_validator_passes_every_form_at_every_level(signer: Signer) -> None:
    """TOTAL_PASSED at exactly the level that was asked for: 14 forms, 4 levels."""
    asked, expected = [], []
    for form in FORMS:
        for level in Level:
            name = f"{form} {level.name}"
            asked.append(signer.question(name, signer.sign(form, level), form))
            expected.append((name, _passed(form, level)))
    answers = ask(asked)
    assert list(zip([name for name, _ in expected], answers, strict=True)) == expected


@pytest.mark.parametrize("level", [Level.T, Level.LTA])
def test_the_reference_validator_passes_what_was_renewed(signer: Signer, level: Level) -> None:
    """After renewal with SHA-512 each form is LTA, still or from level T."""
    asked = []
    for form in FORMS:
        data = renew_any(
            signer.sign(form, level),
            signer.stamper,
            signer.gatherer,
            detached=DETACHED.get(form, {}),
            digest=SHA512,
        )
        asked.append(signer.question(f"renewed {form}", data, form))
    answers = dict(zip(FORMS, ask(asked), strict=True))
    assert answers == {form: _passed(form, Level.LTA) for form in FORMS}


def test_the_reference_validator_passes_what_was_raised(signer: Signer) -> None:
    """From B to LTA in a later step: the same as written at once."""
    asked = []
    for form in FORMS:
        data = augment_any(
            signer.sign(form, Level.B),
            Level.LTA,
            signer.stamper,
            signer.gatherer,
            detached=DETACHED.get(form, {}),
        )
        asked.append(signer.question(f"raised {form}", data, form))
    answers = dict(zip(FORMS, ask(asked), strict=True))
    assert answers == {form: _passed(form, Level.LTA) for form in FORMS}


def test_the_reference_validator_refuses_what_was_changed(signer: Signer) -> None:
    """The judge is awake: a changed document fails there as well."""
    data = signer.sign("XAdES enveloped", Level.LTA).replace(b"Widget", b"Gadget")
    ((answer,),) = ask([signer.question("changed", data, "XAdES enveloped")])
    assert answer[:2] == ("TOTAL_FAILED", "HASH_FAILURE")
