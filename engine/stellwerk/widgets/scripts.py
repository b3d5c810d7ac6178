"""The script of a widget: its own file behind the files that it shares with others, as one module for the browser."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def script(*names: str) -> str:
    """These files, one behind the other; the last one says how the widget is drawn."""
    return "\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in names)
