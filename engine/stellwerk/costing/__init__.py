"""Joins the budget with the rulebook: asks it for dated prices and for the amounts of cases, runs a scenario."""

from stellwerk.costing.run import Costed, cost

__all__ = ["Costed", "cost"]
