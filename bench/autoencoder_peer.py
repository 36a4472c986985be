"""The peer of bench/autoencoder.ts: the same network, losses and optimizers in PyTorch, on the CPU or on an NVIDIA GPU.

Takes one JSON task per line and answers with one JSON line: `step` trains, `encode` and `decode` infer, each returns seconds for one call.
What a task needs is built and warmed up when it is first asked for, and kept until two others are asked for. `memory` (asked alone, in a process of its own) returns the
process's peak after five steps.
"""

import json
import resource
import sys
import time
from contextlib import nullcontext

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy


def build_encoder(size, channels, latent):
    widths, side = [1, *channels], size // 2 ** len(channels)
    layers = []
    for i, outputs in enumerate(channels):
        layers += [nn.Conv2d(widths[i], outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs)]
        if i == len(channels) - 1:
            layers.append(nn.Flatten())
        layers.append(nn.PReLU())
    return nn.Sequential(*layers, nn.Linear(channels[-1] * side**2, latent), nn.BatchNorm1d(latent))


def build_decoder(size, channels, latent):
    widths, side = [1, *channels], size // 2 ** len(channels)
    layers = [nn.Linear(latent, channels[-1] * side**2), nn.Unflatten(1, (channels[-1], side, side)), nn.PReLU()]
    for i in reversed(range(len(channels))):
        layers.append(nn.ConvTranspose2d(widths[i + 1], widths[i], 4, 2, 1, bias=False))
        if i > 0:
            layers += [nn.BatchNorm2d(widths[i]), nn.PReLU()]
    return nn.Sequential(*layers)


def build_adversary(latent, widths):
    a, b, c = widths
    return nn.Sequential(
        nn.Linear(latent, a), nn.LeakyReLU(0.2),
        nn.Linear(a, b), nn.BatchNorm1d(b), nn.LeakyReLU(0.2),
        nn.Linear(b, c), nn.BatchNorm1d(c), nn.LeakyReLU(0.2),
        nn.Linear(c, 1),
    )


class Peer:
    """One model in one precision and memory layout."""

    def __init__(self, task):
        torch.manual_seed(0)
        size, channels, self.latent = task["imageSize"], task["channels"], task["latentDims"]
        self.device = torch.device(task["device"])
        self.half = task["precision"] == "bfloat16"
        self.encoder = build_encoder(size, channels, self.latent)
        self.decoder = build_decoder(size, channels, self.latent)
        self.adversary = build_adversary(self.latent, task["adversaryWidths"])
        layout = torch.channels_last if task["channelsLast"] else torch.contiguous_format
        # inference needs no float32 weights beside the bfloat16 ones
        kind = torch.bfloat16 if self.half and task["task"] in ("encode", "decode") else torch.float32
        for network in (self.encoder, self.decoder, self.adversary):
            network.to(self.device, kind, memory_format=layout)
        batch = task["batch"]
        self.images = torch.rand(batch, 1, size, size).to(self.device, kind, memory_format=layout)
        self.codes = torch.randn(batch, self.latent).to(self.device, kind)
        self.prior = torch.randn(batch, self.latent).to(self.device)
        self.run = getattr(self, task["task"])
        if task["task"] == "step":
            both = [*self.encoder.parameters(), *self.decoder.parameters()]
            self.optimizers = [torch.optim.Adam(p, 2e-4, fused=True) for p in (both, self.adversary.parameters())]
        else:
            for network in (self.encoder, self.decoder):
                network.eval()

    def seconds(self):
        begin = time.perf_counter()
        self.run()
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - begin

    def step(self):
        """All gradients at one point with one encoder pass, then both optimizers: the same order as ours."""
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        half = torch.autocast(self.device.type, torch.bfloat16) if self.half else nullcontext()
        with half:
            codes = self.encoder(self.images)
            logits = self.decoder(codes)
        loss = cross_entropy(logits.float(), self.images)
        leaf = codes.detach().float().requires_grad_()
        with half:
            on_prior, on_codes = self.adversary(self.prior), self.adversary(leaf)
        ones, zeros = torch.ones_like(on_prior).float(), torch.zeros_like(on_prior).float()
        generator_loss = cross_entropy(on_codes.float(), ones)
        (to_codes,) = torch.autograd.grad(generator_loss, leaf, retain_graph=True)
        adversary_loss = cross_entropy(on_prior.float(), ones) + cross_entropy(on_codes.float(), zeros)
        adversary_loss.backward(inputs=list(self.adversary.parameters()))
        torch.autograd.backward([loss, codes], [None, to_codes.to(codes.dtype)])
        for optimizer in self.optimizers:
            optimizer.step()
        return [loss.item(), adversary_loss.item(), generator_loss.item()]

    def encode(self):
        with torch.inference_mode():
            return self.encoder(self.images).float().cpu()

    def decode(self):
        with torch.inference_mode():
            return torch.sigmoid(self.decoder(self.codes)).float().cpu()


def main():
    torch.set_num_threads(int(sys.argv[1]))
    print(json.dumps({"version": f"PyTorch {torch.__version__}", "cuda": torch.cuda.is_available()}), flush=True)
    peers = {}
    for line in sys.stdin:
        task = json.loads(line)
        if task["task"] == "memory":
            peer = Peer({**task, "task": "step"})
            for _ in range(5):
                peer.step()
            print(json.dumps({"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000}), flush=True)
            continue
        key = json.dumps(task, sort_keys=True)
        if key not in peers:
            if len(peers) == 2:
                peers.pop(next(iter(peers)))
            peers[key] = Peer(task)
            for _ in range(2):
                peers[key].seconds()
        print(json.dumps({"seconds": peers[key].seconds()}), flush=True)


main()
