"""Public warnings: those that others send and those that the city issues (CAP 1.2)."""
