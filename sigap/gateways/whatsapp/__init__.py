"""The city's WhatsApp number, over Meta's Cloud API."""
