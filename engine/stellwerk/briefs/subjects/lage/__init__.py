"""The brief "Lage und Reform in Kürze"."""
