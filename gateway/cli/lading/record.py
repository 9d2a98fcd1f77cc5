"""`silkgate lading wrap|issue|derive|redact|did`: bills of lading as records of title."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli import options, output
from gateway.cli.files import content
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from gateway.lading.titles.issuing import Register

_FILES: Final = "file:"

out_option = click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file."
)
secret_option = click.option(
    "--secret", default="", help="What opens the PEM key: env:NAME, file:PATH."
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


def add(group: click.Group) -> None:
    """Add the commands to the group of bills of lading."""
    for command in (wrap, issue, derive, redact, did_command):
        group.add_command(command)


@click.command("wrap")
@click.argument("file")
@click.option("--domain", required=True, help="The issuer's domain; its DNS names the registry.")
@click.option("--issuer", "name", required=True, help="The issuer's name.")
@_registry
@_chain_id
@_renderer
@_incomplete
@out_option
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
    from gateway.lading.titles.issuing import Bill, wrapped

    register = _register(registry, chain_id)
    bill = Bill.read(content(file), incomplete=incomplete)
    record, token_id = wrapped(bill, register, domain=domain, name=name, renderer=renderer)
    _written(out, record)
    told(
        {
            "file": file,
            "out": str(out),
            "token_id": token_id,
            "registry": register.checked,
            "publish": {"domain": domain, "txt": register.dns_record},
        },
        as_json=as_json,
    )


@click.command("issue")
@click.argument("file")
@click.option("--did", required=True, help="The issuer's did:web.")
@click.option("--method", default="", help="The key in its document; DID#keys-1 if left out.")
@_key
@secret_option
@_registry
@_chain_id
@_renderer
@_incomplete
@out_option
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
    from gateway.lading.titles.issuing import Bill, credential, signed
    from schemas.clock import utc_now

    register, now = _register(registry, chain_id), utc_now()
    bill = Bill.read(content(file), incomplete=incomplete)
    document = credential(bill, register, did=did, at=now, renderer=renderer)
    key = _p256(ref, secret, home)
    _written(out, signed(document, key, method=method or f"{did}#keys-1", at=now))
    told(
        {
            "file": file,
            "out": str(out),
            "token_id": f"0x{document['credentialStatus']['tokenId']}",
            "registry": register.checked,
            "publish": {"domain": _domain(did), "txt": register.dns_record},
        },
        as_json=as_json,
    )


@click.command("derive")
@click.argument("file")
@click.option(
    "--show",
    "pointers",
    multiple=True,
    metavar="POINTER",
    help="JSON pointer of a field to show, e.g. /credentialSubject/blNumber.",
)
@out_option
@options.as_json
def derive(file: str, *, pointers: tuple[str, ...], out: Path, as_json: bool) -> None:
    """Show FILE, a signed credential, in part; issuer, dates and status always stay."""
    from gateway.lading.titles.issuing import derived

    _written(out, derived(record(file, "a signed credential", "proof"), pointers))
    told({"file": file, "out": str(out)}, as_json=as_json)


@click.command("redact")
@click.argument("file")
@click.option(
    "--hide", "paths", multiple=True, required=True, metavar="PATH", help="Dotted path of a field."
)
@out_option
@options.as_json
def redact(file: str, *, paths: tuple[str, ...], out: Path, as_json: bool) -> None:
    """Hide fields of FILE, an OpenAttestation 2.0 record; it stays verifiable."""
    from certs.records.wrapping import redacted

    _written(out, redacted(record(file, "an OpenAttestation 2.0 record", "data"), paths))
    told({"file": file, "out": str(out)}, as_json=as_json)


@click.command("did")
@click.option("--did", required=True, help="The issuer's did:web.")
@_key
@secret_option
@options.home
@options.as_json
def did_command(*, did: str, ref: str, secret: str, home: Path, as_json: bool) -> None:
    """Print the DID document to publish at the issuer's domain (/.well-known/did.json)."""
    from certs.records import multikey

    public = multikey.of_p256(_p256(ref, secret, home).public_key())
    document = multikey.did_document(did, "keys-1", multikey.encode(public))
    output.line(document) if as_json else click.echo(json.dumps(document, indent=1))


def _register(address: str, chain_id: int) -> Register:
    from certs.records.attested import is_address
    from gateway.lading.titles.issuing import Register

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


def record(file: str, wanted: str, has: str) -> dict[str, Any]:
    """Return a JSON object that has a member; raises NotARecord."""
    from certs.records.model import Broken
    from certs.records.strict import parse

    try:
        found = parse(content(file))
    except Broken as broken:
        raise NotARecord(where=file, wanted=wanted) from broken
    if has and has not in found:
        raise NotARecord(where=file, wanted=wanted)
    return found


def _domain(did: str) -> str:
    return did.removeprefix("did:web:").partition(":")[0]


def _written(out: Path, record: Mapping[str, object]) -> None:
    out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def told(result: Mapping[str, object], *, as_json: bool) -> None:
    """Print a result, a line for each value."""
    if as_json:
        output.line(result)
        return
    for name, value in result.items():
        if isinstance(value, Mapping):
            click.echo(f"{name}: {' '.join(map(str, value.values()))}")
        else:
            click.echo(f"{name}: {value}")
