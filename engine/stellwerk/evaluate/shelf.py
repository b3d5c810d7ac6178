"""Columns that are read more than once, made once.

Goes in: expressions, each under a key. Comes out: the columns' names for those who read them, and the layers in which
they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

import polars as pl


class Shelf:
    """Columns that are read more than once, each with the expression that makes it.

    Layers are made one after the other: an expression reads attributes and columns of earlier layers. `name` sets its
    columns apart from those of other shelves.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.layers: list[list[pl.Expr]] = []
        self._names: dict[Hashable, str] = {}
        self._depths: dict[str, int] = {}

    def column(self, key: Hashable, make: Callable[[], pl.Expr]) -> pl.Expr:
        """The column of that key; the first who asks for it says how it is made."""
        if key not in self._names:
            made = make()
            name = f"__{self.name}_{len(self._names)}"
            depth = 1 + max((self._depths.get(root, -1) for root in made.meta.root_names()), default=-1)
            if depth == len(self.layers):
                self.layers.append([])
            self.layers[depth].append(made.alias(name))
            self._names[key], self._depths[name] = name, depth
        return pl.col(self._names[key])
