"""What a scenario costs and who pays it: priced lines that can be opened down to their quantities.

The room knows tables, ids and money, never a rule: prices come in priced, quantities come in counted.
"""
