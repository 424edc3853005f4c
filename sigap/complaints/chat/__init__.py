"""The conversation with a citizen on WhatsApp: what was heard, what is said, who has it.

What goes over the wire is in `sigap.gateways.whatsapp`; here nothing knows how it is sent.
"""
