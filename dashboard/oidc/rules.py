"""Which groups of the provider get which role: a TOML file, its first rule that fits decides.

claim = "groups"                # where the provider says them; the default

[[rule]]
group = "footfall-head-office"
role = "head_office"

[[rule]]
group = "footfall-north"
role = "region"
regions = ["North"]
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dashboard.accounts.register import Scope
from dashboard.accounts.viewer import ROLES
from dashboard.errors import AccountError, OidcSetUpError

CLAIM: Final = "groups"
_KEYS: Final = frozenset({"group", "role", "stores", "regions"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is in `group` gets the scope; several rules of the same role add their stores and regions up."""

    group: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Rules:
    """The file; without rules roles are our own, and accounts are linked by hand."""

    claim: str = CLAIM
    rules: tuple[Rule, ...] = ()

    def scope(self, claims: Mapping[str, Any]) -> Scope | None:
        """Return what somebody may, by the first rule that fits; None: none does."""
        said = claims.get(self.claim)
        groups = {said} if isinstance(said, str) else set(said) if isinstance(said, list) else set()
        fitting = [rule.scope for rule in self.rules if rule.group in groups]
        if not fitting:
            return None
        same = [scope for scope in fitting if scope.role == fitting[0].role]
        stores = tuple(dict.fromkeys(code for scope in same for code in scope.stores))
        return Scope(fitting[0].role, stores, tuple(dict.fromkeys(name for scope in same for name in scope.regions)))


def read_rules(path: Path | None) -> Rules:
    """Read the file; no file, no rules.

    Raises:
        OidcSetUpError: it cannot be read, or a rule cannot be.
    """
    if path is None:
        return Rules()
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OidcSetUpError(f"expected a TOML file with [[rule]]s in {path}: {error}") from error
    if unknown := sorted(said.keys() - {"claim", "rule"}):
        raise OidcSetUpError(f"{path}: expected claim and [[rule]], got {', '.join(unknown)}")
    found = tuple(_rule(one, f"{path}: rule {nth}") for nth, one in enumerate(said.get("rule", []), start=1))
    if not found:
        raise OidcSetUpError(f"{path}: expected at least one [[rule]], such as group = … and role = …")
    return Rules(str(said.get("claim", CLAIM)), found)


def _rule(said: dict[str, Any], where: str) -> Rule:
    if unknown := sorted(said.keys() - _KEYS):
        raise OidcSetUpError(f"{where}: expected {', '.join(sorted(_KEYS))}, got {', '.join(unknown)}")
    role = next((one for one in ROLES if one == said.get("role")), None)
    group = said.get("group")
    if role is None or not isinstance(group, str) or not group:
        raise OidcSetUpError(f"{where}: expected a group and a role out of {', '.join(ROLES)}, got {said}")
    try:
        return Rule(group, Scope(role, _names(said, "stores", where), _names(said, "regions", where)))
    except AccountError as error:
        raise OidcSetUpError(f"{where}: {error}") from error


def _names(said: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    names = said.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise OidcSetUpError(f"{where}: expected {key} as a list of texts, got {names!r}")
    return tuple(names)
