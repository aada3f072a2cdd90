"""Zeros on purpose: which weights a run prunes, which values they share, and where masks say zero."""

from accelsim.values.pruning.choosing import kept, pruned
from accelsim.values.pruning.codebook import codebook, shared
from accelsim.values.pruning.description import Layers, MaskFile, Prune, Pruning, check_layers, prune_of
from accelsim.values.pruning.files import load_mask, read_mask

__all__ = [
    "Layers",
    "MaskFile",
    "Prune",
    "Pruning",
    "check_layers",
    "codebook",
    "kept",
    "load_mask",
    "prune_of",
    "pruned",
    "read_mask",
    "shared",
]
