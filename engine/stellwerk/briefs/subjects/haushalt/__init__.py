"""The brief "Haushalt: wer zahlt was"."""
