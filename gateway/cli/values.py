"""Values given on the command line: a JSON object in a file, and `NAME=VALUE`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gateway.cli.files import content
from schemas.errors import InputError
from schemas.text import Text


class NotValues(InputError):
    """What should give values by name does not."""

    code = "SG-1130"
    title = Text("{where} gives no values.", "{where} 中没有取值。")
    hint = Text(
        'Write NAME=VALUE, or a JSON object of texts in a file: {{"NAME": "VALUE"}}.',
        '请写 NAME=VALUE,或在文件中写文本对象:{{"NAME": "VALUE"}}。',
    )
    exit_code = 2


def given(file: str, pairs: Sequence[str]) -> dict[str, str]:
    """Return the values of a JSON file (none for "") and of `NAME=VALUE` pairs, which win.

    Raises NotValues.
    """
    found = _object(file) if file else {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise NotValues(where=pair)
        found[name] = value
    return found


def _object(file: str) -> dict[str, str]:
    try:
        found = json.loads(content(file))
    except (ValueError, RecursionError) as error:
        raise NotValues(where=file) from error
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise NotValues(where=file)
    return found
