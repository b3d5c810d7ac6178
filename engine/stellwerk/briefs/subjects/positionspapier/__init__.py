"""The brief "Positionspapier, Forderung für Forderung"."""
