"""One rulebook beside its peers, and the full rulebook at every scale: `python -m benchmarks.evaluate.run`."""
