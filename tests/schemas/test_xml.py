from __future__ import annotations

import time
from pathlib import Path

import pytest

from schemas.errors import InputError
from schemas.xml import DoctypeRefused, Limits, MalformedXml, XmlTooLarge, parse

BOMB = (
    b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)


def test_a_document_is_parsed() -> None:
    """A well-formed document gives its root, comments and blank text included."""
    root = parse(b"<?xml version='1.0'?><!-- c --><a> <b/>x</a>")
    assert (root.tag, len(root)) == ("a", 1)


@pytest.mark.parametrize(
    "data",
    [
        BOMB,
        b"<?xml version='1.0'?>" + BOMB,
        b"<!--" + b" " * 5000 + b"-->" + BOMB,
        b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>',
        BOMB.decode().encode("utf-16"),
    ],
)
def test_a_doctype_is_refused(data: bytes) -> None:
    """A DOCTYPE is refused wherever it hides, with the code of its own."""
    with pytest.raises(DoctypeRefused) as caught:
        parse(data)
    assert caught.value.code == "SG-1102"


def test_an_external_entity_is_never_read(tmp_path: Path) -> None:
    """The file that an entity names stays closed and out of the message."""
    secret = tmp_path / "secret.txt"
    secret.write_text("do-not-read")
    data = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]><a>&e;</a>'.encode()
    with pytest.raises(InputError) as caught:
        parse(data)
    assert "do-not-read" not in str(caught.value.as_dict())


@pytest.mark.parametrize(
    "data", [b"", b"<a>", b"<a></b>", b"<a>&undefined;</a>", b"no xml", b"<a/><b/>", b"\x00\x01"]
)
def test_what_is_not_well_formed_is_refused(data: bytes) -> None:
    """Broken bytes raise SG-1101 with a reason, in both languages."""
    with pytest.raises(MalformedXml) as caught:
        parse(data)
    assert caught.value.message.en
    assert caught.value.message.zh


def test_depth_and_size_are_bounded() -> None:
    """Twenty thousand nested elements and an oversized document cost little and are refused."""
    started = time.perf_counter()
    for data in (b"<a>" * 20000 + b"</a>" * 20000, b"<a>" * 101 + b"</a>" * 101):
        with pytest.raises(XmlTooLarge):
            parse(data)
    with pytest.raises(XmlTooLarge):
        parse(b"<a>" + b" " * 100 + b"</a>", Limits(size=50))
    assert time.perf_counter() - started < 2


def test_the_depth_limit_itself_is_allowed() -> None:
    """A hundred nested elements pass."""
    assert parse(b"<a>" * 100 + b"</a>" * 100).tag == "a"
