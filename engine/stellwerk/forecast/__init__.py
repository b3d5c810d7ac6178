"""Scenarios of state reception under the law: the rulebook and the flow model joined, expectation and spread."""
