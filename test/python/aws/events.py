"""EventBridge, as far as a deployment needs it: rules, the topics and functions they lead to, and what those allow."""

import json
import threading

from . import ACCOUNT, REGION
from .functions import Functions
from .roles import as_list
from .roles import matches as fits

SERVICE = "events.amazonaws.com"
RULES = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/"


class Events:
    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self.rules: dict[str, dict] = {}
        # Statements of each topic's policy, and whom it mails, by its ARN.
        self.policies: dict[str, list[dict]] = {}
        self.subscribers: dict[str, list[str]] = {}
        self.mails: list[dict] = []

    def tell(self, event: dict) -> None:
        """Mails the event to the subscribers of each topic of each rule that matches, and invokes its functions; what
        is not allowed is dropped without a word, as EventBridge does it.
        """
        for name, rule in self.rules.items():
            if not matches(rule["EventPattern"], event):
                continue
            for target in rule["Targets"]:
                if ":lambda:" in target["Arn"]:
                    self._invoke(f"{RULES}{name}", target, event)
                elif may_publish(self.policies.get(target["Arn"], [])):
                    to = self.subscribers.get(target["Arn"], [])
                    self.mails.extend({"to": address, "event": event} for address in to)


    def _invoke(self, rule: str, target: dict, event: dict) -> None:
        """Asynchronously, as an event is told; the execution that it tells of does not wait."""
        if self._functions.is_permitted(target["Arn"], SERVICE, rule):
            payload = json.dumps(transformed(target.get("InputTransformer"), event)).encode()
            threading.Thread(target=self._functions.invoke, args=(target["Arn"], payload), daemon=True).start()


def transformed(transformer: dict | None, event: dict):
    """The event, or what the target's InputTransformer makes of it."""
    if transformer is None:
        return event
    text = transformer["InputTemplate"]
    for name, path in transformer["InputPathsMap"].items():
        value = event
        for part in path.removeprefix("$.").split("."):
            value = value[part]
        text = text.replace(f"<{name}>", json.dumps(value))
    return json.loads(text)


def matches(pattern: dict, event: dict) -> bool:
    """A pattern of lists of values, or of one wildcard or `anything-but` with a wildcard, nested as the event is."""
    for key, wanted in pattern.items():
        found = event.get(key)
        if isinstance(wanted, dict):
            if not isinstance(found, dict) or not matches(wanted, found):
                return False
        elif isinstance(wanted[0], dict):
            excluded = wanted[0].get("anything-but")
            wildcard = (excluded or wanted[0])["wildcard"]
            if any(fits(wildcard, each) for each in as_list(found)) == (excluded is not None):
                return False
        elif not set(as_list(found)) & set(wanted):
            return False
    return True


def may_publish(statements: list[dict]) -> bool:
    """One Allow for EventBridge, without a condition: its guide said for years that it does not support conditions in a
    topic's policy, so none is taken to hold.
    """
    return any(
        each["Effect"] == "Allow"
        and SERVICE in as_list(each["Principal"].get("Service", []) if isinstance(each["Principal"], dict) else [])
        and "sns:Publish" in as_list(each["Action"])
        and "Condition" not in each
        for each in statements
    )
