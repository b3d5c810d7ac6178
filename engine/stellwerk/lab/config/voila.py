"""What voila can be told only in Python, beside `voila.json`: a hook before each page.

Closing a page ends its kernel, with everything that it holds in memory. The page asks for that with the server's XSRF
cookie, which voila itself never sets; without the cookie the server refuses, and kernels would pile up.
"""

from typing import Any


def with_cookie(handler: Any, notebook: Any, cwd: str) -> None:
    """Set the cookie with which a page may ask for the end of its kernel; asking for the token sets it."""
    _ = handler.xsrf_token


c = get_config()  # type: ignore[name-defined]  # noqa: F821  # given by whoever reads this file
c.VoilaConfiguration.prelaunch_hook = with_cookie
