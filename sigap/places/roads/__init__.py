"""How long it takes by road: the city's roads as a graph, on this machine and without a network."""
