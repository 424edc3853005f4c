"""Where units are: what reports it, what of it is believed, and the track that is kept."""
