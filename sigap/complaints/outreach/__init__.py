"""Outreach (sosialisasi): where the city told people what 112 and the complaints are for."""
