"""Zeros on purpose: which weights a run prunes, which values they share, and where masks say zero."""

from accelsim.pruning.choosing import kept, pruned
from accelsim.pruning.codebook import codebook, shared
from accelsim.pruning.description import Layers, MaskFile, Prune, Pruning, check_layers, prune_of
from accelsim.pruning.files import load_mask, read_mask
from accelsim.pruning.sources import check_names, sources_of, with_pruning

__all__ = [
    "Layers",
    "MaskFile",
    "Prune",
    "Pruning",
    "check_layers",
    "check_names",
    "codebook",
    "kept",
    "load_mask",
    "prune_of",
    "pruned",
    "read_mask",
    "shared",
    "sources_of",
    "with_pruning",
]
