"""What the city tells of its own work: figures, a map, open data, the heads of the journal. Reads
only, and nothing that is of few."""
