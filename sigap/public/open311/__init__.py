"""Open311 GeoReport v2: programs of others report for citizens, and read what became of it."""
