"""Taking one set-up picture: samples until there are enough, then the picture, or why there will be none."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from contract.errors import ContractError
from contract.picture import SetupPicture, encode_picture
from edge.errors import SetupPictureError
from edge.frames import ArrayPicture, Image
from edge.picture.looks import FINE, is_dark, is_overexposed
from edge.setup_picture.composing import compose
from edge.setup_picture.encoding import as_jpeg
from edge.setup_picture.examining import Examiner
from edge.setup_picture.rules import PictureRules
from edge.setup_picture.samples import Samples


@dataclass(frozen=True, slots=True)
class Request:
    """The id of the command that asks, and whose camera it is about."""

    id: UUID
    store: str
    device: str
    camera: str


class Taking:
    """One picture in the making. `look` and `answer` belong to one thread."""

    def __init__(self, request: Request, examiner: Examiner, rules: PictureRules) -> None:
        self._request = request
        self._examiner = examiner
        self._rules = rules
        self._samples: Samples | None = None
        self._source = (0, 0)
        self._from: datetime | None = None
        self._until: datetime | None = None

    @property
    def enough(self) -> bool:
        """Whether there are as many samples as there may be."""
        return self._samples is not None and self._samples.full

    def look(self, image: Image, captured_at: datetime) -> None:
        """Take a camera's picture, uint8 (H, W, 3) BGR, as a sample; one in which nothing can be seen is none.

        A camera that was given another resolution begins anew.

        Raises:
            DetectorError: the model failed.
        """
        picture = ArrayPicture(image)
        brightness = picture.luma(FINE)
        if is_dark(brightness) or is_overexposed(brightness):
            return
        if self._samples is None or picture.size != self._source:
            self._source, self._from = picture.size, captured_at
            self._samples = Samples(small_size(picture.size, self._rules.side_px), self._rules.samples)
        size = self._samples.size
        scale = np.array([size[0] / self._source[0], size[1] / self._source[1]] * 2, np.float32)
        self._samples.add(picture.scaled(size), self._examiner.look(picture) * scale)
        self._until = captured_at

    def answer(self) -> bytes:
        """Return the picture as the message that goes out.

        Raises:
            SetupPictureError: it must not leave, and why.
            DetectorError: the model failed.
        """
        samples, rules = self._samples, self._rules
        if samples is None or len(samples) < rules.least_samples or self._from is None or self._until is None:
            got = 0 if samples is None else len(samples)
            raise SetupPictureError(
                f"the camera gave {got} good pictures in time, {rules.least_samples} are needed. Is it up and is there "
                "light?"
            )
        composed = compose(samples, self._examiner, rules)
        if composed.covered_share > rules.covered_share:
            raise SetupPictureError(
                f"{composed.covered_share:.0%} of the picture would be covered, {rules.covered_share:.0%} may be. Ask "
                "again when fewer people stay there"
            )
        if len(self._examiner.look(ArrayPicture(composed.image), thoroughly=True, least_score=rules.found_score)):
            raise SetupPictureError("somebody may still be seen in the picture. Ask again when nobody stays there")
        header = SetupPicture(
            store=self._request.store,
            device=self._request.device,
            camera=self._request.camera,
            request=self._request.id,
            taken_from=self._from,
            taken_until=self._until,
            samples=len(samples),
            covered_share=round(composed.covered_share, 4),
            width=samples.size[0],
            height=samples.size[1],
            source_width=self._source[0],
            source_height=self._source[1],
        )
        try:
            return encode_picture(header, as_jpeg(composed.image))
        except ContractError as error:
            raise SetupPictureError(f"it breaks the contract: {error}") from error


def small_size(size: tuple[int, int], side_px: int) -> tuple[int, int]:
    """Return the (width, height) that a picture of `size` is taken at; never larger than it is."""
    scale = min(1.0, side_px / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
