"""One semantic layer: the evaluation over Parquet, on DuckDB here or on Spark for a province."""
