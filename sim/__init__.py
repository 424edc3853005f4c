"""A simulated city. It plans what happens (city), and drives the product with it: in bulk
(fast), through the public interfaces (slow), or in real time for a drill (live).

All of it is made up: nobody's number, no real address, no real case.
"""
