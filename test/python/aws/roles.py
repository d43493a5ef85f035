"""Who calls, and whether that role's synthesized policies allow it."""

import fnmatch
import re
import secrets
import string
from dataclasses import dataclass, field
from functools import cache

# How moto's Step Functions signs the calls that it makes for an execution.
STATE_MACHINE_KEY = "ak"


@dataclass(eq=False)
class Role:
    name: str
    statements: list[dict] = field(default_factory=list)
    access_key: str = ""

    def credentials(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": "secret"}


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


@cache
def compiled(pattern: str) -> re.Pattern:
    # IAM knows * and ? only; fnmatch's brackets would be taken for a set.
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))


def matches(pattern: str, text: str) -> bool:
    return compiled(pattern).fullmatch(text) is not None


class Roles:
    """The deployment's roles. A caller without a key of ours is a person with every right."""

    def __init__(self) -> None:
        self._by_arn: dict[str, Role] = {}
        self._by_key: dict[str, Role] = {}

    def create(self, name: str, arn: str) -> Role:
        alphabet = string.ascii_uppercase + string.digits
        key = "AKIA" + "".join(secrets.choice(alphabet) for _ in range(16))
        role = Role(name, access_key=key)
        self._by_arn[arn] = role
        self._by_key[key] = role
        return role

    def of_arn(self, arn: str) -> Role:
        return self._by_arn[arn]

    def named(self, beginning: str) -> Role:
        found = [role for role in self._by_arn.values() if role.name.startswith(beginning)]
        if len(found) != 1:
            raise KeyError(f"{len(found)} roles begin with {beginning}")
        return found[0]

    def run_state_machine(self, arn: str) -> None:
        self._by_key[STATE_MACHINE_KEY] = self._by_arn[arn]

    def of_request(self, authorization: str) -> Role | None:
        match = re.search(r"Credential=([^/]+)/", authorization)
        return None if match is None else self._by_key.get(match[1])


def allows(role: Role, action: str, resource: str, context: dict[str, str] | None = None) -> bool:
    """As IAM judges: one Allow, and no Deny. Of conditions only those on tags are judged, by `context`; the others of
    these policies hold for every call made here.
    """
    allowed = False
    for statement in role.statements:
        if not any(matches(each.lower(), action.lower()) for each in as_list(statement["Action"])):
            continue
        if not any(matches(each, resource) for each in as_list(statement["Resource"])):
            continue
        if not tags_hold(statement.get("Condition", {}), context or {}):
            continue
        if statement["Effect"] == "Deny":
            return False
        allowed = True
    return allowed


def tags_hold(condition: dict, context: dict[str, str]) -> bool:
    """StringEquals and StringLike on `aws:ResourceTag/...`: a resource without the tag does not hold."""
    return all(
        key in context and any(matches(each, context[key]) for each in as_list(wanted))
        for operator in condition.values()
        for key, wanted in operator.items()
        if key.startswith("aws:ResourceTag/")
    )
