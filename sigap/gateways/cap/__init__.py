"""The Common Alerting Protocol 1.2 (OASIS): warnings are read, written, signed and checked."""
