"""A network of any input size that finds bright squares, and answers as YOLO's raw heads do."""

import cv2
import numpy as np
from numpy.typing import NDArray


class SquareNetwork:
    """Finds what is bright in the picture it is given. One grid of 32 pixels answers; a box is up to 15 cells off."""

    flexible = True
    family: str | None = "yolo_heads"
    output_shape = (1, 84, 8400)

    def __init__(self, side: int = 640) -> None:
        self.input_shape = (1, side, side, 3)
        self.asked: list[tuple[int, ...]] = []

    def run(self, blob: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        self.asked.append(blob.shape)
        picture = np.asarray(blob[0], np.uint8)
        rows, columns = picture.shape[0] // 32, picture.shape[1] // 32
        boxes = np.zeros((1, 64, rows, columns), np.float32)
        scores = np.full((1, 1, rows, columns), -9.0, np.float32)
        mask = (picture[..., 0] > 180).astype(np.uint8)
        for left, top, width, height, _ in cv2.connectedComponentsWithStats(mask)[2][1:]:
            column, row = int((left + width / 2) // 32), int((top + height / 2) // 32)
            centre = (column * 32 + 16, row * 32 + 16)
            sides = (centre[0] - left, centre[1] - top, left + width - centre[0], top + height - centre[1])
            for side, far in enumerate(sides):
                low, share = divmod(max(float(far), 0.0) / 32, 1)
                at = boxes[0, side * 16 : side * 16 + 16, row, column]
                at[:] = -30
                at[int(low)], at[int(low) + 1] = np.log(max(1 - share, 1e-9)), np.log(max(share, 1e-9))
            scores[0, 0, row, column] = 3.0
        return [boxes, scores]
