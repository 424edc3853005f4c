"""Which category a report belongs to: rules from the first day, later what the city has taught.

Pure: no Django, no database, no network.
"""
