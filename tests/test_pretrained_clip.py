"""CLIP from a folder: the wiring against a plain calculation, and what is refused."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_clip import alphabet, save_clip

from solver.errors import SolverError
from solver.pretrained import heavy
from solver.pretrained.clip import ImageText, load_clip

pytest.importorskip("transformers", reason="needs the extra 'models'")

MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
SPREAD = torch.tensor([0.26862954, 0.26130258, 0.27577711])
"""Of the pictures that CLIP was trained on."""
SENTENCES = ["a man sits", "she rides the horse"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_clip(tmp_path_factory.mktemp("clip"))


def pictures() -> list[Image.Image]:
    noise = np.random.default_rng(0).integers(0, 256, (40, 64, 3), dtype=np.uint8)
    return [Image.fromarray(noise), Image.new("RGB", (30, 30), (200, 40, 90))]


def plain_cosine(folder: Path, picture: Image.Image, sentence: str) -> float:
    """By hand: letters, bicubic, crop, the two towers, their projections."""
    from transformers import CLIPModel

    model = CLIPModel.from_pretrained(folder).eval()
    letters = alphabet()
    tokens = [
        letters.index(letter) + (256 if last else 0)
        for word in sentence.split()
        for letter, last in zip(word, [False] * (len(word) - 1) + [True], strict=True)
    ]
    ids = torch.tensor([[512, *tokens, 513]])
    scale = 30 / min(picture.size)
    wide, high = (int(side * scale) for side in picture.size)
    small = picture.resize((wide, high), Image.Resampling.BICUBIC)
    left, top = (wide - 30) // 2, (high - 30) // 2
    crop = torch.from_numpy(np.array(small.crop((left, top, left + 30, top + 30)))).float()
    pixels = ((crop / 255 - MEAN) / SPREAD).permute(2, 0, 1)[None]
    with torch.no_grad():
        said = model.text_projection(model.text_model(ids).last_hidden_state[:, -1])
        states = model.vision_model(pixels).last_hidden_state[:, 0]
        seen = model.visual_projection(model.vision_model.post_layernorm(states))
    return float((said * seen).sum() / said.norm() / seen.norm())


def test_the_score_is_the_plain_cosine(folder: Path) -> None:
    clip = load_clip(str(folder))
    assert isinstance(clip, ImageText)
    found = clip.cosines(pictures(), SENTENCES)
    for row, picture in zip(found, pictures(), strict=True):
        for cosine, sentence in zip(row, SENTENCES, strict=True):
            assert float(cosine) == pytest.approx(plain_cosine(folder, picture, sentence), abs=2e-5)
    assert float(found.std()) > 0.01, "a score that nothing changes"


def test_a_batch_is_a_loop_and_long_sentences_are_cut(folder: Path) -> None:
    clip = load_clip(str(folder))
    many, words = pictures() * 10, [*SENTENCES, "a very long story " * 40]
    together = clip.cosines(many, words)
    assert together.shape == (20, 3)
    assert torch.allclose(together[:2], together[18:], atol=1e-5)
    alone = torch.cat([clip.cosines(pictures(), [each]) for each in words], dim=1)
    assert torch.allclose(together[:2], alone, atol=1e-5)


def _rewrite(name: str, change: Callable[[dict], object]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        change(content)
        (folder / name).write_text(json.dumps(content))

    return edit


def _only_pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


SPOILED: list[tuple[str, Callable[[Path], object]]] = [
    ("type 'bert', not 'clip'", _rewrite("config.json", lambda c: c.update(model_type="bert"))),
    ("pytorch_model.bin, which can run any code", _only_pickle),
    ("it has none", lambda f: (f / "model.safetensors").unlink()),
    ("can be loaded", lambda f: (f / "model.safetensors").write_bytes(b"x" * 999)),
    ("16 are missing", _rewrite(
        "config.json", lambda c: c["vision_config"].update(num_hidden_layers=3))),
    ("can be loaded|another shape", _rewrite("config.json", lambda c: c.update(projection_dim=24))),
    ("No model can be read", lambda f: (f / "config.json").unlink()),
    ("No model can be read", lambda f: (f / "config.json").write_text("{")),
    ("lacks tokenizer_config.json", lambda f: (f / "tokenizer_config.json").unlink()),
    ("can be loaded|knows", lambda f: ((f / "vocab.json").unlink(), (f / "merges.txt").unlink())),
    ("can be loaded", lambda f: (f / "vocab.json").write_text("[]")),
    ("knows 515 tokens, the model 514", _rewrite("vocab.json", lambda c: c.update(zz=514))),
]  # fmt: skip


@pytest.mark.parametrize(("words", "spoil"), SPOILED)
def test_a_spoiled_folder_is_refused(
    folder: Path, tmp_path: Path, words: str, spoil: Callable[[Path], object]
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    spoil(copy)
    with pytest.raises(SolverError, match=words) as refused:
        load_clip(str(copy))
    assert refused.value.remedy


def test_nothing_is_downloaded_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(*_: object, **__: object) -> None:
        raise AssertionError("the hub was asked")

    monkeypatch.setattr(heavy.importlib, "import_module", reached)
    with pytest.raises(SolverError, match="nothing is downloaded") as refused:
        load_clip("someone/some-clip")
    assert "--allow-download" in refused.value.remedy


def test_without_the_extra_it_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(SolverError, match="transformers") as refused:
        load_clip(str(folder))
    assert "interact-anything[models]" in refused.value.remedy
