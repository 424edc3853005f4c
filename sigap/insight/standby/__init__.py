"""Where units wait, and what would be if."""
