"""What the nests of single MACs have in common: how ifmaps are cut, what fits, how fast it can go."""
