"""Writes what test/autoencoder/innermost-2x2.test.ts compares with: the reference's architecture at 128x128, in PyTorch.

    python test/reference/pytorch_2x2.py test/fixtures/innermost-2x2       (torch 2.13.0, CPU, float64)

Six convolutions leave 2x2 maps, so the order in which they are flattened shows (channel, height, width there; height, width, channel in
this project). model.t7 holds the weights as Torch7 stores them; expected.json the descriptors, one image of logits and all gradients of the
reconstruction loss, float32 as base64, in PyTorch's own layouts.
"""
import base64
import json
import struct
import sys
from pathlib import Path

import torch
from torch import nn

SIZE, CHANNELS, LATENT, BATCH = 128, [4, 6, 8, 8, 10, 12], 5, 3


def networks():
    widths, side = [1, *CHANNELS], SIZE // 2 ** len(CHANNELS)
    encoder = []
    for i, outputs in enumerate(CHANNELS):
        encoder += [nn.Conv2d(widths[i], outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs)]
        encoder += [nn.Flatten()] * (i == len(CHANNELS) - 1) + [nn.PReLU()]
    encoder += [nn.Linear(CHANNELS[-1] * side**2, LATENT), nn.BatchNorm1d(LATENT)]
    decoder = [nn.Linear(LATENT, CHANNELS[-1] * side**2), nn.Unflatten(1, (CHANNELS[-1], side, side)), nn.PReLU()]
    for i in reversed(range(len(CHANNELS))):
        decoder.append(nn.ConvTranspose2d(widths[i + 1], widths[i], 4, 2, 1, bias=False))
        if i > 0:
            decoder += [nn.BatchNorm2d(widths[i]), nn.PReLU()]
    return nn.Sequential(*encoder).double(), nn.Sequential(*decoder).double()


class Torch7Writer:
    """The parts of Torch7's binary format that a model needs: tables, objects, tensors, strings, numbers."""

    types = {nn.Conv2d: "nn.SpatialConvolution", nn.ConvTranspose2d: "nn.SpatialFullConvolution", nn.BatchNorm2d: "nn.SpatialBatchNormalization",
             nn.BatchNorm1d: "nn.BatchNormalization", nn.Flatten: "nn.Reshape", nn.Unflatten: "nn.Reshape", nn.PReLU: "nn.PReLU",
             nn.Linear: "nn.Linear", nn.Sequential: "nn.Sequential"}  # fmt: skip

    def __init__(self):
        self.bytes, self.index = b"", 0

    def int(self, value):
        self.bytes += struct.pack("<i", value)

    def longs(self, *values):
        self.bytes += struct.pack(f"<{len(values)}q", *values)

    def text(self, value):
        self.int(len(value))
        self.bytes += value.encode()

    def reference(self, kind):
        self.index += 1
        self.int(kind)
        self.int(self.index)

    def value(self, value):
        if isinstance(value, str):
            self.int(2)
            self.text(value)
        elif isinstance(value, int):
            self.int(1)
            self.bytes += struct.pack("<d", value)
        elif isinstance(value, dict):
            self.table(value)
        elif isinstance(value, torch.Tensor):
            self.tensor(value.detach().float().contiguous())
        else:
            self.module(value)

    def table(self, table):
        self.reference(3)
        self.int(len(table))
        for key, value in table.items():
            self.value(key)
            self.value(value)

    def object(self, name):
        self.reference(4)
        self.text("V 1")
        self.text(name)

    def tensor(self, tensor):
        self.object("torch.FloatTensor")
        self.int(tensor.dim())
        self.longs(*tensor.shape, *tensor.stride(), 1)
        self.object("torch.FloatStorage")
        self.longs(tensor.numel())
        self.bytes += tensor.numpy().astype("<f4").tobytes()

    def module(self, module):
        self.object(self.types[type(module)])
        if isinstance(module, nn.Sequential):
            return self.table({"modules": {i + 1: layer for i, layer in enumerate(module)}})
        self.table(dict(module.named_parameters()) | {k: v for k, v in module.named_buffers() if v.dim() > 0})


def encoded(tensor):
    values = tensor.detach().float().contiguous().numpy().astype("<f4")
    return {"shape": list(values.shape), "base64": base64.b64encode(values.tobytes()).decode()}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    encoder, decoder = networks()
    for layer in [*encoder, *decoder]:  # running statistics and scales away from 0 and 1
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            for tensor, mean in [(layer.weight, 1), (layer.bias, 0), (layer.running_mean, 0), (layer.running_var, 1)]:
                tensor.data.copy_((mean + 0.2 * torch.randn_like(tensor)).abs() if mean else 0.2 * torch.randn_like(tensor))
    for tensor in [*encoder.parameters(), *decoder.parameters(), *encoder.buffers(), *decoder.buffers()]:
        tensor.data = tensor.data.float().to(tensor.dtype)  # exactly what the file stores
    writer = Torch7Writer()
    writer.table({"encoder": encoder, "decoder": decoder})
    (folder / "model.t7").write_bytes(writer.bytes)

    pixel = torch.arange(BATCH * SIZE * SIZE, dtype=torch.float64)
    x = (0.5 + 0.5 * torch.sin(0.37 * pixel + 0.00003 * pixel**2)).float().double().reshape(BATCH, 1, SIZE, SIZE)
    encoder.eval(), decoder.eval()
    tensors = {"eval.codes": encoder(x), "eval.logits.1": decoder(encoder(x))[:1]}
    encoder.train(), decoder.train()
    loss = nn.functional.binary_cross_entropy_with_logits(decoder(encoder(x)), x)
    loss.backward()
    for name, network in [("encoder", encoder), ("decoder", decoder)]:
        for key, parameter in network.named_parameters():
            number, field = key.split(".")
            tensors[f"gradient.{name}.{int(number) + 1}.{field}"] = parameter.grad
    text = json.dumps(
        {"torch": torch.__version__, "loss": loss.item(), "tensors": {k: encoded(v) for k, v in tensors.items()}}, indent=1
    )
    (folder / "expected.json").write_text(text + "\n")


main()
