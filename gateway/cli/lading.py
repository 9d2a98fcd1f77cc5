"""`silkgate lading`: bills of lading issued as records of title, shown in part, and viewed."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli import ladingdesk, ladingrelease, options, output
from gateway.cli.files import content
from gateway.cli.lazy import speaks_chinese
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from gateway.lading.issuing import Register

_FILES: Final = "file:"

_out = click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file."
)
_registry = click.option("--registry", required=True, help="Address of the token registry.")
_chain_id = click.option("--chain-id", required=True, type=click.IntRange(1), help="Its chain.")
_renderer = click.option("--renderer", default="", metavar="URL", help="Page that shows it.")
_incomplete = click.option(
    "--incomplete", is_flag=True, help="Let pass what only an issued bill must say."
)
_key = click.option(
    "--key",
    "ref",
    required=True,
    metavar="REF",
    help="A P-256 key: a name in the gateway's key store, or file:KEY.pem.",
)
_secret = click.option("--secret", default="", help="What opens the PEM key: env:NAME, file:PATH.")


class NotAnAddress(InputError):
    """The registry is not named by an address."""

    code = "SG-1140"
    title = Text("{where} is not an address.", "{where} 不是地址。")
    hint = Text("Write 0x and 40 hexadecimal digits.", "请写作 0x 加 40 位十六进制数字。")
    exit_code = 2


class NotP256(InputError):
    """The key cannot sign credentials."""

    code = "SG-1141"
    title = Text("{where} is not a P-256 key.", "{where} 不是 P-256 密钥。")
    hint = Text(
        "Make one: openssl ecparam -name prime256v1 -genkey -noout -out KEY.pem.",
        "可用以下命令生成:openssl ecparam -name prime256v1 -genkey -noout -out KEY.pem。",
    )
    exit_code = 2


class NotARecord(InputError):
    """The file is no record of this kind."""

    code = "SG-1142"
    title = Text("{where} is not {wanted}.", "{where} 不是 {wanted}。")
    hint = Text("Give the file as it was issued.", "请提供签发时的文件。")


@click.group("lading")
def group() -> None:
    """Bills of lading as electronic records of title."""


@group.command("wrap")
@click.argument("file")
@click.option("--domain", required=True, help="The issuer's domain; its DNS names the registry.")
@click.option("--issuer", "name", required=True, help="The issuer's name.")
@_registry
@_chain_id
@_renderer
@_incomplete
@_out
@options.as_json
def wrap(
    file: str,
    *,
    domain: str,
    name: str,
    registry: str,
    chain_id: int,
    renderer: str,
    incomplete: bool,
    out: Path,
    as_json: bool,
) -> None:
    """Wrap FILE, a DCSA transport document, as an OpenAttestation 2.0 record of title."""
    from gateway.lading.issuing import Bill, wrapped

    register = _register(registry, chain_id)
    bill = Bill.read(content(file), incomplete=incomplete)
    record, token_id = wrapped(bill, register, domain=domain, name=name, renderer=renderer)
    _written(out, record)
    _told(
        {
            "file": file,
            "out": str(out),
            "token_id": token_id,
            "registry": register.checked,
            "publish": {"domain": domain, "txt": register.dns_record},
        },
        as_json=as_json,
    )


@group.command("issue")
@click.argument("file")
@click.option("--did", required=True, help="The issuer's did:web.")
@click.option("--method", default="", help="The key in its document; DID#keys-1 if left out.")
@_key
@_secret
@_registry
@_chain_id
@_renderer
@_incomplete
@_out
@options.home
@options.as_json
def issue(
    file: str,
    *,
    did: str,
    method: str,
    ref: str,
    secret: str,
    registry: str,
    chain_id: int,
    renderer: str,
    incomplete: bool,
    out: Path,
    home: Path,
    as_json: bool,
) -> None:
    """Sign FILE, a DCSA transport document, as a VC 2.0 credential (ecdsa-sd-2023)."""
    from gateway.lading.issuing import Bill, credential, signed
    from schemas.clock import utc_now

    register, now = _register(registry, chain_id), utc_now()
    bill = Bill.read(content(file), incomplete=incomplete)
    document = credential(bill, register, did=did, at=now, renderer=renderer)
    key = _p256(ref, secret, home)
    _written(out, signed(document, key, method=method or f"{did}#keys-1", at=now))
    _told(
        {
            "file": file,
            "out": str(out),
            "token_id": f"0x{document['credentialStatus']['tokenId']}",
            "registry": register.checked,
            "publish": {"domain": _domain(did), "txt": register.dns_record},
        },
        as_json=as_json,
    )


@group.command("derive")
@click.argument("file")
@click.option(
    "--show",
    "pointers",
    multiple=True,
    metavar="POINTER",
    help="JSON pointer of a field to show, e.g. /credentialSubject/blNumber.",
)
@_out
@options.as_json
def derive(file: str, *, pointers: tuple[str, ...], out: Path, as_json: bool) -> None:
    """Show FILE, a signed credential, in part; issuer, dates and status always stay."""
    from gateway.lading.issuing import derived

    _written(out, derived(_record(file, "a signed credential", "proof"), pointers))
    _told({"file": file, "out": str(out)}, as_json=as_json)


@group.command("redact")
@click.argument("file")
@click.option(
    "--hide", "paths", multiple=True, required=True, metavar="PATH", help="Dotted path of a field."
)
@_out
@options.as_json
def redact(file: str, *, paths: tuple[str, ...], out: Path, as_json: bool) -> None:
    """Hide fields of FILE, an OpenAttestation 2.0 record; it stays verifiable."""
    from certs.records.wrapping import redacted

    _written(out, redacted(_record(file, "an OpenAttestation 2.0 record", "data"), paths))
    _told({"file": file, "out": str(out)}, as_json=as_json)


@group.command("did")
@click.option("--did", required=True, help="The issuer's did:web.")
@_key
@_secret
@options.home
@options.as_json
def did_command(*, did: str, ref: str, secret: str, home: Path, as_json: bool) -> None:
    """Print the DID document to publish at the issuer's domain (/.well-known/did.json)."""
    from certs.records import multikey

    public = multikey.of_p256(_p256(ref, secret, home).public_key())
    document = multikey.did_document(did, "keys-1", multikey.encode(public))
    output.line(document) if as_json else click.echo(json.dumps(document, indent=1))


