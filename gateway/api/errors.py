"""What the API itself refuses, before any room is asked.

AccessError    SG-6001..6011  key, token; scope; rate; partner, party       401 403 429 503
InputError     SG-1150..1157  size, kind, encoding, form, fields, time      400 408 413 415 422
ExchangeError  SG-5401..5403  no such thing, method not offered, not covered yet    404 405
"""

from __future__ import annotations

from schemas.errors import AccessError, ExchangeError, InputError
from schemas.text import Text


class KeyMissing(AccessError):
    """No API key came with the request."""

    code = "SG-6001"
    title = Text("This call needs an API key.", "此调用需要 API 密钥。")
    hint = Text(
        "Send `Authorization: Bearer sgk_...`; the operator issues keys with `silkgate keys`.",
        "请发送 `Authorization: Bearer sgk_...`；密钥由运营方通过 `silkgate keys` 签发。",
    )
    status = 401


class KeyUnknown(AccessError):
    """The API key is not one of ours, or was revoked."""

    code = "SG-6002"
    title = Text("The API key is not known.", "API 密钥无效。")
    hint = Text(
        "Check that the key was copied whole and was not revoked.",
        "请检查密钥是否完整复制且未被撤销。",
    )
    status = 401


class KeyExpired(AccessError):
    """The API key was good until a moment that has passed."""

    code = "SG-6003"
    title = Text("The API key expired at {expired}.", "API 密钥已于 {expired} 过期。")
    hint = Text("Ask the operator for a new key.", "请向运营方申请新密钥。")
    status = 401


class ScopeMissing(AccessError):
    """The API key is in order, but is not meant for this."""

    code = "SG-6004"
    title = Text("The API key lacks the scope {scope}.", "API 密钥缺少权限 {scope}。")
    hint = Text(
        "Use a key that has {scope}, or ask the operator for one.",
        "请使用具有 {scope} 权限的密钥，或向运营方申请。",
    )


class TooManyRequests(AccessError):
    """The caller is over its rate."""

    code = "SG-6005"
    title = Text(
        "More requests than agreed: {rate} per second.", "请求过于频繁：上限为每秒 {rate} 次。"
    )
    hint = Text("Wait {wait} s and send it again.", "请等待 {wait} 秒后重新发送。")
    status = 429


class PartnerUnknown(AccessError):
    """A gateway or authority calls that is not in the settings."""

    code = "SG-6006"
    title = Text("{party} is not a party of this gateway.", "{party} 不是本网关的登记方。")
    hint = Text(
        "Exchange cards with its operator and run `silkgate keys trust CARD`; an authority stands "
        "in the settings, `[[authorities]]`.",
        "请与其运营者交换名片并运行 `silkgate keys trust CARD`;"
        "海关在配置 `[[authorities]]` 中登记。",
    )


class WrongRecipient(AccessError):
    """A partner's message is meant for another gateway."""

    code = "SG-6007"
    title = Text("This is {own}, not {recipient}.", "本网关是 {own}，不是 {recipient}。")
    hint = Text(
        "Check which gateway the address in your settings belongs to.",
        "请检查配置中的地址属于哪个网关。",
    )


class TokenRefused(AccessError):
    """A bearer token is not one of an issuer that the settings name, or not for this gateway."""

    code = "SG-6009"
    title = Text("The bearer token is refused: {reason}.", "不接受该令牌：{reason}。")
    hint = Text(
        "Get a fresh token for this gateway from your identity provider; the operator's settings "
        "say for which tenant and scopes it counts (`[[oidc]]`).",
        "请从身份提供方重新获取面向本网关的令牌；其租户与权限由运营方在 `[[oidc]]` 中配置。",
    )
    status = 401
    exit_code = 2


class IssuerSilent(AccessError):
    """The keys of a token's issuer cannot be had now."""

    code = "SG-6010"
    title = Text("The keys of {where} cannot be had now.", "目前无法获取 {where} 的密钥。")
    hint = Text(
        "Send it again later, or use an API key; the operator sees why in the log.",
        "请稍后重试或使用 API 密钥；原因见网关日志。",
    )
    status = 503


