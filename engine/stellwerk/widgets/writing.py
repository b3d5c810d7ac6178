"""May what stands in a notebook write into the checkout? The one place that widgets ask.

Only where whoever started the server said so: `stellwerk lab` and `stellwerk serve --edit` set an environment variable
that the kernels inherit. Everywhere else, a server started in another way included, pages read only.
"""

from __future__ import annotations

import os

EDIT_VARIABLE = "STELLWERK_EDIT"
ALLOWED = "1"


def may_write() -> bool:
    """Whether rules, listings and scenarios of the checkout may be changed from here."""
    return os.environ.get(EDIT_VARIABLE) == ALLOWED
