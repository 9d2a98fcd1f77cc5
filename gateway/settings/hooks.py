"""Settings of webhooks: where tenants may have themselves told what happens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from gateway.settings.part import Part


class HookSettings(Part):
    """Where webhooks may go; nowhere by default.

    `hosts` are those that tenants may register (`host`, or `host:port`). `tls_ca` is trusted
    instead of the system's authorities; `private` allows hosts at addresses that are not public,
    `plain` HTTP without TLS to loopback (not in production). A delivery has `seconds`, and is given
    up when it has been tried for `give_up_hours`; a tenant has at most `most` hooks.
    """

    hosts: tuple[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$")],
        ...,
    ] = ()
    tls_ca: Path | None = None
    private: bool = False
    plain: bool = False
    seconds: Annotated[float, Field(gt=0, le=30)] = 5.0
    give_up_hours: Annotated[float, Field(gt=0, le=24 * 30)] = 72.0
    most: Annotated[int, Field(gt=0, le=1000)] = 16
