"""Small cells: a breakdown must not point at somebody.

Cells with fewer than k people are withheld, and where only one is, the next smallest goes with it: else the total
minus the others would reveal it. A store's own totals are not breakdowns and are never withheld.
"""

from collections.abc import Sequence
from typing import Final

#: Least people in a cell that is shown inside the company.
K_INSIDE: Final = 5
#: Least people in a cell that leaves the company.
K_EXPORT: Final = 10


def withheld(people: Sequence[int], *, k: int = K_INSIDE) -> list[bool]:
    """Return for each cell whether it is withheld. An empty cell says nothing about anybody and is shown."""
    hidden = [0 < count < k for count in people]
    shown = [index for index, count in enumerate(people) if count >= k]
    if sum(hidden) == 1 and shown:
        hidden[min(shown, key=lambda index: people[index])] = True
    return hidden
