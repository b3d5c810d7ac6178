"""Briefs: a parameterised notebook run on one scenario, its page, its data and its entry in the ledger.

One noun or verb a module: `parameters` (what may be asked), `blocks` (what a notebook hands over), `secrecy` (small
counts), `figures` and `geometry` (charts and maps), `page` (the HTML), `ledger` (what was run with what), `run`
(all of it in order). The first brief: `content` (what it shows), `counts` and `reforms` (its figures), `lage`,
`persons` and `places` (its sections).
"""
