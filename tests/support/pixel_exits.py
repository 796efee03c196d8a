"""What a module can do with pixels, read from its source: does it hold any, can it write or send, does it encode."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: Who imports one of these may hold a picture or what was computed from one.
_PIXELS: Final = frozenset({"numpy", "cv2", "av", "PIL", "edge.frames"})
#: Libraries through which something leaves the process.
_WAYS_OUT: Final = frozenset({
    "socket", "socketserver", "http", "urllib", "ssl", "smtplib", "ftplib", "paho", "requests", "httpx", "aiohttp",
    "websockets", "subprocess", "multiprocessing", "shelve", "dbm", "tempfile", "shutil", "mmap", "sqlite3", "asyncio",
})  # fmt: skip
#: Calls through which something leaves the process, whatever they are called on.
_WRITES: Final = frozenset({
    "write", "writelines", "write_bytes", "write_text", "write_secret", "fdopen", "mkfifo", "memfd_create", "pwrite",
    "send", "sendall", "sendto", "sendmsg", "publish", "say", "urlopen", "copyfile", "copy2", "symlink", "system",
})  # fmt: skip
#: Calls that make a file's bytes, or any bytes, of an array.
_ENCODES: Final = frozenset({
    "imwrite", "imwritemulti", "imencode", "imencodemulti", "VideoWriter", "VideoWriter_fourcc", "FileStorage",
    "tofile", "save", "savez", "savez_compressed", "savetxt", "memmap", "open_memmap", "tobytes", "tostring",
    "add_stream", "mux", "b64encode", "b85encode", "encodebytes", "hexlify", "compress", "fromarray", "to_image",
})  # fmt: skip
_PICKLES: Final = frozenset({"pickle", "cPickle", "dill", "cloudpickle", "marshal", "joblib", "imageio", "PIL", "h5py"})
_READING: Final = frozenset({"r", "rb", "rt"})


@dataclass(frozen=True)
class Found:
    """What stands in a source, as (line, words)."""

    pixels: tuple[tuple[int, str], ...]
    ways_out: tuple[tuple[int, str], ...]
    encodes: tuple[tuple[int, str], ...]


def found_in(source: str) -> Found:
    """Return what a module's source holds, opens and encodes."""
    tree = ast.parse(source)
    pixels, out, encodes = [], [], []
    for line, name in _imports(tree):
        top = name.partition(".")[0]
        if top in _PIXELS or any(name == each or name.startswith(f"{each}.") for each in _PIXELS):
            pixels.append((line, name))
        if top in _WAYS_OUT and not name.startswith("urllib.parse"):
            out.append((line, name))
        if top in _PICKLES:
            encodes.append((line, name))
    for line, name, call in _calls(tree):
        if name in _WRITES or (name == "open" and not _reads(call)):
            out.append((line, f"{name}()"))
        if name in _ENCODES:
            encodes.append((line, f"{name}()"))
    return Found(tuple(pixels), tuple(out), tuple(encodes))


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__") and node.args:
            first = node.args[0]
            yield node.lineno, str(first.value) if isinstance(first, ast.Constant) else "numpy"


def _calls(tree: ast.Module) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _name(node.func)):
            yield node.lineno, name, node


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _reads(call: ast.Call) -> bool:
    """Return whether an `open` reads: by its mode where it has one, else where it is a library's own."""
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    modes = [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    flags = [ast.unparse(each) for each in given if "O_" in ast.unparse(each)]
    return not flags and all(mode in _READING or not set(mode) <= set("rwaxbt+") for mode in modes)
