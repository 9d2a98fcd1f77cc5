"""What a simulated customs is told to do: its answers, its pace, and its faults (TOML)."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from schemas.errors import SettingsError
from schemas.text import Text

_SCRIPTS: Final = Path(__file__).with_name("scripts")


class ScriptUnknown(SettingsError):
    """There is no such script, or it says something that no script says."""

    code = "SG-9301"
    title = Text(
        "The sandbox script {where} cannot be used: {reason}", "沙箱脚本 {where} 无法使用:{reason}"
    )
    hint = Text("Give a TOML file, or one of: {known}.", "请指定 TOML 文件,或以下之一:{known}。")


@dataclass(frozen=True, slots=True)
class Step:
    """One receipt: the authority's own `code`, sent `delay` seconds after the one before."""

    code: str
    delay: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong, each with a probability from 0 to 1 (`slow` and `resend` in seconds).

    `duplicate` a receipt is sent twice; `swap` it changes places with the next; `lost` it is not
    sent and comes again after `resend`; `malformed` broken bytes go before it; `busy` a
    declaration is answered with 503; `slow` is the longest pause before an answer.
    """

    duplicate: float = 0.0
    swap: float = 0.0
    lost: float = 0.0
    malformed: float = 0.0
    busy: float = 0.0
    slow: float = 0.0
    resend: float = 0.3


@dataclass(frozen=True, slots=True)
class Story:
    """The receipts for declarations whose local reference or transport document is `match`.

    An empty `match` is every declaration that no other story is about. With `refuse` the
    upload itself is refused with that text. `amendment` and `cancellation` are the receipts for
    such requests; left out, they are granted.
    """

    receipts: tuple[Step, ...]
    match: str = ""
    refuse: str = ""
    amendment: tuple[Step, ...] = ()
    cancellation: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A whole script. `delay` and `jitter` are seconds; `seed` makes chance repeatable."""

    stories: tuple[Story, ...]
    delay: float = 0.05
    jitter: float = 0.0
    seed: int = 0
    faults: Faults = field(default_factory=Faults)

    def story(self, *references: str) -> Story:
        """Return the story of a declaration by what it goes by."""
        named = (s for s in self.stories if s.match and s.match in references)
        everybody = (s for s in self.stories if not s.match)
        return next(named, None) or next(everybody, None) or Story(())

    def pause(self, step: Step, chance: random.Random) -> float:
        """Return the seconds to wait before a step."""
        pause = self.delay if step.delay is None else step.delay
        return max(0.0, pause + chance.uniform(-self.jitter, self.jitter))


def load(name: str) -> Script:
    """Return the script in a TOML file, or one of our own by name; raises ScriptUnknown."""
    path = Path(name)
    if not path.suffix:
        path = _SCRIPTS / f"{name}.toml"
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        known = ", ".join(sorted(script.stem for script in _SCRIPTS.glob("*.toml")))
        raise ScriptUnknown(where=name, reason=repr(error), known=known) from error


def parse(data: Mapping[str, Any]) -> Script:
    """Return the script of a parsed TOML document; raises KeyError or TypeError for another."""
    timing = data.get("timing", {})
    unknown = set(data) - {"story", "timing", "faults", "seed", "title"}
    unknown |= set(data.get("faults", {})) - {f.name for f in fields(Faults)}
    if unknown:
        raise KeyError(min(unknown))
    return Script(
        stories=tuple(_story(story) for story in data["story"]),
        delay=float(timing.get("delay", 0.05)),
        jitter=float(timing.get("jitter", 0.0)),
        seed=int(data.get("seed", 0)),
        faults=Faults(**{name: float(value) for name, value in data.get("faults", {}).items()}),
    )


def _story(data: Mapping[str, Any]) -> Story:
    return Story(
        _steps(data.get("receipts", ())),
        data.get("match", ""),
        data.get("refuse", ""),
        _steps(data.get("amendment", ())),
        _steps(data.get("cancellation", ())),
    )


def _steps(listed: Sequence[str | Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(
        Step(step) if isinstance(step, str) else Step(step["code"], float(step["delay"]))
        for step in listed
    )
