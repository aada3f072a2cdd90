"""Train the digits networks: ``python -m accelsim.studies.digits.train --out configs/digits``.

The float network comes first, and each other one starts from it. Needs PyTorch and scikit-learn.
"""

import argparse
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from time import perf_counter

import numpy as np
import torch

from accelsim.errors import ConfigError
from accelsim.studies.digits.inference import accuracy
from accelsim.studies.digits.learning import Images, calibrate, learn, split
from accelsim.studies.digits.learnt import LearntLayer, fresh, step_of
from accelsim.studies.digits.parameters import read_parameters, write_parameters
from accelsim.studies.digits.schemes import NetworkScheme, by_file


def _main(arguments: Sequence[str] | None = None) -> None:
    """Train what the command line asks for, and print how each file does on images that it has not seen."""
    schemes = by_file()
    parser = argparse.ArgumentParser(prog="python -m accelsim.studies.digits.train", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the files")
    parser.add_argument("--seed", type=int, default=0, help="of the first weights and the order of images")
    parser.add_argument("--files", default=",".join(schemes), help="names without .npz, with commas between")
    options = parser.parse_args(arguments)
    names = options.files.split(",")
    for name in names:
        if name not in schemes:
            parser.error(f"a file must be one of {', '.join(schemes)} (got {name!r})")
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    train_networks(options.out, options.seed, schemes, names)


def train_networks(out: Path, seed: int, schemes: Mapping[str, NetworkScheme], names: Sequence[str]) -> None:
    """Write the images to test on and the networks of *names* into the folder *out*.

    Raises:
        ConfigError: if none of *schemes* is of floats, or its file has steps for codes of no width.
    """
    bits, floats = _start(schemes)
    out.mkdir(parents=True, exist_ok=True)
    seen, unseen = split()
    np.savez_compressed(out / "test.npz", images=unseen.pixels, labels=unseen.labels)
    start = perf_counter()
    torch.manual_seed(seed)
    base = fresh()
    learn(base, floats, seen)
    calibrate(base, floats, seen, bits)
    for name in names:
        torch.manual_seed(seed)
        scheme = schemes[name]
        save_layers(
            out / f"{name}.npz", base if scheme.of_floats else adapted(base, scheme, seen, bits), scheme
        )
        share = accuracy(read_parameters(out / f"{name}.npz"), scheme, unseen.shares, unseen.labels)
        print(
            f"{name}: {share:.2%} of {len(unseen.labels)}, after {perf_counter() - start:.0f} s", flush=True
        )


def _start(schemes: Mapping[str, NetworkScheme]) -> tuple[int, NetworkScheme]:
    """The scheme of the float network, and the width of the codes that its steps are for."""
    for scheme in schemes.values():
        if scheme.of_floats and scheme.ifmap_bits is not None:
            return scheme.ifmap_bits, scheme
    raise ConfigError(f"one file must be of floats, with ifmap_bits (got {', '.join(schemes)})")


def adapted(
    base: dict[str, LearntLayer], scheme: NetworkScheme, seen: Images, bits: int
) -> dict[str, LearntLayer]:
    """A copy of the float network *base*, with steps for codes of *bits*, that learns on under *scheme*."""
    layers = deepcopy(base)
    for name, layer in layers.items():
        layer.ifmap_scale = step_of(scheme.layers[name].ifmap, layer.ifmap_scale, bits)
    learn(layers, scheme, seen)
    return layers


def save_layers(path: Path, layers: dict[str, LearntLayer], scheme: NetworkScheme) -> None:
    """Put *layers* into the file *path*; weights to be quantised are float16 already."""
    weight_type = np.float32 if scheme.of_floats else np.float16
    write_parameters(path, {name: layer.folded() for name, layer in layers.items()}, weight_type)


if __name__ == "__main__":
    _main()
