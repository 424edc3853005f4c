"""What crews tell from the field: presses, who is on board, reports, photos, help."""
