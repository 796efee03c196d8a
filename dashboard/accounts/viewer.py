"""Who looks at a page, and what that person may see and do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from analytics.stores import Store

Role = Literal["manager", "region", "head_office", "installer"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

#: figures: what was counted and sold. devices: how the boxes are. set_up: let boxes in, say where they look.
#: plans: keep and remove drawings of shops, of which head office answers that they show nobody.
#: chain: which stores there are, what figures on record are counted and compared by, and who sees them: opening and
#: closing a store, its peers, region, time zone and past hours, lists.
#: accounts: who else may sign in, and the log of who did what. staff: sales by staff alias, where a store shows them.
Right = Literal["figures", "devices", "set_up", "plans", "chain", "accounts", "staff"]

RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    "manager": frozenset({"figures", "devices", "staff"}),
    "region": frozenset({"figures", "devices"}),
    "head_office": frozenset({"figures", "devices", "set_up", "plans", "chain", "accounts", "staff"}),
    # Somebody from outside, with a ladder: the boxes of every store, and nobody's sales.
    "installer": frozenset({"devices", "set_up"}),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is signed in. `stores` bounds a manager, `regions` a region's account; others see every store."""

    account_id: int
    login: str
    role: Role
    stores: frozenset[int] = frozenset()
    regions: frozenset[str] = frozenset()
    #: Signed in with a password that somebody else chose: may choose another one, and nothing else.
    must_change: bool = False

    def may(self, right: Right) -> bool:
        """Return whether the role has this right."""
        return not self.must_change and right in RIGHTS[self.role]

    def may_see(self, store: Store) -> bool:
        """Return whether the store is one of this viewer's."""
        if self.role == "manager":
            return store.store_id in self.stores
        if self.role == "region":
            return store.region in self.regions
        return True
