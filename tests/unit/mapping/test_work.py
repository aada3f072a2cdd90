"""What work does in the PEs, by hand, with a MAC of every fate."""

import numpy as np

from accelsim.machine.datapath import Integer
from accelsim.mapping.work import NOTHING, MacFates, arithmetic

WORK = NOTHING._replace(macs=100, sums=7, ifmap_uses=61, weight_uses=59, psum_uses=53)
INTEGER = Integer(kind="integer")
FATES = MacFates(gated=13, unread=11, skipped=23, reused=5, fillers=3)


def test_macs_that_happen_are_those_that_no_value_made_cheap_or_vanish():
    counts = arithmetic(WORK, INTEGER, FATES)
    macs = {name.split(":")[0]: n for name, n in counts.items() if name.startswith("mac.") and n}
    assert macs == {
        "mac.multiply_add": 100 - 23 - 5 - 13,
        "mac.gated": 13,
        "mac.skipped": 23,
        "mac.reused": 5,
        "mac.add": 7,
        "mac.overhead": 3,
    }


def test_weights_that_a_gated_mac_does_not_read_are_told_apart():
    counts = arithmetic(WORK, INTEGER, FATES)
    assert {name: n for name, n in counts.items() if name.startswith("rf.")} == {
        "rf.read:ifmap": 61,
        "rf.read:weight": 59 - 11,
        "rf.gated_read:weight": 11,
        "rf.read:psum": 53,
        "rf.write:psum": 53,
    }


def test_an_operand_that_streams_has_no_reads_to_spare():
    """A gated MAC spares the read of a weight that its PE keeps; one that came from the bus has come."""
    streamed = arithmetic(WORK._replace(weight_uses=0), INTEGER, FATES)
    assert (streamed["rf.read:weight"], streamed["rf.gated_read:weight"]) == (0, 0)


def test_reads_are_spared_of_every_candidate_of_an_array():
    many = arithmetic(WORK._replace(weight_uses=np.array([59, 40])), INTEGER, FATES)
    assert many["rf.read:weight"].tolist() == [48, 29]