@group.command("draft")
@click.argument("file")
@click.option("--with", "related", multiple=True, help="Another document of the shipment.")
@click.option(
    "--booking",
    default="",
    metavar="FILE",
    help="Booking or shipping instructions: JSON with DCSA property names.",
)
@click.option("--to-order", is_flag=True, help="Negotiable; in blank without --endorsee.")
@click.option("--endorsee", default="", help="To whose order.")
@click.option("--waybill", is_flag=True, help="A sea waybill, no title.")
@click.option("--set", "values", multiple=True, metavar="FIELD=VALUE", help="One field (JSON).")
@_out
@options.as_json
def draft_command(
    file: str,
    *,
    related: tuple[str, ...],
    booking: str,
    to_order: bool,
    endorsee: str,
    waybill: bool,
    values: tuple[str, ...],
    out: Path,
    as_json: bool,
) -> None:
    """Draft a bill of lading from FILE, a document of the shipment, joined with others.

    Prints what must still be mended or added before it can be issued.
    """
    import adapters
    from gateway.lading.drafting import Order, draft

    made = draft(
        [adapters.read(content(name)).document for name in (file, *related)],
        _record(booking, "a JSON object", "") if booking else {},
        Order(to_order=to_order or bool(endorsee), endorsee=endorsee, waybill=waybill),
        _fields(values),
    )
    out.write_bytes(made.data)
    findings = [found.as_dict() for found in made.findings]
    if as_json:
        output.line({"file": file, "out": str(out), "findings": findings})
        return
    for found in findings:
        click.echo(f"[{found['flag']}] {found['path']}: {output.say_dict(found['message'])}")


