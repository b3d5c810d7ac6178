"""What the brief "Haftfenster" is to show, read from `params/briefs/haft.yaml`: rules and parameters by name."""

from __future__ import annotations

import datetime as dt

from stellwerk.documents import Document, Labels


class Kind(Document):
    """A kind of custody: the rule it stands in, and the parameters that bound it."""

    rule: str
    title: Labels
    length: str
    extension: str | None = None
    cap: str | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Its bounds, as far as it has them."""
        return tuple(name for name in (self.length, self.extension, self.cap) if name)


class Credit(Document):
    """The rule that adds up earlier custody: for which kinds it is asked, with a segment of so many days."""

    rule: str
    table: str
    kinds: tuple[str, ...]
    days: int
    before: int


class HaftContent(Document):
    """All of the above for the brief."""

    kinds: tuple[Kind, ...]
    told: tuple[str, ...]
    others: tuple[str, ...]
    procedure: tuple[str, ...]
    credit: Credit
    shown_from: dt.date
    questions: tuple[str, ...]
    units: dict[str, Labels]

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule the brief speaks of."""
        return (*(kind.rule for kind in self.kinds), *self.procedure, self.credit.rule)

    @property
    def bounds(self) -> tuple[str, ...]:
        """Every parameter that bounds a kind, each once, then the further limits."""
        return tuple(dict.fromkeys((*(name for kind in self.kinds for name in kind.parameters), *self.others)))
