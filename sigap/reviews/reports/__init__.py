"""Reports of a period with the findings that a person signs, and the weekly digest's delivery."""
