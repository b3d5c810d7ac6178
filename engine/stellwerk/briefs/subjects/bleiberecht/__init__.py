"""The brief "Bleiberecht"."""