@group.command("view")
@click.argument("file")
@click.option("--lang", type=click.Choice(["en", "zh"]), help="Language of the captions.")
@click.option(
    "-o",
    "--out",
    default="",
    metavar="FILE",
    help="A .pdf is written as PDF; HTML otherwise, by default on standard output.",
)
@click.option(
    "--identity", default="", metavar="FILE", help="Recorded answers, to check a credential by."
)
@options.as_json
def view(file: str, *, lang: str | None, out: str, identity: str, as_json: bool) -> None:
    """Show FILE, a transport document or a record of title, as a bill of lading on a page."""
    from certs.records import NotAsked, Recorded
    from gateway.lading.showing import shown
    from ledger.anchors.secp256k1 import recover

    known = Recorded.parse(content(identity), identity) if identity else NotAsked()
    sheet = shown(content(file), known, recover)
    language = lang or ("zh" if speaks_chinese() else "en")
    if out.lower().endswith(".pdf"):
        from gateway.lading.paper import bill_pdf

        data = bill_pdf(sheet, language)
    else:
        from gateway.console.bill import bill_page

        data = bill_page(sheet, language).encode()
    if out:
        Path(out).write_bytes(data)
    elif not as_json:
        sys.stdout.buffer.write(data)
    if as_json:
        output.line({"file": file, "out": out or None, "lang": language})


@group.command("evidence")
@click.argument("history")
@click.option("--document", "documents", multiple=True, required=True, help="Each version of it.")
@click.option("--with", "beside", multiple=True, help="What belongs to it: envelopes, a page.")
@click.option(
    "--key",
    "ref",
    required=True,
    metavar="REF",
    help="The seal: a name in the gateway's key store, or file:KEY.pem,CERT.pem.",
)
@_secret
@_out
@options.home
@options.as_json
def evidence(
    history: str,
    *,
    documents: tuple[str, ...],
    beside: tuple[str, ...],
    ref: str,
    secret: str,
    out: Path,
    home: Path,
    as_json: bool,
) -> None:
    """Seal HISTORY, as `title export` wrote it, with all documents: one file, verified offline."""
    from gateway.cli.keyref import load_key
    from gateway.wiring import lasting, titlelife

    packed = titlelife.pack(
        content(history),
        {Path(name).name: content(name) for name in documents},
        {Path(name).name: content(name) for name in beside},
        load_key(ref, secret, home),
        lasting.stamper(home),
    )
    out.write_bytes(packed)
    _told({"file": history, "out": str(out)}, as_json=as_json)


def _fields(values: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of `--set`; the value is JSON where it is some, else text."""
    found: dict[str, Any] = {}
    for each in values:
        path, equals, text = each.partition("=")
        if not path or not equals:
            raise click.BadParameter(each, param_hint="--set")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        *steps, last = path.split(".")
        place = found
        for step in steps:
            place = place.setdefault(step, {})
        place[last] = value
    return found


def _register(address: str, chain_id: int) -> Register:
    from certs.records.attested import is_address
    from gateway.lading.issuing import Register

    if not is_address(address):
        raise NotAnAddress(where=address)
    return Register(chain_id, address)


def _p256(ref: str, secret: str, home: Path) -> ec.EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    from certs.keys import open_private
    from gateway import setup
    from gateway.settings import load

    if ref.startswith(_FILES):
        key: object = open_private(Path(ref.removeprefix(_FILES).partition(",")[0]), secret)
    else:
        key = setup.key_store(load(home)).load(ref).private
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise NotP256(where=ref)
    return key


def _record(file: str, wanted: str, has: str) -> dict[str, Any]:
    from certs.records.model import Broken
    from certs.records.strict import parse

    try:
        record = parse(content(file))
    except Broken as broken:
        raise NotARecord(where=file, wanted=wanted) from broken
    if has and has not in record:
        raise NotARecord(where=file, wanted=wanted)
    return record


def _domain(did: str) -> str:
    return did.removeprefix("did:web:").partition(":")[0]


def _written(out: Path, record: Mapping[str, object]) -> None:
    out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _told(result: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        output.line(result)
        return
    for name, value in result.items():
        if isinstance(value, Mapping):
            click.echo(f"{name}: {' '.join(map(str, value.values()))}")
        else:
            click.echo(f"{name}: {value}")


ladingdesk.add(group)
ladingrelease.add(group)
