"""OperationOutcome -> issues that are safe to show.

``diagnostics`` and ``details.text`` are never read: servers quote names, identifiers and values there. Codes
and expressions are kept only when they look like codes and expressions.
"""

import re
from collections.abc import Iterable

from adapter.errors import Issue
from adapter.input.wire_json import Json, Unparsable, parse

# The longest code of R4 IssueType has 16 characters; a longer text may quote a patient.
_CODE = re.compile(r"[a-z][a-z-]{0,39}")
_EXPRESSION = re.compile(r"[A-Z][A-Za-z0-9.\[\]_$]{0,199}")
_ENTRY = re.compile(r"Bundle\.entry\[(\d{1,6})\]")
_SEVERITIES = frozenset({"fatal", "error", "warning", "information"})


def issues_of(document: object) -> tuple[Issue, ...]:
    """The issues of an OperationOutcome; none for any other document."""
    if not isinstance(document, dict) or document.get("resourceType") != "OperationOutcome":
        return ()
    issues = document.get("issue")
    return tuple(_issue(raw) for raw in issues if isinstance(raw, dict)) if isinstance(issues, list) else ()


def issues_beside(body: bytes) -> tuple[Issue, ...]:
    """What a failed answer adds to its status; often it is a page of a proxy, and then nothing."""
    try:
        return issues_of(parse(body))
    except Unparsable:
        return ()


def failures(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Those that mean that the request failed."""
    return tuple(issue for issue in issues if issue.severity in {"fatal", "error"})


def entry_named_by(issues: Iterable[Issue]) -> int | None:
    """The index of the Bundle entry that an issue points at, when one does."""
    for issue in issues:
        if issue.expression and (found := _ENTRY.match(issue.expression)):
            return int(found[1])
    return None


def _issue(raw: Json) -> Issue:
    severity, code = raw.get("severity"), raw.get("code")
    return Issue(
        # an unknown severity never reassures
        severity=severity if isinstance(severity, str) and severity in _SEVERITIES else "error",
        code=code if isinstance(code, str) and _CODE.fullmatch(code) else "unknown",
        expression=_expression(raw),
    )


def _expression(raw: Json) -> str | None:
    """``location`` is the older name of the same thing and often all that a server fills in."""
    for name in ("expression", "location"):
        values = raw.get(name)
        for value in values if isinstance(values, list) else ():
            if isinstance(value, str) and _EXPRESSION.fullmatch(value):
                return value
    return None
