"""How many calls are to come, and how many people that needs."""
