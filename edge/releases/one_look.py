"""One look with a model, at an empty picture: the process in which a new model is tried.

python -m edge.releases.one_look MODEL WIDTH HEIGHT
"""

import sys

import numpy as np

from edge.detection.opening import open_detector
from edge.errors import EdgeError
from models.errors import ModelsError


def main() -> None:
    """Look with the model that the command line names; what is wrong with it is the last word on standard error."""
    path, width, height = sys.argv[1:4]
    try:
        open_detector(path).detect(np.zeros((int(height), int(width), 3), np.uint8))
    except (EdgeError, ModelsError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
