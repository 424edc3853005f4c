"""The far ends by which people are alerted: push services, WhatsApp, SMS and voice gateways."""