class NotThisAuthority(AccessError):
    """A key that is not the authority's hands in a receipt in its name."""

    code = "SG-6008"
    title = Text("{caller} may not speak for {authority}.", "{caller} 无权代表 {authority}。")
    hint = Text(
        "Use a key of the tenant {authority}, or one of the gateway itself.",
        "请使用租户 {authority} 的密钥,或网关自身的密钥。",
    )


class NotYourParty(AccessError):
    """An account asks the gateway to act for a party that it does not stand for."""

    code = "SG-6011"
    title = Text("This account does not stand for {party}.", "该账户不代表当事方 {party}。")
    hint = Text(
        "The operator names the parties of an account in the settings, `[titles.parties]`.",
        "账户的当事方由运营方在配置 `[titles.parties]` 中登记。",
    )


class BodyTooLarge(InputError):
    """The body is longer than this gateway takes."""

    code = "SG-1150"
    title = Text("The body is larger than {limit} bytes.", "请求内容超过 {limit} 字节。")
    hint = Text("Split it, or agree on a higher limit.", "请拆分内容，或与运营方协商提高上限。")
    status = 413


class MediaTypeRefused(InputError):
    """The body is of a kind this call does not take."""

    code = "SG-1151"
    title = Text("This call does not take {found}.", "此调用不接受 {found}。")
    hint = Text("Send {expected}.", "请发送 {expected}。")
    status = 415


class EncodingRefused(InputError):
    """The body is compressed; compressed bodies are not taken, because they can be bombs."""

    code = "SG-1152"
    title = Text("Content-Encoding {found} is not taken.", "不接受 Content-Encoding {found}。")
    hint = Text("Send the body uncompressed.", "请发送未压缩的内容。")
    status = 415


class MultipartMalformed(InputError):
    """A multipart body does not follow RFC 7578."""

    code = "SG-1153"
    title = Text("The multipart body is malformed: {reason}", "multipart 内容格式错误：{reason}")
    hint = Text(
        "Send multipart/form-data with a boundary, each part with a name.",
        "请发送带分隔符的 multipart/form-data，每个部分均须有名称。",
    )
    status = 400


class FieldInvalid(InputError):
    """A parameter, header or field is missing or has a value it must not have."""

    code = "SG-1154"
    title = Text("{where} is not valid: {reason}", "{where} 无效：{reason}")
    hint = Text("Expected: {expected}", "应为：{expected}")
    status = 422


class FieldMissing(InputError):
    """A parameter, header or field that has to be there is not."""

    code = "SG-1157"
    title = Text("{where} is missing.", "缺少 {where}。")
    hint = Text("See /openapi.json for what this call takes.", "此调用的参数请见 /openapi.json。")
    status = 422


class BodyEmpty(InputError):
    """There is no body where a document was expected."""

    code = "SG-1155"
    title = Text("The body is empty.", "请求内容为空。")
    hint = Text("Send the document as the body.", "请将文件作为请求内容发送。")
    status = 400


class BodyTooSlow(InputError):
    """The body did not arrive in time."""

    code = "SG-1156"
    title = Text("The body did not arrive within {seconds} s.", "请求内容未在 {seconds} 秒内到达。")
    hint = Text("Send it again, faster.", "请以更快速度重新发送。")
    status = 408


class NotCovered(ExchangeError):
    """The entry is in the log, and no checkpoint covers it yet."""

    code = "SG-5403"
    title = Text("No checkpoint covers the entry yet.", "尚无检查点覆盖该条目。")
    hint = Text("Ask again in a second or two.", "请于一两秒后重试。")
    status = 404


class NothingThere(ExchangeError):
    """There is no such thing, or none that this caller may see."""

    code = "SG-5401"
    title = Text("There is nothing at {where}.", "{where} 不存在。")
    hint = Text("Check the address and the key it is asked with.", "请检查地址以及所用密钥。")
    status = 404


class MethodNotOffered(ExchangeError):
    """The address exists, the method does not."""

    code = "SG-5402"
    title = Text("{where} does not offer {method}.", "{where} 不支持 {method}。")
    hint = Text("Use one of: {allowed}.", "请使用：{allowed}。")
    status = 405
