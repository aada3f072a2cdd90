"""How the digits network learns: the images, the loss, the rates."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from accelsim.network.layer import FloatArray, IntArray
from accelsim.studies.digits.data import WHITEST
from accelsim.studies.digits.learnt import LearntLayer, forward
from accelsim.studies.digits.schemes import NetworkScheme

TEST_IMAGES = 360
SPLIT_SEED = 0
EPOCHS = 40
BATCH = 32
"""Images between two changes of the weights."""
RATE = 2e-3
"""Adam's learning rate at first; it falls to zero along half a cosine."""
MOMENTUM = 0.1
"""The weight of a batch in what batch norm remembers."""


@dataclass(frozen=True)
class Images:
    """Pixels ``(N, 1, 8, 8)`` of 0 to 16, and the digit that each image shows, ``(N,)``."""

    pixels: IntArray
    labels: IntArray

    @property
    def shares(self) -> FloatArray:
        """Pixels ``(N, 1, 8, 8)`` scaled to 0..1, in float64."""
        return self.pixels / float(WHITEST)

    @property
    def tensor(self) -> torch.Tensor:
        """Pixels ``(N, 1, 8, 8)`` scaled to 0..1, in float32."""
        return torch.from_numpy(self.shares.astype(np.float32))


def split() -> tuple[Images, Images]:
    """The images to learn from, and those to test on: always the same, with an equal share of each digit."""
    digits = load_digits()
    pixels = digits.images[:, None].astype(np.uint8)
    seen, unseen, seen_labels, unseen_labels = train_test_split(
        pixels,
        digits.target.astype(np.uint8),
        test_size=TEST_IMAGES,
        stratify=digits.target,
        random_state=SPLIT_SEED,
    )
    return Images(seen, seen_labels), Images(unseen, unseen_labels)


def learn(layers: dict[str, LearntLayer], scheme: NetworkScheme, seen: Images) -> None:
    """Change *layers*, quantised by *scheme*, so that they recognise what *seen* shows.

    In the end the weights of a scheme that quantises are rounded to float16, as in their file, and the batch
    norm takes the statistics of all images at once, under the rounded weights.
    """
    images, labels = seen.tensor, torch.from_numpy(seen.labels.astype(np.int64))
    learnt = [tensor.requires_grad_() for layer in layers.values() for tensor in layer.learnt]
    adam = torch.optim.Adam(learnt, lr=RATE)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(adam, EPOCHS * -(-len(images) // BATCH))
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            adam.zero_grad()
            logits, _ = forward(layers, scheme, images[batch], MOMENTUM)
            F.cross_entropy(logits, labels[batch]).backward()
            adam.step()
            rate.step()
    with torch.no_grad():
        if not scheme.of_floats:
            for layer in layers.values():
                layer.weight.copy_(layer.weight.half())
        forward(layers, scheme, images, 1.0)


def calibrate(layers: dict[str, LearntLayer], scheme: NetworkScheme, seen: Images, bits: int) -> None:
    """Give each of *layers* the step at which no ifmap of *seen* saturates unsigned codes of *bits*."""
    with torch.no_grad():
        _, ifmaps = forward(layers, scheme, seen.tensor, None)
    for name, layer in layers.items():
        layer.ifmap_scale = float(ifmaps[name].max()) / ((1 << bits) - 1)
