"""How a number of persons is divided: keys, quotas, and the placement of families within them.

This room knows reference tables and frames of families, never the inside of a rule.
"""
