"""What the brief "Bleiberecht" is to show, read from `params/briefs/bleiberecht.yaml`.

It names rules, outcomes and assumptions without knowing what they mean.
"""

from __future__ import annotations

from stellwerk.documents import Document, Labels
from stellwerk.register.figures import Fact

OPEN, NONE, LASTING = "open", "none", "lasting"


class Path(Document):
    """A path to stay: its rule, its group in the picture, the outcomes with which it is met or left to discretion."""

    rule: str
    group: str
    met: tuple[str, ...]
    discretion: tuple[str, ...]
    title: Labels


class Demand(Document):
    """The rule of the reform and the outcomes with which it grants."""

    rule: str
    grants: tuple[str, ...]


class Gap(Document):
    """The rule that sets the demand against the law, its outcomes in order, and the one the headline tells."""

    rule: str
    order: tuple[str, ...]
    told: str


class Criteria(Document):
    """The rule of the demand's criteria and the parameters it reads."""

    rule: str
    parameters: tuple[str, ...]


class Chain(Document):
    """The measure of chained tolerations: its bands in order, which of them are chains, the rule on its days."""

    rule: str
    order: tuple[str, ...]
    chained: tuple[str, ...]
    days: str
    parameters: tuple[str, ...]


class FirstDay(Document):
    """A date that is the first of a kind in a child table."""

    table: str
    column: str
    kind: str


class BleiberechtContent(Document):
    """All of the above for the brief."""

    status: tuple[str, ...]
    paths: tuple[Path, ...]
    groups: dict[str, Labels]
    demand: Demand
    gap: Gap
    criteria: Criteria
    chain: Chain
    parameters: tuple[str, ...]
    facts_shown: int
    assumed: dict[str, Fact]
    on_legal_date: tuple[str, ...]
    first_day_of: dict[str, FirstDay]
    units: dict[str, Labels]

    @property
    def path_rules(self) -> tuple[str, ...]:
        """The rules of the paths, strongest first."""
        return tuple(path.rule for path in self.paths)

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule of the law in force that the brief applies."""
        return (*self.path_rules, self.gap.rule, self.criteria.rule, self.chain.rule, self.chain.days)
