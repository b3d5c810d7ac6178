"""What does each state of the Union owe, what does it do about it, and who ends up where?

This room knows keys, tables and scenarios of `params/solidarity/`, never the inside of a rule.
"""
