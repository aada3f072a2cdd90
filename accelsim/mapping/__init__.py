"""How a layer is cut into boxes, in which order they run, and what they move."""
