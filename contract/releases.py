"""Releases: signed sets of files that a box may take over, a vision model or the application itself.

manifest (JSON text) ── signed with Ed25519 by a release key ──► SignedManifest      its name is its SHA-256
    └─ files by name, SHA-256 and size                                               theirs is theirs

Boxes trust release keys alone, not who brings a release. A list of keys is signed by the installation's authority and,
once a box trusts any, by one of those that it trusts.
"""

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from contract.types import Count, Instant, Name, Reason

ReleaseKind = Literal["model", "application"]

#: Plain numbers, so that everybody orders them alike.
ReleaseVersion = Annotated[str, Meta(max_length=30, pattern=r"^[0-9]{1,6}(?:\.[0-9]{1,6}){1,3}(?!\n)$")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$", description="SHA-256 in lower-case hex")]
#: A file's name, never a path: no separator, no leading dot.
FileName = Annotated[str, Meta(max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9._+!-]*(?!\n)$")]
#: 64 bytes of Ed25519 in base64; so is a key of 32.
_Signature = Annotated[str, Meta(min_length=88, max_length=88)]
_Key = Annotated[str, Meta(min_length=44, max_length=44)]

#: Most bytes of all files of a release together.
RELEASE_BYTES_MAX: Final[dict[ReleaseKind, int]] = {"model": 512 * 2**20, "application": 2 * 2**30}
#: Most bytes of a signed manifest or list of keys as it travels.
SIGNED_BYTES_MAX: Final = 128 * 1024
#: What a release key signs begins with one of these, so that neither can be taken for the other.
MANIFEST_DOMAIN: Final = b"footfall/v1 release\n"
KEYS_DOMAIN: Final = b"footfall/v1 release-keys\n"
#: A box asks for a file with its certificate, the moment, and its signature over this, that moment and the path.
FETCH_DOMAIN: Final = "footfall/v1 fetch\n"


class ReleaseFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file of a release."""

    name: FileName
    sha256: Sha256
    size: Annotated[int, Meta(ge=1, le=2 * 2**30, description="bytes")]


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What a release is.

    A model's `name` is the `model` of a site file in whose place it comes; `entry` is the file that is loaded, and
    `confidence` the score from which it may start a person (None: the default). An application's files are wheels for
    one `python` (such as 3.11) on one `machine` (such as x86_64).
    """

    # A default of another kind would be left out with those that say nothing.
    v: Literal[1] = msgspec.field(default_factory=lambda: 1)
    kind: ReleaseKind
    name: Name
    version: ReleaseVersion
    created_at: Instant
    files: Annotated[list[ReleaseFile], Meta(min_length=1, max_length=200)]
    footfall_min: ReleaseVersion | None = None
    entry: FileName | None = None
    confidence: Annotated[float, Meta(gt=0, lt=1)] | None = None
    python: Annotated[str, Meta(pattern=r"^3\.[0-9]{1,3}(?!\n)$")] | None = None
    machine: Annotated[str, Meta(max_length=40, pattern=r"^[a-z0-9_]+(?!\n)$")] | None = None

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    def __post_init__(self) -> None:
        """Refuse a manifest that is none of its kind.

        Raises:
            ValueError: a name twice, too large, or what its kind needs is missing.
        """
        names = [file.name for file in self.files]
        if len({name.lower() for name in names}) != len(names):
            raise ValueError("expected each file name once")
        if self.size > RELEASE_BYTES_MAX[self.kind]:
            raise ValueError(f"expected at most {RELEASE_BYTES_MAX[self.kind]} bytes of files, got {self.size}")
        if self.kind == "model" and self.entry not in names:
            raise ValueError(f"expected one of the files as `entry` of a model, got {self.entry!r}")
        if self.kind == "application" and (self.python is None or self.machine is None):
            raise ValueError("expected `python` and `machine` of an application")


class KeySignature(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A signature, and the SHA-256 of the public key that it is of."""

    key: Sha256
    signature: _Signature


_Signatures = Annotated[list[KeySignature], Meta(max_length=4)]


class SignedManifest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A manifest as it travels; `manifest` is its JSON text, signed after `MANIFEST_DOMAIN`."""

    manifest: Annotated[str, Meta(max_length=SIGNED_BYTES_MAX)]
    signatures: _Signatures = []


class ReleaseKeys(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The public keys whose releases are taken. A list replaces those of lower `version`; two keys bridge a change."""

    v: Literal[1] = 1
    version: Annotated[int, Meta(ge=1, le=2**31)]
    keys: Annotated[list[_Key], Meta(min_length=1, max_length=4)]


class SignedKeys(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list of keys as it travels: its JSON text, signed after `KEYS_DOMAIN` by release keys and by the authority.

    `authority` is ECDSA with SHA-256, DER in base64; empty until the enrolment service has signed.
    """

    keys: Annotated[str, Meta(max_length=4_096)]
    signatures: _Signatures = []
    authority: Annotated[str, Meta(max_length=200)] = ""


class ShadowRules(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long a model is compared, beside the one that counts, before it may take over by itself.

    After `minutes` of film, and once the old model saw `crossings`, it takes over if the counts differ by at most
    `difference_max` of the old ones; None: never by itself.
    """

    minutes: Annotated[float, Meta(gt=0, le=20_160)] = 60.0
    crossings: Annotated[int, Meta(ge=0, le=100_000)] = 50
    difference_max: Annotated[float, Meta(ge=0, le=1)] | None = None


class ModelRelease(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The model that a box shall count with: the SHA-256 of its manifest; None: those of its site file.

    Without `shadow` it takes over at once. `rollback` allows a version lower than the present one.
    """

    manifest: Sha256 | None = None
    shadow: ShadowRules | None = None
    rollback: bool = False


class ApplicationRelease(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The application that a box shall run: the SHA-256 of its manifest; None: the one that was installed by hand.

    It has `prove_minutes` from each start to prove itself. `rollback` allows a version lower than the present one.
    """

    manifest: Sha256 | None = None
    prove_minutes: Annotated[float, Meta(gt=0, le=1_440)] = 15.0
    rollback: bool = False


#: fetching, installing: on its way. shadow: compared beside the old model. differs: compared, and not within bounds; it
#: waits for a word. trial: it runs, and may still be taken back. applied: it stays.
ReleaseState = Literal["fetching", "installing", "shadow", "differs", "trial", "applied", "refused", "rolled_back"]


class ShadowLine(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What two models counted at one line over the same frames, and how many crossings both saw at one moment."""

    line: Name
    old_in: Count
    old_out: Count
    new_in: Count
    new_out: Count
    matched_in: Count
    matched_out: Count


class ReleaseReport(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Where a box stands with a release that was asked of it; `manifest` None: with being without one.

    `watched_s` and `lines` are the comparison so far; `reason` says why it is not further.
    """

    manifest: Sha256 | None = None
    state: ReleaseState
    name: Name | None = None
    version: ReleaseVersion | None = None
    reason: Reason | None = None
    watched_s: Annotated[float, Meta(ge=0, le=1e8)] | None = None
    lines: Annotated[list[ShadowLine], Meta(max_length=64)] = []


def version_key(version: str) -> tuple[int, ...]:
    """Return what orders versions: the leading numbers, trailing zeros apart. What follows them does not count."""
    numbers = [int(number) for number in re.match(r"[0-9.]*", version)[0].split(".") if number]  # type: ignore[index]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
