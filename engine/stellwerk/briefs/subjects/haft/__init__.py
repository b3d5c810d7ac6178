"""The brief "Haftfenster"."""
