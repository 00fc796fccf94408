"""Sends events with the libraries of others, while ingest is killed and started again.

Usage: senders.py INGEST_URL segment|segment-gzip|cloudevents TYPE COUNT
Prints "begun" when the first events are acknowledged, and "missed N" at the end: how often a
request found no ingest. The events have the payload {"n": 0}, {"n": 1} and so on.
"""

import logging
import sys
import time
import urllib.error
import urllib.request

FIRST = 50
PAUSE_S = 0.01
# At 0.1 s each this is an outage of a minute.
ATTEMPTS_MAX = 600


class Misses(logging.Handler):
    """Counts what the library says of requests that it repeats."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.count = 0

    def emit(self, record):
        text = record.getMessage().lower()
        if "retry attempt" in text or "network error retry" in text or "rate-limited" in text:
            self.count += 1


def send_segment(url, event_type, count, gzip):
    """Every setting but the address, compression and the size of a batch is the library's own."""
    from segment.analytics.client import Client

    misses = Misses()
    log = logging.getLogger("segment")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    errors = []
    client = Client(
        "any-key",
        host=url,
        gzip=gzip,
        upload_size=10,
        upload_interval=0.05,
        log_handler=misses,
        on_error=lambda error, batch: errors.append(error),
    )
    for n in range(count):
        client.track(user_id=f"u-{n % 7}", event=event_type, properties={"n": n})
        if n + 1 == FIRST:
            client.flush()
            print("begun", flush=True)
        time.sleep(PAUSE_S)
    client.flush()
    if errors:
        raise SystemExit(f"the library gave up: {errors[0]!r}")
    return misses.count


def send_cloudevents(url, event_type, count):
    """The library makes requests and sends none: structured and binary mode in turn."""
    from cloudevents.core.bindings.http import to_binary_event, to_structured_event
    from cloudevents.core.v1.event import CloudEvent

    missed = 0
    for n in range(count):
        attributes = {
            "id": str(n),
            "source": "https://example.com/python",
            "type": event_type,
            "specversion": "1.0",
            "subject": f"größe 50% {n % 7}",
        }
        event = CloudEvent(attributes=attributes, data={"n": n})
        to_message = to_binary_event if n % 2 == 0 else to_structured_event
        missed += post(f"{url}/events", to_message(event))
        if n + 1 == FIRST:
            print("begun", flush=True)
        time.sleep(PAUSE_S)
    return missed


def post(url, message):
    """Repeats a request until it is answered with 202. Returns how often it was not."""
    headers = {"content-type": "application/json", **message.headers}
    for missed in range(ATTEMPTS_MAX):
        try:
            request = urllib.request.Request(url, message.body, headers)
            with urllib.request.urlopen(request, timeout=15) as response:
                if response.status == 202:
                    return missed
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            status = getattr(error, "code", 503)
            if status != 503:
                raise SystemExit(f"{status}: {error.read()!r}")
        time.sleep(0.1)
    raise SystemExit("ingest did not come back")


def main(url, library, event_type, count):
    if library == "cloudevents":
        missed = send_cloudevents(url, event_type, int(count))
    else:
        missed = send_segment(url, event_type, int(count), library == "segment-gzip")
    print(f"missed {missed}", flush=True)


main(*sys.argv[1:])
