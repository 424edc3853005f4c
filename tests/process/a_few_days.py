"""Simulates a few days into an empty city, in a process of its own: python -m
tests.process.a_few_days"""

from sigap.config.cli import start_django

if __name__ == "__main__":
    start_django()
    from tests.simulated import simulate

    simulate()
