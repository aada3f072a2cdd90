"""What becomes of a layer's values, by hand."""

import numpy as np

from accelsim.mapping.nest import Tile
from accelsim.mapping.operands import Store, channels_of
from accelsim.network.layer import Layer


def test_relu6_clips_what_is_stored_at_its_limit():
    store = Store(bits=8, relu=True, limit=6)
    assert store(np.array([-7, 0, 5, 6, 7, 300])).tolist() == [0, 0, 5, 6, 6, 6]


def test_a_limit_rectifies_without_relu():
    assert Store(bits=8, limit=6)(np.array([-7, 3, 9])).tolist() == [0, 3, 6]


def test_channels_of_a_box_count_over_all_groups():
    layer = Layer("grouped", m=8, c=2, h=1, w=1, r=1, s=1, groups=2)
    one = range(1)
    tile = Tile(g=range(1, 2), n=one, m=range(1, 3), c=one, e=one, f=one, r=one, s=one)
    assert channels_of(layer, tile) == range(5, 7)
