"""State reception as a stock and flow of places: expectation, spread, municipal places, returns, legal routes."""
