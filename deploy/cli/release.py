"""`footfall release`: models and the application for boxes, built, signed, published, and looked at."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.release_depot import depot
from deploy.cli.release_rollout import rollout, status

if TYPE_CHECKING:
    from contract.releases import Manifest

app = typer.Typer(no_args_is_help=True)
key = typer.Typer(no_args_is_help=True)
build = typer.Typer(no_args_is_help=True)
app.add_typer(key, name="key", help="Release keys: whose releases boxes take.")
app.command(epilog="Example: footfall release rollout yolox-nano 1.1 --to 1% --why 'sees children better'")(rollout)
app.command(epilog="Example: footfall release status --store riverside --json")(status)
app.add_typer(build, name="build", help="Build a release: a folder, to be signed and published.")

_Folder = Annotated[Path, typer.Argument(help="The folder of the release, as `footfall release build` made it.")]
_Out = Annotated[Path, typer.Option(help="An empty folder, or a new one, to build in.")]
_Key = Annotated[Path, typer.Option("--key", help="The private release key.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
_Least = Annotated[str | None, typer.Option(help="The oldest version of footfall that may take it.")]


@key.command("create", epilog="Example: footfall release key create release.key")
def key_create(path: Annotated[Path, typer.Argument(help="Where to keep it; never on a box.")]) -> None:
    """Make a release key, readable by this user alone, and its public part beside it as `.pub`."""
    from deploy.releases.keys import ReleaseKey
    from edge.releases.signing import key_id

    made = ReleaseKey.create(path)
    typer.echo(f"release key {key_id(made.public)[:12]} in {path}; boxes are told of {path}.pub")


@key.command("trust", epilog="Example: footfall release key trust --key release.key release.key.pub next.key.pub")
def key_trust(
    keys: Annotated[list[Path], typer.Argument(help="Public keys (*.pub): these, and no others, from now on.")],
    by: Annotated[Path, typer.Option("--key", help="A private key that boxes trust; the first time, one of these.")],
) -> None:
    """Name the release keys that boxes trust. A box takes a first list from the authority, each later one only so.

    To change the key: name the old and the new one, signed with the old; once all boxes have it, the new one alone.
    """
    from deploy.releases.keys import ReleaseKey, load_public

    version = depot().trust([load_public(path) for path in keys], ReleaseKey(by))
    typer.echo(f"list {version} of release keys: {len(keys)} to be trusted; boxes ask for it when they need it")


@build.command("model", epilog="Example: footfall release build model yolox-nano 1.1 shop.onnx --out shop-1.1")
def build_model(
    name: Annotated[str, typer.Argument(help="The `model` of site files in whose place it comes.")],
    version: Annotated[str, typer.Argument(help="Numbers with dots, such as 1.1.")],
    files: Annotated[list[Path], typer.Argument(help="Its files; the first is loaded (.onnx, or .xml with its .bin).")],
    out: _Out,
    confidence: Annotated[
        float | None, typer.Option(min=0.01, max=0.99, help="Score from which it may start a person.")
    ] = None,
    footfall_min: _Least = None,
) -> None:
    """Build a release of a vision model."""
    from analytics.clock import utc_now
    from deploy.releases import building

    facts: dict[str, Any] = {"confidence": confidence, "footfall_min": footfall_min}
    _tell_built(building.build_model(name, version, files, out, now=utc_now(), **facts), out)


@build.command("application", epilog="Example: footfall release build application wheels --out footfall-0.2.0")
def build_application(
    wheels: Annotated[Path, typer.Argument(help="Folder with the wheels of footfall and of all that it needs.")],
    out: _Out,
    python: Annotated[str | None, typer.Option(help="The boxes' Python, such as 3.11; default: as here.")] = None,
    machine: Annotated[str | None, typer.Option(help="The boxes' machine, such as aarch64; default: as here.")] = None,
    footfall_min: _Least = None,
) -> None:
    """Build a release of the application. In the checkout: pip wheel --wheel-dir wheels '.[edge,edge-openvino]'."""
    from analytics.clock import utc_now
    from deploy.releases import building

    manifest = building.build_application(
        wheels, out, now=utc_now(), python=python, machine=machine, footfall_min=footfall_min
    )
    _tell_built(manifest, out)


@app.command(epilog="Example: footfall release sign shop-1.1 --key release.key")
def sign(folder: _Folder, by: _Key) -> None:
    """Sign a release, wherever the key is kept; what other keys signed stays."""
    from deploy.releases.building import load, save
    from deploy.releases.keys import ReleaseKey
    from edge.releases.signing import key_id

    release_key = ReleaseKey(by)
    signed = release_key.sign_manifest(load(folder))
    save(folder, signed)
    typer.echo(f"{folder} is signed by {', '.join(each.key[:12] for each in signed.signatures)}")
    typer.echo(f"this key: {key_id(release_key.public)[:12]}; next: footfall release publish {folder}")


@app.command(epilog="Example: footfall release verify shop-1.1 --trusted release.key.pub")
def verify(
    folder: _Folder,
    trusted: Annotated[
        list[Path] | None, typer.Option(help="Public keys to check it against; default: those that boxes trust.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Check a release as a box would: a trusted key signed it, and its files are as they were."""
    from deploy.releases.building import load
    from deploy.releases.building import verify as verified
    from deploy.releases.keys import load_public, manifest_sha256

    keys = [load_public(path) for path in trusted] if trusted else depot().keys
    manifest = verified(folder, keys)
    sha256 = manifest_sha256(load(folder))
    if as_json:
        typer.echo(json.dumps(_plain(manifest, sha256)))
    else:
        typer.echo(f"{manifest.kind} {manifest.name} {manifest.version} is good: {len(manifest.files)} files, {sha256}")


@app.command(epilog="Example: footfall release publish shop-1.1")
def publish(folder: _Folder) -> None:
    """Put a signed release into FOOTFALL_HOME, where enrolled boxes can fetch it. No box is told of it yet."""
    published = depot().publish(folder)
    manifest = published.manifest
    typer.echo(f"{manifest.kind} {manifest.name} {manifest.version} can be fetched as {published.sha256}")


@app.command("list", epilog="Example: footfall release list --json")
def list_(as_json: _Json = False) -> None:
    """List the releases that boxes can fetch, the newest first."""
    found = depot().published()
    if as_json:
        rows = [{**_plain(each.manifest, each.sha256), "signed_by": list(each.signed_by)} for each in found]
        typer.echo(json.dumps(rows))
        return
    table = Table("kind", "name", "version", "built", "for", "MiB", "signed by", "sha256", box=None)
    for each in found:
        manifest = each.manifest
        fits = f"Python {manifest.python}, {manifest.machine}" if manifest.python else f"model {manifest.name}"
        built, size = manifest.created_at.strftime("%Y-%m-%d %H:%M"), f"{manifest.size / 2**20:.1f}"
        keys = ", ".join(signer[:12] for signer in each.signed_by)
        table.add_row(manifest.kind, manifest.name, manifest.version, built, fits, size, keys, each.sha256[:12])
    Console().print(table)


def _tell_built(manifest: "Manifest", folder: Path) -> None:
    size = manifest.size / 2**20
    what = f"{manifest.kind} {manifest.name} {manifest.version}"
    typer.echo(f"built {what}: {len(manifest.files)} files, {size:.1f} MiB; next: footfall release sign {folder}")


def _plain(manifest: "Manifest", sha256: str) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(manifest)
    return {"sha256": sha256, **plain}
