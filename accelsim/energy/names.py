"""Names of all actions that are counted: ``component.action:operand``."""

from accelsim.machine import Arch
from accelsim.machine.datapath import LOOKUP

COMPONENTS = ("mac", "codec", "rf", "noc", "glb", "dram")
"""What an action's name begins with, from the inside of the chip to the outside."""

MACHINE = (
    "mac.gated:psum",  # a zero gates the MAC, or is a weight that does nothing
    "mac.skipped:psum",  # a zero spares the MAC and its cycle
    "mac.reused:psum",  # a repeated kernel spares it
    "rf.read:ifmap",
    "rf.write:ifmap",
    "rf.read:weight",
    "rf.gated_read:weight",
    "rf.write:weight",
    "rf.read:psum",
    "rf.write:psum",
    "noc.deliver:ifmap",  # a word into one destination PE; a multicast counts each
    "noc.deliver:weight",
    "noc.wire:weight",  # a word into a PE over wires of its own
    "noc.deliver:psum",
    "noc.collect:psum",  # top PE to GLB
    "noc.hop:ifmap",  # a PE to the next PE
    "noc.hop:weight",
    "noc.hop:psum",
    "glb.read:ifmap",
    "glb.write:ifmap",
    "glb.read:psum",
    "glb.write:psum",
    "glb.read:weight",  # the filter GLB, or the GLB where weights share it
    "glb.write:weight",
    "codec.decode:ifmap",  # an entry of a coded tensor, where it changes format or is used
    "codec.encode:ifmap",
    "codec.decode:weight",
    "codec.encode:weight",
    "codec.encode:psum",
    "dram.read:ifmap",
    "dram.read:weight",
    "dram.write:psum",
)
"""Actions of every machine, whatever its datapath: words that move, and MACs that are not made."""

ARITHMETIC = (
    "mac.multiply_add:psum",
    "mac.overhead:psum",  # with a zero that only carries a run too long for its field
    "mac.add:psum",  # the adder alone takes a psum from below
    "mac.multiply_add_fp16:psum",
    "mac.overhead_multiply_add_fp16:psum",
    "mac.add_fp16:psum",
    "mac.multiply_add_mixed:psum",
    "mac.overhead_multiply_add_mixed:psum",
    "mac.multiply_add_fp32:psum",
    "mac.overhead_multiply_add_fp32:psum",
    "mac.add_fp32:psum",
    "mac.lookup_add:psum",  # a product is read from a table
    "mac.overhead_lookup_add:psum",
    "mac.tabulate:psum",  # and was written there
    "mac.level_add:psum",  # to the sum of a weight's code
    "mac.scale_add:psum",  # that sum times its value
    "mac.flip_add:psum",
    "mac.overhead_flip_add:psum",
    "mac.shift_add:psum",
    "mac.overhead_shift_add:psum",
    "mac.xnor:psum",  # one product
    "mac.popcount:psum",  # of all lanes, and its addition
    "mac.merge:psum",  # the sum of a repeated kernel, into one filter's psum
    LOOKUP,
)
"""Actions of datapaths, each of which has some."""

ACTIONS = MACHINE + ARITHMETIC
"""Everything that is counted; an energy table may price more, or not all of it."""


def actions_of(arch: Arch) -> tuple[str, ...]:
    """Every action that *arch* can do: its datapath's, and those on memories that an operand's path has."""
    paths = (arch.paths.weight, arch.paths.ifmap, arch.paths.psum)
    held = {path.operand for path in paths if path.memories}
    machine = [name for name in MACHINE if not name.startswith("glb.") or name.rpartition(":")[2] in held]
    return (*arch.datapath.actions, *machine)
