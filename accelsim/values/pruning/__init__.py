"""Zeros on purpose: which weights a run prunes, which values they share, and where masks say zero."""

from accelsim.values.pruning.choosing import pruned as pruned
from accelsim.values.pruning.description import MaskFile as MaskFile
from accelsim.values.pruning.description import Prune as Prune
from accelsim.values.pruning.files import read_mask as read_mask
