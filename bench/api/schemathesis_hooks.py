"""Leaves out what a document can't decide about, and what never reaches a service."""

import json
import re
from urllib.parse import urlencode

import schemathesis

# Up to here the document allows every number. Above, ingest takes what is exact as a double, and a
# schema does not see how a number is written (1e300 is fine, 9007199254740993 is not).
EXACT_MAX = 2**53
# Strings that hold JSON, as far as a pattern can say so (JSON_TEXT of ingest/openapi.ts).
JSON_TEXT = re.compile(r"[ \t\r\n]*(?:-?(?:0|[1-9][0-9]{0,14})|true|false|null)[ \t\r\n]*")


def is_decidable(value):
    """Whether the document decides about all numbers and payloads in a value."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return abs(value) <= EXACT_MAX
    if isinstance(value, dict):
        payload = value.get("payload")
        if isinstance(payload, str) and holds_json(payload) and not JSON_TEXT.fullmatch(payload):
            return False
        return all(map(is_decidable, value.values()))
    return not isinstance(value, list) or all(map(is_decidable, value))


def holds_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@schemathesis.hook
def filter_body(context, body):
    return context.operation.path != "/events" or is_decidable(body)


# The HTTP parser answers 431 by itself above 16 KiB of request line and headers.
QUERY_LENGTH_MAX = 8000


@schemathesis.hook
def filter_query(context, query):
    return len(urlencode(query or {}, doseq=True)) <= QUERY_LENGTH_MAX
