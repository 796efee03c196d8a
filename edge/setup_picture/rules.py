"""How a set-up picture is taken, and when it is rather not sent. The defaults are the product's; tests take others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PictureRules:
    """Seconds, pixels and shares.

    Attributes:
        side_px: the longer side of the picture, at most.
        samples: so many pictures are taken, …
        every_s: … so far apart in time. Together they outlast people who stop for a while.
        least_samples: fewer are not enough.
        give_up_s: after so long the picture is made of what there is, or refused.
        free_share: a place must be free of people in at least this share of the samples, or it is covered.
        still_share: where less than this share of a person's box differs from the median, the person is part of it.
        step: so far must a value be from the median, of 255, to differ.
        restless_share: what differs in more than this share of the samples is covered, whatever the detector thinks.
        found_score: what scores so much in the median is covered, and in the finished picture keeps it from leaving:
            half of what makes a person count.
        covered_share: no more than this share of the picture may be covered.
    """

    side_px: int = 640
    samples: int = 40
    every_s: float = 8.0
    least_samples: int = 30
    give_up_s: float = 900.0
    free_share: float = 0.5
    still_share: float = 0.35
    step: int = 16
    restless_share: float = 0.25
    found_score: float = 0.2
    covered_share: float = 0.6
