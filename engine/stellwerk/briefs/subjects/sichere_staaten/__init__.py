"""The brief "Sichere Herkunftsstaaten"."""
