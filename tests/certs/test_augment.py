"""Signatures of every form raised from any level to any other, later and by somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pytest

from certs import asic, cades, jws, pades, verify_any, xades
from certs.digests import SHA512
from certs.errors import NotExtendable
from certs.levels import Level
from certs.renewal import augment_any, renew_any
from tests.certs.pki import DOCUMENT, NOW, World
from tests.certs.test_pades import page

FILES = {"a.xml": DOCUMENT}
SIMPLE = asic.Container.ASIC_S
FORMS: dict[str, Callable[..., bytes]] = {
    "XAdES": partial(xades.sign, DOCUMENT),
    "XAdES beside": partial(xades.sign_files, FILES),
    "CAdES": partial(cades.sign, DOCUMENT),
    "JAdES": partial(jws.sign, b"{}"),
    "JAdES beside": partial(jws.sign_files, FILES),
    "ASiC-E": partial(asic.pack, FILES),
    "ASiC-E with XAdES": partial(asic.pack, FILES, kind=asic.Kind.XADES),
    "ASiC-S": partial(asic.pack, FILES, container=SIMPLE),
    "ASiC-S with XAdES": partial(asic.pack, FILES, container=SIMPLE, kind=asic.Kind.XADES),
    "PAdES": partial(pades.sign, page()),
}
BESIDE = {"XAdES beside", "CAdES", "JAdES beside"}


def made(world: World, form: str, level: Level) -> bytes:
    """Return a signature of a form at a level."""
    return FORMS[form](
        key=world.seal,
        stamper=world.stamper,
        gatherer=world.gatherer(),
        level=level,
        signed_at=NOW,
    )


def beside(form: str) -> Mapping[str, bytes]:
    """Return the files that a signature of this form does not enclose."""
    return FILES if form in BESIDE else {}


def raised(world: World, form: str, data: bytes, level: Level) -> bytes:
    """Return a signature of a form raised to a level."""
    return augment_any(
        data,
        level,
        world.stamper,
        world.gatherer(),
        detached=beside(form),
        digest=SHA512,
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("wanted", [Level.T, Level.LT, Level.LTA])
def test_every_form_is_raised_from_every_level(world: World, form: str, wanted: Level) -> None:
    """The higher of the two levels is reached, it verifies, and once is enough."""
    for start in Level:
        data = raised(world, form, made(world, form, start), wanted)
        verdict = verify_any(data, world.trust, beside(form), NOW)
        assert verdict.passed, verdict.reason
        (report,) = verdict.signatures
        assert report.level.endswith(f"-{max(start, wanted).name}")
        assert raised(world, form, data, wanted) == data


@pytest.mark.parametrize("form", FORMS)
def test_renewal_of_level_t_puts_in_what_the_signer_needs(world: World, form: str) -> None:
    """Demanding a word on every certificate, it verifies offline; without renewal it does not."""
    strict = replace(world.trust, strict=True)
    data = made(world, form, Level.T)
    assert not verify_any(data, strict, beside(form), NOW).passed
    data = renew_any(data, world.stamper, world.gatherer(), detached=beside(form))
    verdict = verify_any(data, strict, beside(form), NOW)
    assert verdict.passed, verdict.reason
    assert verdict.signatures[0].level.endswith("-LTA")


@pytest.mark.parametrize("form", FORMS)
def test_a_signer_without_a_chain_is_not_carried_on(
    world: World, stranger: World, form: str
) -> None:
    """Who the operator does not trust is refused in words, whatever the form."""
    data = made(stranger, form, Level.T)
    for level in (Level.LT, Level.LTA):
        with pytest.raises(NotExtendable):
            raised(world, form, data, level)
    with pytest.raises(NotExtendable):
        FORMS[form](
            key=stranger.seal,
            stamper=world.stamper,
            gatherer=world.gatherer(),
            level=Level.LT,
        )


@pytest.mark.parametrize("form", ["XAdES", "XAdES beside"])
def test_a_wrong_value_is_not_raised_or_renewed(world: World, form: str) -> None:
    """A signature value moved here from another signature over the same is not kept."""
    value = re.compile(rb"(<ds:SignatureValue[^>]*>)([^<]+)")
    other = value.search(made(world, form, Level.T))
    assert other is not None
    data = value.sub(lambda found: found[1] + other[2], made(world, form, Level.T))
    with pytest.raises(NotExtendable):
        renew_any(data, world.stamper, world.gatherer(), detached=beside(form))
    with pytest.raises(NotExtendable):
        raised(world, form, data, Level.LTA)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_broken_is_not_raised(world: World, form: str) -> None:
    """A time-stamp would only make what was changed look kept."""
    data = made(world, form, Level.B)
    files = beside(form)
    if files:
        files = {"a.xml": DOCUMENT.replace(b"Widget", b"Gadget")}
    elif form.startswith("JAdES"):
        data = data[:-6] + b"AAAAAA"
    else:
        name = b"/MediaBox" if form == "PAdES" else b"Widget"
        data = _repacked(data) if form.startswith("ASiC") else data.replace(name, name[::-1])
    with pytest.raises(NotExtendable):
        augment_any(data, Level.LTA, world.stamper, world.gatherer(), detached=files)


def _repacked(data: bytes) -> bytes:
    """Return a container with its file changed."""
    from certs import archive

    return archive.write({**archive.read(data), "a.xml": b"<Other/>"})
