"""The golden messages: one of each kind, built from the contract's classes.

`python -m tests.support.golden` writes them to `contract/golden/`, one line of wire bytes each.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from contract.codec import encode
from contract.control import Answer, Desired, Reported, Resend, Signed, Standard, body_of
from contract.entries import (
    Audit,
    AuditTally,
    CameraUptime,
    Crossing,
    Flow,
    Heat,
    LineLoss,
    Loss,
    Occupancy,
    QueueExit,
    QueueSample,
    Register,
    Summary,
    ZoneVisit,
)
from contract.messages import (
    CameraHealth,
    Crashes,
    EpochReceipt,
    LedgerBatch,
    LineInfo,
    Live,
    LiveLine,
    LiveZone,
    Message,
    Receipt,
    Status,
    ZoneInfo,
)
from contract.releases import ApplicationRelease, ModelRelease, ReleaseReport, ShadowLine, ShadowRules
from contract.topics import Leaf

FOLDER = Path(__file__).resolve().parents[2] / "contract" / "golden"
EPOCH = UUID("0198b2c4-6f1e-7a3d-9c55-2f4e8a7d1b60")
OLD_EPOCH = UUID("0197ffff-0000-7000-8000-000000000001")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STORE, DEVICE = "riverside", "door-box"


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


LEDGER = LedgerBatch(
    store=STORE,
    device=DEVICE,
    epoch=EPOCH,
    first_seq=41,
    last_seq=156,
    covers=88,
    sent_at=_at(61.5),
    entries=[
        Crossing(at=_at(1.234567), line="front-door", direction="in", staff=False, group_size=2),
        Crossing(at=_at(2), line="front-door", direction="out"),
        ZoneVisit(at=_at(30.5), zone="table", dwell_s=12.345, censored=True, staff=True),
        QueueSample(at=_at(45), zone="till", length=3),
        QueueExit(at=_at(50), zone="till", wait_s=95.5, outcome="served"),
        QueueExit(at=_at(51), zone="till", wait_s=240.0, outcome="abandoned"),
        Occupancy(at=_at(60), zone="table", people=4),
        Heat(at=NOON, camera="door", columns=3, rows=2, person_s=[0, 12, 900, 0, 1, 33]),
        Flow(at=NOON, from_zone="table", to_zone="till", people=7),
        Flow(at=NOON, from_zone=None, to_zone="table", people=6),
        Register(at=_at(60), line="front-door", in_total=1_042, out_total=1_038),
        CameraUptime(at=NOON, camera="door", period_s=60.0, up_s=58.5),
        Audit(
            at=_at(-900),
            line="front-door",
            duration_s=900.0,
            auditor="jd",
            lag_s=0.6,
            complete=True,
            ins=AuditTally(truth=41, counted=40, matched=39),
            outs=AuditTally(truth=38, counted=38, matched=38),
        ),
        Summary(times=17, entry=Crossing(at=_at(301.25), line="front-door", direction="in", staff=False)),
        Loss(
            at=_at(-3600),
            until=_at(-900),
            reason="budget",
            entries=61,
            lines=[LineLoss(line="front-door", ins=4, outs=3)],
        ),
        Loss(at=_at(-90), until=_at(-30), reason="corrupt", entries=None, epoch=OLD_EPOCH),
    ],
)
RECEIPT = Receipt(
    store=STORE,
    device=DEVICE,
    at=_at(62),
    epochs=[
        EpochReceipt(epoch=EPOCH, ranges=[(1, 40), (43, 51)]),
        EpochReceipt(epoch=OLD_EPOCH, ranges=[(1, 9_007_199_254_740_991)]),
    ],
)
LIVE = Live(
    store=STORE,
    device=DEVICE,
    epoch=EPOCH,
    at=_at(61.25),
    lines=[LiveLine(line="front-door", in_total=1_042, out_total=1_038)],
    zones=[LiveZone(zone="table", people=4), LiveZone(zone="till", people=0)],
)
STATUS = Status(
    store=STORE,
    device=DEVICE,
    state="online",
    at=_at(60),
    version="0.1.0",
    epoch=EPOCH,
    last_seq=56,
    queue_depth=6,
    lines=[
        LineInfo(line="front-door", role="entrance", camera="door", door="main"),
        LineInfo(line="pavement", role="pass_by", camera="door"),
    ],
    zones=[
        ZoneInfo(zone="table", role="engagement", camera="door", engaged_after_s=7.5),
        ZoneInfo(zone="till", role="queue", camera="door"),
    ],
    cameras=[
        CameraHealth(camera="door", state="up", fps=9.8),
        CameraHealth(camera="street", state="down", fps=9.8, trouble="covered"),
    ],
    model="yolox-nano",
    uptime_s=3_600.5,
    temperature_c=54.2,
    disk_free_mb=12_345,
    crashes=Crashes(ten_minutes=3, day=5),
)
SITE_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
DESIRED = Desired(
    version=7,
    issued_at=NOON,
    site='[[cameras]]\nname = "door"\nsource = "rtsp://10.0.0.20/stream1"\n',
    site_over=SITE_SHA256,
    standard=Standard(name="autumn", number=3, settings='[cameras."*"]\nfps = 8\n'),
    model=ModelRelease(manifest="1b" * 32, shadow=ShadowRules(minutes=30, crossings=40, difference_max=0.05)),
    application=ApplicationRelease(manifest="2c" * 32, prove_minutes=10, rollback=True),
)
RESEND = Resend(
    id=UUID("0198b2c4-6f1e-7a3d-9c55-000000000007"),
    issued_at=NOON,
    expires_at=_at(900),
    epoch=EPOCH,
    ranges=[(41, 42), (52, 52)],
)
#: Of the right form, of no authority: who believes is edge's business.
SIGNATURE = "MEUCIQDx" + "A" * 87 + "="
CONFIG = Signed(store=STORE, device=DEVICE, body=body_of(DESIRED), signature=SIGNATURE)
COMMAND = Signed(store=STORE, device=DEVICE, body=body_of(RESEND), signature=SIGNATURE)
REPORTED = Reported(
    store=STORE,
    device=DEVICE,
    at=_at(63),
    state="rolled_back",
    version=7,
    running=6,
    reason="camera door: covered since the change",
    site_sha256=SITE_SHA256,
    edited=True,
    rejected="forged",
    model=ReleaseReport(
        manifest="1b" * 32,
        state="differs",
        name="yolox-nano",
        version="1.1",
        watched_s=1800.0,
        reason="counts differ by 7.5%; the bound: 5.0%",
        lines=[
            ShadowLine(line="front-door", old_in=21, old_out=19, new_in=23, new_out=18, matched_in=21, matched_out=18)
        ],
    ),
    application=ReleaseReport(manifest="2c" * 32, state="trial", name="footfall", version="0.2.0"),
    answers=[Answer(id=RESEND.id, outcome="refused", reason="no such epoch here")],
)
GOLDEN: dict[Leaf, Message] = {
    "ledger": LEDGER,
    "receipt": RECEIPT,
    "live": LIVE,
    "status": STATUS,
    "config": CONFIG,
    "command": COMMAND,
    "reported": REPORTED,
}


def golden_bytes(leaf: Leaf) -> bytes:
    """Return the committed wire bytes of a message (the file ends with one newline more)."""
    return (FOLDER / f"{leaf}.json").read_bytes().removesuffix(b"\n")


def main() -> None:
    """Write the golden files."""
    FOLDER.mkdir(exist_ok=True)
    for leaf, message in GOLDEN.items():
        (FOLDER / f"{leaf}.json").write_bytes(encode(message) + b"\n")


if __name__ == "__main__":
    main()
