"""What the account says of itself where moto does not: quotas, Lambda's concurrency, services that may not be asked."""

import json
import re

QUOTAS_TARGET = re.compile(r"^ServiceQuotasV20190624\.")
ACCOUNT_SETTINGS = "/2016-08-19/account-settings"
SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")


def signed_for(environ) -> str | None:
    """The service that a request is signed for."""
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return None if scope is None else scope[1]


class Account:
    def __init__(self) -> None:
        # vCPUs by the code of a quota; of the others every account has as many.
        self.quotas: dict[str, int] = {}
        self.default_quota = 1024
        self.concurrency = 1000
        # Services, as requests are signed for them, that refuse a person.
        self.withheld: list[str] = []

    def withholds(self, environ) -> bool:
        return signed_for(environ) in self.withheld

    def settings(self) -> bytes:
        limit = {"ConcurrentExecutions": self.concurrency, "UnreservedConcurrentExecutions": self.concurrency}
        return json.dumps({"AccountLimit": limit, "AccountUsage": {}}).encode()

    def quota(self, operation: str, code: str) -> bytes | None:
        """The applied value, or the default one; None: the account has no applied one."""
        value = self.default_quota if operation == "GetAWSDefaultServiceQuota" else self.quotas.get(code)
        return None if value is None else json.dumps({"Quota": {"QuotaCode": code, "Value": float(value)}}).encode()
