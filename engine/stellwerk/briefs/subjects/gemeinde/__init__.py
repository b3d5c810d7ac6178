"""The brief "Gemeinde auf zwei Seiten"."""
