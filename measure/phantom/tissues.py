"""What each tissue looks like in a modality: value, and how much smooth texture it carries.

CT in HU, portal-venous phase; MR in arbitrary units, a fat-suppressed T1 in the same phase.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from measure.phantom.outlines import Array


@dataclass(frozen=True, slots=True)
class Tissue:
    """A value and the amplitude of the coarse (6 mm) and the fine (2.2 mm) texture, same unit."""

    value: float
    coarse: float = 0.0
    fine: float = 0.0


CT_PORTAL: Mapping[str, Tissue] = {
    "air": Tissue(-1000),
    "table": Tissue(-300),
    "skin": Tissue(35),
    "fat": Tissue(-102, 6, 5),
    "inner fat": Tissue(-96, 8, 6),
    "muscle": Tissue(56, 8, 9),
    "fat plane": Tissue(-30, 12, 10),
    "lung": Tissue(-862, 12, 10),
    "lung vessel": Tissue(20),
    "cortical bone": Tissue(480, 30, 30),
    "spongy bone": Tissue(185, 28, 28),
    "cartilage": Tissue(140, 15, 10),
    "disc": Tissue(88, 5, 4),
    "canal": Tissue(18),
    "cord": Tissue(42),
    "liver": Tissue(108, 3.2, 2.2),
    "liver vessel": Tissue(160),
    "fissure": Tissue(-40),
    "spleen": Tissue(126, 3, 3),
    "spleen vessel": Tissue(158),
    "aorta": Tissue(166, 2, 1),
    "calcification": Tissue(700),
    "cava": Tissue(150, 5, 2),
    "crus": Tissue(55, 4, 4),
    "heart": Tissue(98, 4, 3),
    "heart chamber": Tissue(152, 4, 2),
    "stomach wall": Tissue(66, 4, 3),
    "stomach fluid": Tissue(16, 7, 7),
    "gas": Tissue(-960),
    "bowel wall": Tissue(84, 5, 4),
    "bowel content": Tissue(24, 14, 14),
    "colon wall": Tissue(52, 5, 4),
    "stool": Tissue(-40, 70, 120),
    "cortex": Tissue(186, 4, 3),
    "medulla": Tissue(150, 5, 4),
    "sinus": Tissue(-70, 10, 8),
    "bile": Tissue(9, 1, 1),
    "pancreas": Tissue(88, 10, 14),
    "gland": Tissue(70),
    "small vessel": Tissue(118),
    "oesophagus": Tissue(50),
}

MR_PORTAL: Mapping[str, Tissue] = {
    **{name: Tissue(0) for name in ("air", "table", "gas", "calcification")},
    "skin": Tissue(250),
    "fat": Tissue(104, 12, 9),
    "inner fat": Tissue(112, 14, 10),
    "muscle": Tissue(265, 16, 18),
    "fat plane": Tissue(170, 14, 12),
    "lung": Tissue(28, 5, 5),
    "lung vessel": Tissue(210),
    "cortical bone": Tissue(45, 6, 6),
    "spongy bone": Tissue(190, 16, 16),
    "cartilage": Tissue(230, 12, 10),
    "disc": Tissue(200, 10, 8),
    "canal": Tissue(130),
    "cord": Tissue(260),
    "liver": Tissue(470, 9, 7),
    "liver vessel": Tissue(680),
    "fissure": Tissue(150),
    "spleen": Tissue(520, 10, 8),
    "spleen vessel": Tissue(680),
    "aorta": Tissue(720, 14, 8),
    "cava": Tissue(670, 16, 8),
    "crus": Tissue(250, 10, 10),
    "heart": Tissue(380, 16, 12),
    "heart chamber": Tissue(640, 20, 10),
    "stomach wall": Tissue(380, 12, 10),
    "stomach fluid": Tissue(150, 30, 24),
    "bowel wall": Tissue(440, 16, 14),
    "bowel content": Tissue(210, 40, 40),
    "colon wall": Tissue(340, 14, 12),
    "stool": Tissue(240, 70, 80),
    "cortex": Tissue(760, 12, 10),
    "medulla": Tissue(640, 14, 12),
    "sinus": Tissue(150, 14, 10),
    "bile": Tissue(120, 4, 4),
    "pancreas": Tissue(430, 24, 30),
    "gland": Tissue(360),
    "small vessel": Tissue(560),
    "oesophagus": Tissue(300),
}


@dataclass(frozen=True)
class Textures:
    """Two fields of smooth unit-variance noise that wrap around, shape (slices, rows, columns)."""

    coarse: Array
    fine: Array

    @classmethod
    def made(cls, spacing_mm: float, step_mm: float, seed: int) -> Textures:
        """Filter white noise at 6 mm and 2.2 mm on a 192-pixel tile."""
        import numpy as np
        from scipy.ndimage import gaussian_filter

        rng = np.random.default_rng(seed)
        fields = []
        for scale in (6.0, 2.2):
            white = rng.standard_normal((40, 192, 192), dtype=np.float32)
            smooth = gaussian_filter(
                white, (scale / step_mm, scale / spacing_mm, scale / spacing_mm), mode="wrap", truncate=3.0
            )
            fields.append(np.asarray(smooth / smooth.std(), np.float32))
        return cls(fields[0], fields[1])
