"""Stellwerk: shows which rule of asylum and migration law sends whom where, what it costs, what a reform changes."""

__version__ = "0.1.0"
