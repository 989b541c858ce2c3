"""A CLIP of a few thousand random weights, as a folder that the real loader reads."""

import json
from pathlib import Path

import torch

START, END = "<|startoftext|>", "<|endoftext|>"


def alphabet() -> list[str]:
    """The 256 characters that stand for bytes in byte-level vocabularies."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    letters = {byte: chr(byte) for byte in shown}
    letters |= {byte: chr(256 + k) for k, byte in enumerate(hidden)}
    return [letters[byte] for byte in (*shown, *hidden)]


def save_tokenizer(folder: Path) -> None:
    """A vocabulary without merges: a token per letter, and per last letter of a word."""
    letters = alphabet()
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), START, END]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    settings = {
        "tokenizer_class": "CLIPTokenizer", "bos_token": START, "eos_token": END,
        "unk_token": END, "pad_token": END, "model_max_length": 77,
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")


def save_clip(folder: Path, seed: int = 0) -> Path:
    """Model, tokenizer and preprocessor."""
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    folder.mkdir(parents=True, exist_ok=True)
    small = {
        "hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2,
        "num_attention_heads": 4,
    }  # fmt: skip
    text = {
        **small, "vocab_size": 514, "max_position_embeddings": 77, "bos_token_id": 512,
        "eos_token_id": 513, "pad_token_id": 513,
    }  # fmt: skip
    torch.manual_seed(seed)
    model = CLIPModel(
        CLIPConfig(
            text_config=text,
            vision_config={**small, "image_size": 30, "patch_size": 10},
            projection_dim=16,
        )
    )
    # Embeddings of a fresh model hardly differ: louder weights tell inputs apart.
    for weight in model.parameters():
        weight.data += 0.2 * torch.randn(weight.shape)
    model.save_pretrained(folder, safe_serialization=True)
    save_tokenizer(folder)
    CLIPImageProcessorPil(
        size={"shortest_edge": 30}, crop_size={"height": 30, "width": 30}
    ).save_pretrained(folder)
    return folder
