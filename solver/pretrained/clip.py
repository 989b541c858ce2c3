"""How well pictures fit sentences, by CLIP (Radford et al. 2021)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from PIL.Image import Image
from torch import Tensor

from ..errors import SolverError
from .heavy import check_weights, package

NEEDED = ("preprocessor_config.json", "tokenizer_config.json")
AT_ONCE = 16
"""Pictures per pass."""


@runtime_checkable
class ImageText(Protocol):
    """Says how well pictures fit sentences."""

    name: str
    """For the tables: a score means nothing without its model."""

    def cosines(
        self, pictures: Sequence[Image], sentences: Sequence[str]
    ) -> Float[Tensor, "pictures sentences"]:
        """Cosine between the embeddings of every picture and every sentence, not scaled."""
        ...


class Clip:
    """The real one, on the CPU; use `load_clip`."""

    def __init__(self, model: Any, tokenizer: Any, processor: Any, name: str) -> None:
        self.name = name
        self._model, self._tokenizer, self._processor = model, tokenizer, processor

    @torch.no_grad()
    def cosines(
        self, pictures: Sequence[Image], sentences: Sequence[str]
    ) -> Float[Tensor, "pictures sentences"]:
        """See `ImageText`. A sentence longer than the model reads is cut off."""
        words = self._tokenizer(
            list(sentences), padding=True, truncation=True, return_tensors="pt",
            max_length=self._model.config.text_config.max_position_embeddings,
        )  # fmt: skip
        rows: list[Tensor] = []
        for first in range(0, len(pictures), AT_ONCE):
            some = [picture.convert("RGB") for picture in pictures[first : first + AT_ONCE]]
            pixels = self._processor(images=some, return_tensors="pt")["pixel_values"]
            out = self._model(
                input_ids=words["input_ids"], attention_mask=words["attention_mask"],
                pixel_values=pixels,
            )  # fmt: skip
            seen = torch.nn.functional.normalize(out.image_embeds.float(), dim=-1)
            said = torch.nn.functional.normalize(out.text_embeds.float(), dim=-1)
            rows.append(seen @ said.T)
        return torch.cat(rows)


def load_clip(source: str, *, allow_download: bool = False) -> Clip:
    """A CLIP model from a folder, or, only where that is allowed, from the model hub.

    Args:
        source: A folder as `save_pretrained` writes it, or the hub's name of a model, such as
            `openai/clip-vit-base-patch32` (the paper's).
        allow_download: Whether a name may be looked up on the hub.

    Raises:
        SolverError: When the extra, the folder, its safetensors or its tokenizer are missing, when
            it is of another architecture, or when its weights are not those of the architecture.
    """
    folder = Path(source)
    if folder.is_dir():
        check_weights(folder, "clip")
        if gone := [name for name in NEEDED if not (folder / name).exists()]:
            raise SolverError(
                f"{folder} lacks {' and '.join(gone)}.",
                remedy="Copy the model's whole folder: tokenizer and preprocessor belong to it.",
            )
    elif not allow_download:
        raise SolverError(
            f"There is no folder '{source}', and nothing is downloaded without being told to.",
            remedy="Give a folder, or allow the download of this name: --allow-download.",
        )
    transformers = package("transformers")
    options = {"local_files_only": folder.is_dir()}
    try:
        model, loading = transformers.CLIPModel.from_pretrained(
            source, use_safetensors=True, output_loading_info=True, **options
        )
        tokenizer = transformers.CLIPTokenizer.from_pretrained(source, **options)
        processor = transformers.CLIPImageProcessorPil.from_pretrained(source, **options)
    except Exception as error:  # The tokenizers' own errors are of no narrower type.
        raise SolverError(
            f"No CLIP model can be loaded from '{source}': {error}",
            remedy="Give the folder of a whole CLIP model with weights in safetensors.",
        ) from error
    _check_match(source, loading, len(tokenizer), model.config.text_config.vocab_size)
    return Clip(model.eval(), tokenizer, processor, folder.name if folder.is_dir() else source)


def _check_match(source: str, loading: dict[str, Any], words: int, wanted: int) -> None:
    """Weights that were not in the file are random numbers: the score would be one too."""
    wrong = sorted(
        str(each) for kind in ("missing_keys", "mismatched_keys") for each in loading[kind]
    )
    if wrong:
        raise SolverError(
            f"The weights in '{source}' are not those of its config.json: "
            f"{len(wrong)} are missing or of another shape, such as {wrong[0]}.",
            remedy="Get the folder again; config.json and model.safetensors belong together.",
        )
    if words != wanted:
        raise SolverError(
            f"The tokenizer in '{source}' knows {words} tokens, the model {wanted}.",
            remedy="Get the folder again; the tokenizer's files belong to the model.",
        )
