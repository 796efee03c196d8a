"""No code path but the set-up picture's turns pixels into bytes, and who holds pixels can neither write nor send.

Of the whole box: whoever imports what pictures are made of opens no file to write, no socket, and publishes nothing.
What leaves goes through modules that have never seen a picture, as messages of the contract.
"""

from pathlib import Path

import pytest

from tests.support.pixel_exits import found_in

ROOT = Path(__file__).resolve().parents[2]
#: The one module that makes a picture of pixels, and the one that hands it to the publisher.
ENCODER = "edge/setup_picture/encoding.py"
SENDER = "edge/setup_picture/pictures.py"
#: Encodes text and keys, and holds no pixels.
OF_KEYS = {"edge/identity.py": {"b64encode()"}}


def box() -> dict[str, str]:
    """Source of every module that runs on a box."""
    paths = [*(ROOT / "edge").rglob("*.py"), *(ROOT / "models").rglob("*.py"), *(ROOT / "deploy/cli").glob("edge*.py")]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


def test_who_holds_pixels_can_neither_write_nor_send() -> None:
    both = {
        name: found.ways_out
        for name, source in box().items()
        if (found := found_in(source)).pixels and found.ways_out and name not in (ENCODER, SENDER)
    }
    assert both == {}, "let a module that has never seen a picture write or send it, as a message of the contract"


def test_only_the_set_up_picture_is_made_into_bytes() -> None:
    encoding = {
        name: {what for _, what in found.encodes}
        for name, source in box().items()
        if (found := found_in(source)).encodes
    }
    assert encoding.pop(ENCODER) == {"imencode()"}
    assert encoding == OF_KEYS, "pixels leave as the set-up picture or not at all"
    assert not any(found_in(box()[name]).pixels for name in OF_KEYS)


def test_the_set_up_picture_writes_no_file_and_says_one_thing() -> None:
    for name, source in box().items():
        if name.startswith("edge/setup_picture/"):
            out = {what for _, what in found_in(source).ways_out}
            assert out == ({"say()"} if name == SENDER else set()), name


def test_one_module_speaks_on_the_picture_s_topic() -> None:
    speaking = [name for name, source in box().items() if 'say("picture"' in source or '"picture",' in source]
    assert speaking == [SENDER]


def test_the_rule_has_something_to_hold() -> None:
    """The modules that decode, detect and count are found to hold pixels; those that publish and write, to do so."""
    found = {name: found_in(source) for name, source in box().items()}
    for name in ("edge/camera.py", "edge/frames.py", "edge/sources/planar.py", "edge/detection/neural.py"):
        assert found[name].pixels, name
    for name in (
        "edge/publishing/connection.py",
        "edge/publishing/messenger.py",
        "edge/identity.py",
        "edge/starter.py",
    ):
        assert found[name].ways_out, name
        assert not found[name].pixels, name


@pytest.mark.parametrize(
    "leak",
    [
        'import cv2\ncv2.imwrite("a.png", frame)',
        'from cv2 import imencode as make\nimport cv2\ncv2.imencode(".png", frame)',
        "import numpy\nnumpy.save(path, frame)",
        "import numpy as np\nframe.tofile(path)",
        "import numpy as np\nnp.savez_compressed(path, frame)",
        "frame.tobytes()",
        "from PIL import Image\nImage.fromarray(frame).save(path)",
        "import pickle\npickle.dump(frame, file)",
        'import av\nav.open("clip.mp4", mode="w").add_stream("h264")',
        "import base64\nbase64.b64encode(frame)",
        "import cv2\ncv2.VideoWriter(path, 0, 10, (640, 480))",
    ],
)
def test_a_leak_that_encodes_would_be_found(leak: str) -> None:
    assert found_in(leak).encodes


@pytest.mark.parametrize(
    "leak",
    [
        'from edge.frames import Frame\nopen("a.raw", "wb")',
        'import numpy as np\npath.open("ab")',
        "import numpy as np\npath.write_bytes(bytes(frame))",
        "import numpy as np\nimport os\nos.open(path, os.O_WRONLY)",
        "import numpy as np\nimport socket",
        "import cv2\nfrom urllib.request import urlopen",
        "import cv2\nimport subprocess",
        "import cv2\nimport sqlite3",
        "import edge.frames\nconnection.publish(topic, bytes(frame), qos=1)",
        'from edge.frames import Image\nbox.say("reported", bytes(frame), False)',
        "from edge.frames import Image\nwrite_secret(path, bytes(frame))",
    ],
)
def test_a_leak_that_writes_or_sends_would_be_found(leak: str) -> None:
    found = found_in(leak)
    assert found.pixels
    assert found.ways_out
