#!/usr/bin/env python3
"""Trains two small networks and saves the operands of the GEMMs of some of their layers.

Formats and accumulators behave differently on the values of a real training run than on random numbers:
activations are sparse after ReLU, gradients span many orders of magnitude and shrink as the loss falls.
This script makes such values: it trains, in float32,

  digits_cnn        three 3x3 convolutions with batch normalisation and ReLU, and a linear classifier, on the
                    8x8 handwritten digits that scikit-learn ships
  char_transformer  two pre-norm blocks (d 64, 4 heads, context 64) that predict the next character of a text

and, at an early, a middle and the last step, writes for several layers the three matrices from which the
three GEMMs of a training step are made:

  activation  M x K  input of the layer; for a convolution the im2col matrix, columns in the order
                     (input channel, kernel row, kernel column)
  weight      K x N  as the forward pass of that step used it
  gradient    M x N  derivative of the loss (mean over the batch, as trained) by the layer's output, bias
                     included

A row is one output position of one sample. A batch has more rows than are kept: ROWS of them are drawn
without replacement (all, where a batch has fewer), the same ones in activation and gradient. Before the draw,
activation^T x gradient is compared with the weight gradient that autograd computed; the script stops if they
disagree.

Needs torch, numpy and scikit-learn. One thread and fixed seeds: the same machine and library versions write
the same bytes; another CPU may round differently and write slightly different ones.

Example, with the text of Newton's Opticks from the Debian package golang-1.19-src:

  capture_operands.py --text Isaac.Newton-Opticks.txt --out examples/captures
"""

import argparse
import hashlib
import json
import math
import platform
from pathlib import Path

import numpy as np
import sklearn
import sklearn.datasets
import torch
from torch import nn
from torch.nn import functional

ROWS = 96
SEED = 20240607

# Texts whose origin and licence are known, by the SHA-256 of the file.
KNOWN_TEXTS = {
    "d4a9ac22462b35e7821a4f2706c211093da678620a8f9997989ee7cf8d507bbd": {
        "name": "Isaac Newton, Opticks, fourth edition, London 1730",
        "source": "Debian package golang-1.19-src 1.19.8-2, src/testdata/Isaac.Newton-Opticks.txt "
        "(transcribed by Distributed Proofreaders)",
        "licence": "public domain (published 1730, author died 1727)",
    },
}

DIGITS = {
    "name": "Optical Recognition of Handwritten Digits (test part, 1797 images of 8x8 pixels)",
    "source": "sklearn.datasets.load_digits; E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998, "
    "doi:10.24432/C50P49; made with preprocessing programs of NIST",
    "licence": "CC BY 4.0",
}


class DigitsCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 24, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(24)
        self.conv3 = nn.Conv2d(24, 32, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(32)
        self.fc = nn.Linear(128, 10)

    def forward(self, images):
        x = functional.relu(self.norm1(self.conv1(images)))
        x = functional.max_pool2d(functional.relu(self.norm2(self.conv2(x))), 2)
        x = functional.max_pool2d(functional.relu(self.norm3(self.conv3(x))), 2)
        return self.fc(x.flatten(1))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.projection = nn.Linear(width, width)

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.qkv(x).split(width, dim=2)
        query, key, value = (part.view(batch, length, self.heads, -1).transpose(1, 2) for part in parts)
        context = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.projection(context.transpose(1, 2).reshape(batch, length, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp_up = nn.Linear(width, 4 * width)
        self.mlp_down = nn.Linear(4 * width, width)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp_down(functional.gelu(self.mlp_up(self.norm2(x))))


class CharTransformer(nn.Module):
    def __init__(self, characters, context=64, width=64, heads=4, blocks=2):
        super().__init__()
        self.context = context
        self.token = nn.Embedding(characters, width)
        self.position = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, characters, bias=False)

    def forward(self, tokens):
        x = self.token(tokens) + self.position.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def activation_matrix(layer, activation):
    """M x K: one row for each output position of each sample."""
    if isinstance(layer, nn.Conv2d):
        columns = functional.unfold(
            activation, layer.kernel_size, dilation=layer.dilation, padding=layer.padding, stride=layer.stride
        )
        return columns.transpose(1, 2).reshape(-1, columns.shape[1])
    return activation.reshape(-1, activation.shape[-1])


def gradient_matrix(layer, gradient):
    """M x N, rows in the order of activation_matrix."""
    if isinstance(layer, nn.Conv2d):
        return gradient.flatten(2).transpose(1, 2).reshape(-1, gradient.shape[1])
    return gradient.reshape(-1, gradient.shape[-1])


def weight_matrix(parameter):
    """K x N from torch's (N, K) or (N, channels, kernel rows, kernel columns)."""
    return parameter.flatten(1).t()


class Recorder:
    """Keeps input, weight and output of the watched layers of one step and writes them as matrices."""

    def __init__(self, folder, model_name, layers, rows):
        self.folder = folder
        self.model_name = model_name
        self.layers = layers
        self.rows = rows
        self.captures = []
        self.kept = {}

    def watch(self):
        """Hooks the layers; the caller removes the hooks after the forward pass."""

        def keep(name):
            def hook(layer, inputs, output):
                output.retain_grad()
                self.kept[name] = (inputs[0].detach(), layer.weight.detach().clone(), output)

            return hook

        return [layer.register_forward_hook(keep(name)) for name, layer in self.layers.items()]

    def write(self, step):
        """After the backward pass of the watched step."""
        for index, (name, layer) in enumerate(self.layers.items()):
            inputs, weight, output = self.kept.pop(name)
            activation = activation_matrix(layer, inputs)
            gradient = gradient_matrix(layer, output.grad)
            error = self.weight_gradient_error(layer, activation, gradient)
            generator = torch.Generator().manual_seed(SEED + 1000 * step + index)
            chosen = torch.randperm(len(activation), generator=generator)[: self.rows].sort().values
            self.save(
                step,
                name,
                {"activation": activation[chosen], "weight": weight_matrix(weight), "gradient": gradient[chosen]},
                rows_of_batch=len(activation),
                weight_gradient_error=error,
            )

    def weight_gradient_error(self, layer, activation, gradient):
        """Relative distance (Frobenius) of activation^T x gradient over all rows from autograd's result."""
        expected = weight_matrix(layer.weight.grad)
        error = float((activation.t() @ gradient - expected).norm() / expected.norm())
        if not error < 1e-4:
            raise SystemExit(f"{self.model_name}: activation^T x gradient is {error} off the weight gradient")
        return error

    def save(self, step, name, matrices, **facts):
        capture = {"model": self.model_name, "layer": name, "step": step}
        capture["m"], capture["k"] = matrices["activation"].shape
        capture["n"] = matrices["weight"].shape[1]
        for role, matrix in matrices.items():
            if not torch.isfinite(matrix).all():
                raise SystemExit(f"{self.model_name} {name} step {step}: {role} is not finite")
            file = f"{self.model_name}.{name}.step{step:04d}.{role}.npy"
            np.save(self.folder / file, np.ascontiguousarray(matrix.numpy(), dtype="<f4"))
            capture[role] = file
        self.captures.append(capture | facts)


def train(model, optimizer, loss_of_step, steps, capture_steps, recorder):
    """Runs steps 1..steps, captures at capture_steps; returns {step: loss} for about ten steps."""
    losses = {}
    for step in range(1, steps + 1):
        model.train()
        captured = step in capture_steps
        hooks = recorder.watch() if captured else []
        loss = loss_of_step()
        for hook in hooks:
            hook.remove()
        optimizer.zero_grad()
        loss.backward()
        if captured:
            recorder.write(step)
        optimizer.step()
        if captured or step == 1 or step % (steps // 10) == 0:
            losses[step] = round(loss.item(), 4)
            print(f"{recorder.model_name}: step {step}, loss {loss.item():.4f}", flush=True)
    model.eval()
    return losses


def capture_digits(folder, rows):
    torch.manual_seed(SEED)
    digits = sklearn.datasets.load_digits()
    images = torch.tensor(digits.images / 16.0, dtype=torch.float32).unsqueeze(1)
    labels = torch.tensor(digits.target)
    training, held_out = slice(0, 1500), slice(1500, None)
    model = DigitsCnn()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    batches = torch.Generator().manual_seed(SEED)

    def loss_of_step():
        chosen = torch.randint(1500, (64,), generator=batches)
        down, right = torch.randint(3, (2,), generator=batches).tolist()
        shifted = functional.pad(images[training][chosen], (1, 1, 1, 1))[:, :, down : down + 8, right : right + 8]
        return functional.cross_entropy(model(shifted), labels[training][chosen])

    recorder = Recorder(folder, "digits_cnn", {"conv2": model.conv2, "conv3": model.conv3, "fc": model.fc}, rows)
    losses = train(model, optimizer, loss_of_step, 400, {10, 100, 400}, recorder)
    with torch.no_grad():
        correct = (model(images[held_out]).argmax(1) == labels[held_out]).float().mean().item()
    print(f"digits_cnn: accuracy on held-out images {correct:.4f}")
    return recorder.captures, {
        "network": "conv 1->16, 16->24, 24->32 (3x3, padding 1, batch normalisation, ReLU), linear 128->10",
        "data": DIGITS,
        "training": "cross entropy, SGD: learning rate 0.05, momentum 0.9, weight decay 1e-4, batch 64 (shifted at "
        "random by up to one pixel), 400 steps",
        "loss_by_step": losses,
        "held_out_accuracy": round(correct, 4),
    }


def capture_transformer(folder, rows, text_file):
    torch.manual_seed(SEED)
    raw = text_file.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    text = raw.decode("utf-8")
    alphabet = sorted(set(text))
    code_of = {character: code for code, character in enumerate(alphabet)}
    tokens = torch.tensor([code_of[character] for character in text])
    if len(tokens) < 10000:
        raise SystemExit(f"{text_file}: expected at least 10000 characters of text, found {len(tokens)}")
    split = len(tokens) * 9 // 10
    training, held_out = tokens[:split], tokens[split:]
    model = CharTransformer(len(alphabet))
    steps = 1500
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.99), weight_decay=0.01)
    batches = torch.Generator().manual_seed(SEED)

    def windows(source, count, generator):
        starts = torch.randint(len(source) - model.context - 1, (count,), generator=generator)
        block = source[starts.unsqueeze(1) + torch.arange(model.context + 1)]
        return block[:, :-1], block[:, 1:]

    def loss_on(source, count, generator):
        inputs, targets = windows(source, count, generator)
        return functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())

    block = model.blocks[1]
    layers = {"attention_qkv": block.attention.qkv, "mlp_up": block.mlp_up, "mlp_down": block.mlp_down}
    recorder = Recorder(folder, "char_transformer", layers, rows)
    losses = train(
        model, optimizer, lambda: loss_on(training, 32, batches), steps, {10, 300, steps}, recorder
    )
    with torch.no_grad():
        final = loss_on(held_out, 512, torch.Generator().manual_seed(SEED)).item()
    print(f"char_transformer: held-out loss {final:.4f} nats a character (uniform {math.log(len(alphabet)):.4f})")
    origin = KNOWN_TEXTS.get(digest, {"name": text_file.name, "source": "given by the user", "licence": "not stated"})
    return recorder.captures, {
        "network": "2 pre-norm blocks, width 64, 4 heads, MLP 256 (GELU), context 64; "
        f"{len(alphabet)} characters; the layers are those of the second block",
        "data": origin | {"sha256": digest},
        "training": "cross entropy, AdamW: learning rate 2e-3, betas 0.9 0.99, weight decay 0.01, "
        f"batch 32 x 64 characters, {steps} steps",
        "loss_by_step": losses,
        "held_out_loss_nats_per_character": round(final, 4),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for manifest.json and *.npy")
    parser.add_argument("--text", type=Path, required=True, metavar="FILE", help="UTF-8 text to learn")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows kept of each batch (default {ROWS})")
    arguments = parser.parse_args()
    if not arguments.text.is_file():
        parser.error(f"--text {arguments.text}: no such file")
    if arguments.rows < 1:
        parser.error("--rows: expected at least 1")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    arguments.out.mkdir(parents=True, exist_ok=True)

    digits_captures, digits = capture_digits(arguments.out, arguments.rows)
    text_captures, transformer = capture_transformer(arguments.out, arguments.rows, arguments.text)
    manifest = {
        "format": "assay-captures",
        "version": 1,
        "made_by": "tools/capture_operands.py",
        "software": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "models": {"digits_cnn": digits, "char_transformer": transformer},
        "captures": digits_captures + text_captures,
    }
    (arguments.out / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    size = sum(file.stat().st_size for file in arguments.out.iterdir())
    print(f"{arguments.out}: {len(manifest['captures'])} captures, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
