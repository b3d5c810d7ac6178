"""The brief "Solidarität in Europa: aufnehmen oder zahlen"."""
