"""The words of the OpenAPI document: what each call says of itself, in English and Chinese."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.keys import Scope
from gateway.transport.headers import PROBLEM
from schemas.text import Text

SECURITY_SCHEME: Final[dict[str, Any]] = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "sgk_<id>_<secret>",
        "description": "An API key; each key belongs to one tenant and has scopes. / "
        "API 密钥；每个密钥属于一个租户并具有相应权限。",
    },
    "oidc": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of an identity provider that the operator's settings name. / "
        "运营方配置的身份提供方签发的令牌。",
    },
}
_TEXT: Final = {
    "type": "object",
    "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
}
PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "code", "hint", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "pattern": "^SG-[0-9]{4}$"},
        "message": _TEXT,
        "hint": _TEXT,
        "where": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "findings": {"type": "array", "items": {"type": "object"}},
    },
    "examples": [
        {
            "type": "/problems/SG-1102",
            "title": "The document cannot be read.",
            "status": 400,
            "detail": "A DOCTYPE is not allowed.",
            "code": "SG-1102",
            "message": {"en": "A DOCTYPE is not allowed.", "zh": "不允许使用 DOCTYPE。"},
            "hint": {
                "en": "Remove the DOCTYPE and every entity.",
                "zh": "请删除 DOCTYPE 及所有实体声明。",
            },
            "where": "line 1",
            "instance": "urn:uuid:0a3f6c1e-5a51-4c0e-9d8a-1f2d3c4b5a69",
        }
    ],
}
ANY_PROBLEM: Final[dict[int | str, dict[str, Any]]] = {
    "default": {
        "description": "A problem (RFC 9457) / 问题说明",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


def both(en: str, zh: str) -> str:
    """Return a description in both languages."""
    text = Text(en, zh)
    return f"{text.en}\n\n{text.zh}"


def needs(scope: Scope, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what a call adds to its OpenAPI operation: its key, its scope, and its body."""
    extra: dict[str, Any] = {"security": [{"apiKey": []}, {"oidc": []}], "x-scope": scope.value}
    return extra | ({"requestBody": body} if body else {})


def signed(body: dict[str, Any]) -> dict[str, Any]:
    """Return the same for a call that proves itself by the signature of its body."""
    return {"security": [], "requestBody": body}


def content(*media_types: str, description: str = "") -> dict[str, Any]:
    """Return a request body of raw bytes in one of several media types."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "required": True,
        "description": description,
        "content": dict.fromkeys(media_types, binary),
    }


def form(required: list[str], **parts: str) -> dict[str, Any]:
    """Return a multipart body; each part with its description, files by default."""
    properties = {
        name: {"type": "string", "description": text}
        | ({} if text.startswith("Text") else {"format": "binary"})
        for name, text in parts.items()
    }
    schema = {"type": "object", "required": required, "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def gives(status: int, description: str, example: object) -> dict[int | str, dict[str, Any]]:
    """Return the description of an answer in JSON, with an example."""
    return {
        status: {"description": description, "content": {"application/json": {"example": example}}}
    }


def hands_out(description: str, *media_types: str) -> dict[int | str, dict[str, Any]]:
    """Return the description of an answer of raw bytes."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": description, "content": dict.fromkeys(media_types, binary)}}
