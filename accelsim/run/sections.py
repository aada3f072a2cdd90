"""What there are lists of; by itself, so that the command line has it without loading what the lists need."""

SECTIONS = ("runs", "arch", "networks", "energy", "pruning", "schemes", "published", "dataflows")
"""What can be named on the command line or in a run file, in the order of ``accelsim list``."""
