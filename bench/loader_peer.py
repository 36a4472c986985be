"""The peer of bench/loader.ts: Pillow and numpy in a PyTorch DataLoader with two workers.

Takes on stdin one line per pass, "COUNT", reads that many crops (the listed files over and over) and answers with seconds per pass.
Usage: loader_peer.py LIST SIZE BATCH
"""

import sys
import time

import numpy
import torch
from PIL import Image, __version__ as pillow_version
from torch.utils.data import DataLoader, Dataset


class Crops(Dataset):
    def __init__(self, files, count, size):
        self.files, self.count, self.size = files, count, size

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        image = Image.open(self.files[index % len(self.files)])
        if image.size != (self.size, self.size):
            image = image.resize((self.size, self.size), Image.Resampling.BOX)
        return torch.from_numpy(numpy.asarray(image, dtype=numpy.float32) / 255)[None]


def main():
    files = open(sys.argv[1]).read().split("\n")
    size, batch = int(sys.argv[2]), int(sys.argv[3])
    print(f"Pillow {pillow_version} in DataLoader, torch {torch.__version__}", flush=True)
    for line in sys.stdin:
        count = int(line)
        # workers are started before the clock, as ours are: one batch from each is taken first
        loader = iter(DataLoader(Crops(files, count + 2 * batch, size), batch_size=batch, num_workers=2))
        next(loader), next(loader)
        start = time.perf_counter()
        seen = sum(images.shape[0] for images in loader)
        print(f"{time.perf_counter() - start} {seen}", flush=True)


main()
