"""What may be asked of the brief "Solidarität in Europa": which pool year, and at which price of a person."""

from __future__ import annotations

from pydantic import Field

from stellwerk.briefs.parameters import BriefParameters, CountOrAll, PoolYear


class SolidaritaetParameters(BriefParameters):
    """The parameters of the brief "Solidarität in Europa"."""

    scenario: PoolYear
    price: CountOrAll = Field(default=None, ge=1, le=1_000_000)

    @property
    def changes(self) -> dict[str, str]:
        """What this run sets otherwise than its scenario."""
        return {} if self.price is None else {"price": str(self.price)}
