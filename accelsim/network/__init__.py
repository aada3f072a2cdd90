"""Layers, the graph they form, and what runs between them."""
