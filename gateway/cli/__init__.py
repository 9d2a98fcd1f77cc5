"""The command line: the face that scripts, auditors and outside suites drive.

Exit codes: 0 ok, 1 error, 2 wrong usage or no access, 3 the document is invalid or not
verified, 4 not found. Every command has `--json`; its words and its JSON are stable.
"""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout
from typing import Final, NoReturn

import click

from gateway.cli.lazy import Entry, LazyGroup
from schemas.errors import SilkgateError
from schemas.text import Text

_ENTRIES: Final = {
    "inspect": Entry(
        "gateway.cli.inspect:command",
        Text("Detect the format and list the business terms", "识别格式并列出业务术语"),
    ),
    "validate": Entry(
        "gateway.cli.validate:command",
        Text("Check structure, code lists and business rules", "校验结构、代码表与业务规则"),
    ),
    "compare-rules": Entry(
        "gateway.cli.compare_rules:command",
        Text("Which invoices change verdict between two rule packs", "比较两套规则下的发票结论"),
    ),
    "convert": Entry(
        "gateway.cli.convert:command",
        Text("Translate, with a complete loss report", "转换格式,并给出完整的损失报告"),
    ),
    "diff": Entry(
        "gateway.cli.diff:command",
        Text("Compare two documents by business term", "按业务术语比较两份文件"),
    ),
    "view": Entry(
        "gateway.cli.view:command",
        Text("Show an invoice as a page for people", "以可读页面显示发票"),
    ),
    "sign": Entry(
        "gateway.cli.sign:command",
        Text("Sign and time-stamp a document", "为文件签名并加盖时间戳"),
    ),
    "verify": Entry(
        "gateway.cli.verify:command",
        Text("Verify a signed document, an evidence file or a proof", "验证签名文件、证据包或证明"),
    ),
    "archive": Entry(
        "gateway.cli.archive:group",
        Text("Keep signatures and evidence alive over decades", "让签名与证据数十年有效"),
    ),
    "decide": Entry(
        "gateway.cli.decide:command",
        Text("Decide on diagnostic data by EN 319 102-1", "依据 EN 319 102-1 对诊断数据作出判定"),
    ),
    "batch": Entry(
        "gateway.cli.batch:group",
        Text("The same over the files of a whole folder", "对整个文件夹批量处理"),
    ),
    "exchange": Entry(
        "gateway.cli.exchange:group",
        Text("The documents on their way", "传输中的文件"),
    ),
    "clearance": Entry(
        "gateway.cli.clearance:group",
        Text("One declaration, two sides", "单一申报,双边通关"),
    ),
    "lading": Entry(
        "gateway.cli.lading.group:group",
        Text("Bills of lading as records of title", "作为物权记录的提单"),
    ),
    "log": Entry(
        "gateway.cli.log.group:group",
        Text("The transparency log", "透明日志"),
    ),
    "anchor": Entry(
        "gateway.cli.anchor:group",
        Text("Anchor checkpoints; list anchors and their finality", "锚定检查点并查看最终性"),
    ),
    "title": Entry(
        "gateway.cli.title.group:group",
        Text("Title to goods: who holds the bill", "物权凭证:提单由谁持有"),
    ),
    "hooks": Entry(
        "gateway.cli.hooks:group",
        Text("Webhooks: who is told what happens", "通知地址:将发生的事件告知何处"),
    ),
    "serve": Entry(
        "gateway.cli.serve:command",
        Text("Run the gateway", "运行网关"),
    ),
    "worker": Entry(
        "gateway.cli.serve:worker",
        Text("Run a worker of the exchange pipeline", "运行交换流水线的工作进程"),
    ),
    "demo": Entry(
        "gateway.cli.demo:command",
        Text("The whole two-sided story on one machine", "在一台机器上演示完整的双边流程"),
    ),
    "doctor": Entry(
        "gateway.cli.doctor:command",
        Text("Check the set-up and say how to mend it", "检查配置并说明如何修复"),
    ),
    "keys": Entry(
        "gateway.cli.keys.group:group",
        Text("Keys, certificates and the gateway's folder", "密钥、证书与网关目录"),
    ),
    "encrypt": Entry(
        "gateway.cli.encrypt:encrypt",
        Text("Encrypt a file to recipients, by their certificates", "按证书向接收方加密文件"),
    ),
    "decrypt": Entry(
        "gateway.cli.encrypt:decrypt",
        Text("Decrypt a file with a key of the gateway", "使用网关密钥解密文件"),
    ),
    "attest": Entry(
        "gateway.cli.attest:command",
        Text("Vouch for the verification of a foreign signature", "为外来签名的验证结果出具证明"),
    ),
    "trust": Entry(
        "gateway.cli.trust:group",
        Text("Signed lists of trust domains, and mandates", "信任域签名列表与授权书"),
    ),
    "seal": Entry(
        "gateway.cli.seal:group",
        Text("Electronic seals of GB/T 38540", "电子印章(GB/T 38540)"),
    ),
    "adapters": Entry(
        "gateway.cli.lookup:adapters_command",
        Text("The formats that can be read and written", "可读写的格式"),
    ),
    "schema": Entry(
        "gateway.cli.lookup:schema_command",
        Text("Write a format's schema (XSD or JSON Schema)", "导出格式的模式(XSD 或 JSON Schema)"),
    ),
    "codes": Entry(
        "gateway.cli.lookup:codes_command",
        Text("Look up codes and their conversions", "查询代码及其转换"),
    ),
}

_cli = LazyGroup(
    _ENTRIES,
    name="silkgate",
    help="Silkgate: one declaration, two-side clearance. 单一申报,双边通关。",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
_cli.params.append(
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        help="Show the version.",
        callback=lambda context, _, wanted: _version(context) if wanted else None,
    )
)


def _version(context: click.Context) -> None:
    from importlib.metadata import version

    click.echo(f"silkgate {version('silkgate')}")
    context.exit()


def main() -> None:
    """Run the command line; an error of ours becomes a message, a hint and an exit code.

    What the terminal's encoding lacks, or none has (half a surrogate pair), is printed escaped, and
    so is what would speak to the terminal (`gateway.cli.terminal`).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    from gateway.cli.terminal import guarded

    with redirect_stdout(guarded(sys.stdout)):
        _run()


def _run() -> NoReturn:
    from gateway.cli.help import Formatter

    click.Context.formatter_class = Formatter
    try:
        left = _cli.main(prog_name="silkgate", standalone_mode=False)
        sys.exit(left if isinstance(left, int) else 0)
    except click.Abort:
        sys.exit(1)
    except click.ClickException as error:
        from gateway.cli.usage import show

        show(error)
        sys.exit(error.exit_code)
    except SilkgateError as error:
        _fail(error)
    except UnicodeEncodeError as error:
        from gateway.cli.usage import NotText

        half = error.object[error.start : error.end]
        given = next((each for each in sys.argv if half in each), None)
        if given is None:
            raise
        _fail(NotText(where=given))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        from gateway.cli.files import SystemRefused

        _fail(SystemRefused.by(error))


def _fail(error: SilkgateError) -> NoReturn:
    from gateway.cli.output import report

    sys.exit(report(error, as_json="--json" in sys.argv))
