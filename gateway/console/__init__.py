"""The console: server-rendered pages over the API's gateway, in English and Chinese.

`create_app(gateway, console.mount)` adds it below `/console`.
"""

from gateway.console.site import mount

__all__ = ["mount"]
