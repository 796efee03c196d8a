"""Zones that were watched in one and the same way."""

from analytics.visits.zone_watch import Watched, ZoneWatch


def evenly(share: float | None, *zones: str) -> ZoneWatch:
    """Return the watch of zones of which each was watched for `share` of the time; None: no camera looked."""
    seen = () if share is None else zones
    return ZoneWatch([{zone: Watched(1.0, share or 0.0, int((share or 0.0) < 1)) for zone in seen}], {})
