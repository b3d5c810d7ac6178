"""State reception as a stock and flow of places: expectation, spread, municipal places, returns, legal routes.

The rooms of this floor know tables and numbers, never rules: `stellwerk.forecast` reads the law and hands it over.
`reception` makes a model and its expected course, `montecarlo` many drawn ones, `results` says what readers get.
"""
