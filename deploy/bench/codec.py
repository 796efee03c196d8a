"""How long the wire's codec takes per ledger entry, beside the same message as pydantic models where installed.

All contenders work on the same bytes in turns, so that a busy machine slows them alike; the least of the rounds counts.
"""

import importlib
import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

import msgspec

from contract.codec import decode, encode
from contract.entries import Crossing, Entry, Occupancy, Register, ZoneVisit
from contract.messages import LedgerBatch

_EPOCH: Final = UUID("0198b2c4-6f1e-7a3d-9c55-2f4e8a7d1b60")
_START: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def run(*, entries: int = 200, rounds: int = 7, repeats: int = 50) -> dict[str, Any]:
    """Return microseconds per entry for decoding and encoding a batch of `entries`, by contender.

    `contract` is what a device and ingest call: it checks when encoding too. `msgspec` is the bare library on the same
    classes. `pydantic` is None where pydantic is not installed.
    """
    batch = sample_batch(entries)
    payload = encode(batch)
    tasks = {**_contract(batch, payload), **_msgspec(batch, payload), **_pydantic(payload)}
    least = dict.fromkeys(tasks, float("inf"))
    for _ in range(rounds):
        for name, task in tasks.items():
            least[name] = min(least[name], _seconds(task, repeats))
    micros = {name: round(seconds / repeats / entries * 1e6, 3) for name, seconds in least.items()}
    contenders = {name: {"decode_us": micros[name, "decode"], "encode_us": micros[name, "encode"]} for name, _ in tasks}
    return {
        "entries_per_batch": entries,
        "batch_bytes": len(payload),
        "unit": "microseconds per entry, least of the rounds",
        "contract": contenders["contract"],
        "msgspec": contenders["msgspec"],
        "pydantic": contenders.get("pydantic"),
        "versions": {name: version(name) for name in ("msgspec", "pydantic") if name in contenders},
        "machine": {"cpus": os.cpu_count(), "arch": platform.machine(), "python": platform.python_version()},
    }


def sample_batch(entries: int) -> LedgerBatch:
    """Return a batch as a busy minute makes it: of ten entries seven crossings, one stay, one sample, one register."""
    listed: list[Entry] = []
    for number in range(entries):
        at = _START + timedelta(seconds=number, microseconds=number * 137)
        match number % 10:
            case 7:
                listed.append(ZoneVisit(at=at, zone="table", dwell_s=12.345))
            case 8:
                listed.append(Occupancy(at=at, zone="table", people=4))
            case 9:
                listed.append(Register(at=at, line="front-door", in_total=1042, out_total=1038))
            case _:
                listed.append(Crossing(at=at, line="front-door", direction="in", staff=False, group_size=2))
    return LedgerBatch(
        store="riverside",
        device="door-box",
        epoch=_EPOCH,
        first_seq=1,
        last_seq=entries,
        sent_at=_START,
        entries=listed,
    )


_Tasks = dict[tuple[str, str], Callable[[], object]]


def _contract(batch: LedgerBatch, payload: bytes) -> _Tasks:
    return {
        ("contract", "decode"): lambda: decode(payload, LedgerBatch),
        ("contract", "encode"): lambda: encode(batch),
    }


def _msgspec(batch: LedgerBatch, payload: bytes) -> _Tasks:
    decoder, encoder = msgspec.json.Decoder(LedgerBatch), msgspec.json.Encoder()
    return {
        ("msgspec", "decode"): lambda: decoder.decode(payload),
        ("msgspec", "encode"): lambda: encoder.encode(batch),
    }


def _pydantic(payload: bytes) -> _Tasks:
    try:
        twins = importlib.import_module("deploy.bench.pydantic_twins")
    except ModuleNotFoundError:
        return {}
    batch = twins.Batch.model_validate_json(payload)
    return {
        ("pydantic", "decode"): lambda: twins.Batch.model_validate_json(payload),
        ("pydantic", "encode"): batch.model_dump_json,
    }


def _seconds(task: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        task()
    return time.perf_counter() - start
