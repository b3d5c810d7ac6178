"""The brief "Verteilung auf die Gemeinden"."""
