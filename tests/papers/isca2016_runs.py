"""The six dataflows of ISCA 2016 on our machines: as published, as counted, and as our search finds them."""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

import accelsim
from accelsim.energy import actions_of, prices
from accelsim.run.experiment import from_document
from accelsim.search import Candidate, evaluate_choice, search
from accelsim.search.estimate import Forecast
from accelsim.studies.comparing import variants
from tests.papers.isca2016 import ACTIONS, CONVS, LAYERS, LETTERS, MAPPINGS

RUN = "alexnet_256pe"
STRIPS = ("dram.read:ifmap", "glb.read:ifmap")  # what is read again where strips of the ofmap overlap

# The authors cut a layer into fractions of tiles; a machine runs whole ones, and last a ragged one. What we
# count over what they count; rows and columns touched are those of the ifmap, under a strip of the ofmap.
RAGGED = {
    # 27 rows in 16 + 11 touch 20 + 15; 27/16 strips of 20 are 33.75.
    ("RS", "CONV2"): dict.fromkeys(STRIPS, Fraction(28, 27)),
    # 384 filters in 4 x 78 + 72. Passes of 30: 5 x 3, not ceil(384/30). Sets of 10: 5 x 8, not ceil(384/10).
    ("RS", "CONV3"): {"glb.read:ifmap": Fraction(15, 13), "noc.deliver:ifmap": Fraction(40, 39)},
    # 192 filters in 3 x 64. Passes of 18: 3 x 4, not ceil(192/18). Sets of 9: 3 x 8, not ceil(192/9).
    ("RS", "CONV4"): {"glb.read:ifmap": Fraction(12, 11), "noc.deliver:ifmap": Fraction(24, 22)},
    # 4096 filters in 3807 + 289. Passes of 180: 22 + 2, not 23. Sets of 18: 212 + 17, not 228.
    ("RS", "FC6"): {"glb.read:ifmap": Fraction(24, 23), "noc.deliver:ifmap": Fraction(229, 228)},
    # 4096 filters in 3839 + 257. Passes of 224: 18 + 2, not 19. Sets of 14: 275 + 19, not 293.
    ("RS", "FC7"): {"glb.read:ifmap": Fraction(20, 19), "noc.deliver:ifmap": Fraction(294, 293)},
    # 55 rows in 3 x 16 + 7 touch 3 x 71 + 35; 55/16 strips of 71 are 3905/16. Columns likewise.
    ("OSA", "CONV1"): dict.fromkeys(STRIPS, Fraction(3968, 3905) ** 2),
    # 27 rows in 16 + 11, as above. Columns likewise.
    ("OSA", "CONV2"): dict.fromkeys(STRIPS, Fraction(28, 27) ** 2),
    # 13 rows in 9 + 4 touch 11 + 6; 13/9 strips of 11 are 143/9.
    ("OSA", "CONV3"): dict.fromkeys(STRIPS, Fraction(153, 143)),
    # 13 rows in 12 + 1 touch 14 + 3; 13/12 strips of 14 are 91/6.
    ("OSA", "CONV4"): dict.fromkeys(STRIPS, Fraction(102, 91)),
    # 55 columns in 28 + 27 touch 119 + 115; 55/28 strips of 119 are 233.75.
    ("OSB", "CONV1"): dict.fromkeys(STRIPS, Fraction(936, 935)),
    # 384 filters in 6 x 57 + 42. Passes of 9: 6 x 7 + 5, not ceil(384/9).
    ("OSB", "CONV3"): {"glb.read:ifmap": Fraction(47, 43)},
    # 4096 filters in 124 x 33 + 4. Passes of 32: 124 x 2 + 1, not 128.
    ("OSC", "FC7"): {"glb.read:ifmap": Fraction(249, 128)},
    # Rows in 28 + 27, as above. 55 columns in 33 + 22 touch 139 + 95; 55/33 strips of 139 are 695/3.
    ("NLR", "CONV1"): {"dram.read:ifmap": Fraction(936, 935) * Fraction(702, 695)},
}

# The authors neglect the way of the weights to the PEs that keep them.
NEGLECTED = {"WS": "noc.deliver:weight"}


def as_the_authors_count(flow: str, layer: str, words: Mapping[str, int]) -> dict[str, Fraction]:
    """*words* by action without what ragged tiles add, and what the authors neglect."""
    ratios = RAGGED.get((flow, layer), {})
    counted = {name: n / ratios.get(name, Fraction(1)) for name, n in words.items()}
    return {name: n for name, n in counted.items() if name != NEGLECTED.get(flow)}


def in_columns(words: Mapping[str, Fraction | int]) -> tuple[int, ...]:
    """The published columns of *words* by action; whole words, as printed."""
    return tuple(round(sum(words.get(name, 0) for name in names)) for names in ACTIONS)


@cache
def counted(flow: str) -> dict[str, Forecast]:
    """What the counts say of the published mappings of *flow* at batch 16, by layer."""
    run = from_document(variants(_published(flow, LAYERS), [flow])[flow])
    return {one.mapping.layer.name: one for one in run.forecasts()}


@cache
def simulated(flow: str) -> accelsim.Comparison:
    """The published mappings of *flow* at batch 16, simulated: CONV layers."""
    return accelsim.compare(_published(flow, CONVS), [flow], jobs=1)


def _published(flow: str, layers: tuple[str, ...]) -> accelsim.Experiment:
    letters = LETTERS[flow]
    given = {layer: dict(zip(letters, MAPPINGS[flow][layer], strict=True)) for layer in layers}
    return accelsim.load(RUN, layers=list(layers), **{f"compare__{flow}__mapping": given})


def searched(
    flow: str, *, dearer: Mapping[str, int] | None = None, **overrides: object
) -> dict[str, Candidate]:
    """What the counts say of the mappings of least energy, by layer; nothing is simulated.

    *dearer* says how many times its price an action costs while searching.
    """
    run = from_document(variants(accelsim.load(RUN, **overrides), [flow])[flow])
    unit = prices(run.energy, run.arch, actions_of(run.arch))
    asked = {name: price * (dearer or {}).get(name, 1) for name, price in unit.items()}
    found = {}
    for name, layer in run.network.layers(run.settings.batch).items():
        if name in (run.settings.layers or (name,)):
            space = run.plans.cls.space(layer, run.arch)
            best = search(space, layer, run.arch, asked, "energy", _never)
            found[name] = evaluate_choice(space, best.choice, run.arch, unit)
    return found


def _never(choice: Mapping[str, int]) -> int:
    raise AssertionError(f"a search for energy simulates nothing (got {choice})")


def energy_per_op(found: Mapping[str, Candidate]) -> float:
    """In the unit of the table."""
    return sum(one.energy for one in found.values()) / sum(one.work.macs for one in found.values())


def delay_per_op(found: Mapping[str, Candidate]) -> float:
    """Cycles of an op on active PEs that never wait, as the authors take it."""
    macs = sum(one.work.macs for one in found.values())
    return sum(one.work.macs / one.active for one in found.values()) / macs
