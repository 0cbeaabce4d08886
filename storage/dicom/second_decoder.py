"""Compressed frames decoded twice, by decoders of different make: what no two agree on is damaged.

A code stream carries no checksum, and decoders go on over damage in silence. SimpleITK is the second one for all
syntaxes (interop T3); its libraries also say on stderr when JPEG data end early or run over, which the fast
decoders do not notice. Where it gives up, imagecodecs is asked. Done once, at import: afterwards the SHA-256 of
the stored bytes vouches.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from measure.refusal import Refused
from storage.dicom.facts import ImageFacts
from storage.dicom.pixels import Undecodable, Values, by_simpleitk, code_stream, interpreted, rescaled, stored_values
from storage.dicom.syntaxes import SYNTAXES, is_lossy, syntax_name

_LOSSY_APART = 2


def decoded_twice(images: Sequence[ImageFacts]) -> list[Values | str]:
    """Like `pixels.decoded`, with the reason in place of values that two decoders do not agree on.

    Meant for a worker process: what the second decoder writes to stderr is read and goes nowhere else.
    """
    results: list[Values | str] = []
    for image in images:
        try:
            stored = stored_values(image)
            _agreed(image, stored)
            results.append(rescaled(stored, image.slope, image.intercept))
        except (Undecodable, Refused, OSError) as problem:
            results.append(str(problem) or type(problem).__name__)
        except MemoryError:
            results.append(f"{image.name}: claims more memory than an image may have")
    return results


def _agreed(image: ImageFacts, stored: NDArray[np.integer]) -> None:
    """Raise Undecodable when the second decoder gives other values, or none where it is asked to be content."""
    decoder = SYNTAXES[image.transfer_syntax][1]
    if decoder in ("native", "simpleitk"):
        return
    said, second = _heard(image)
    name = syntax_name(image.transfer_syntax)
    if said and decoder in ("ljpeg", "pillow"):
        raise Undecodable(f"{image.name}: the {name} code stream is damaged")
    if second is None:
        second = _third(image, decoder)
    if second is None:
        raise Undecodable(f"{image.name}: only one decoder accepts the {name} code stream")
    apart = np.abs(interpreted(second, image).astype(np.int64) - stored)
    if int(apart.max()) > (_LOSSY_APART if is_lossy(image.transfer_syntax) else 0):
        raise Undecodable(f"{image.name}: two decoders do not agree on the {name} code stream")


def _third(image: ImageFacts, decoder: str) -> NDArray[np.integer] | None:
    """The values by imagecodecs; None when it gives up, too, or has no decoder of its own for the syntax."""
    import imagecodecs

    decode = {"jpegls": imagecodecs.jpegls_decode, "openjpeg": imagecodecs.jpeg2k_decode}.get(decoder)
    if decode is None:
        return None
    try:
        values = np.asarray(decode(code_stream(image)))
    except Exception:  # noqa: BLE001 -- giving up is an answer
        return None
    return values if values.shape == (image.rows, image.columns) else None


def _heard(image: ImageFacts) -> tuple[bytes, NDArray[np.integer] | None]:
    """What the second decoder said on stderr, and its values; None when it gave up."""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as ear:
        os.dup2(ear.fileno(), 2)
        try:
            values = by_simpleitk(code_stream(image), image)
        except Exception:  # noqa: BLE001 -- giving up is an answer
            return b"", None
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        ear.seek(0)
        said = ear.read(200)
    return said, values if values.shape == (image.rows, image.columns) else None
