"""Makes every call of both services with clients of openapi-python-client.

Usage: clients.py INGEST_URL PROCESSOR_URL EVENT_ID DEAD_LETTER_ID
The packages tally_ingest_client and tally_processor_client must be importable.
"""

import importlib
import inspect
import pkgutil
import sys

EVENT = {"sessionId": "python", "eventType": "t", "payload": {"n": 1}}
STEP = ["is", "event:name", ["t"]]
MESSAGE = {"type": "track", "event": "t", "userId": "python", "messageId": "python-1"}
BODIES = {
    **{f"segment_{name}": {"batch": [MESSAGE]} for name in ("batch", "import", "b")},
    "sign_in": {"key": "any"},
    "query_events": {"metrics": ["events"], "date_range": "24h"},
    "query_funnel": {"date_range": "24h", "steps": [STEP, STEP], "window": "1h"},
}
LEFT_OUT = {
    # It never ends, so its client would never return.
    "stream_metrics",
    # A checkout that was not built has no client for browsers.
    "client_module",
    "client_script",
    # The dead letter would be on its way afterwards, and could not be sent again.
    "link_edited_event",
}


def operations(package):
    """Every generated module with a function per operation, by name."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        if hasattr(module, "sync_detailed"):
            yield found.name.rsplit(".", 1)[1], module.sync_detailed


def call(name, operation, client, values):
    """Calls an operation with the arguments that it requires."""
    arguments = {}
    for parameter in inspect.signature(operation).parameters.values():
        if parameter.name == "client":
            continue
        if parameter.name in values:
            arguments[parameter.name] = values[parameter.name](parameter)
        elif parameter.default is inspect.Parameter.empty:
            raise SystemExit(f"{name} requires {parameter.name}, which this program does not know")
    response = operation(client=client, **arguments)
    print(f"{name}: {response.status_code}, {type(response.parsed).__name__}")
    if not 200 <= int(response.status_code) < 300 or response.parsed is None:
        raise SystemExit(f"{name} was not answered as its document says: {response.content!r}")


def main(ingest_url, processor_url, event_id, letter_id):
    for package_name, url in (
        ("tally_ingest_client", ingest_url),
        ("tally_processor_client", processor_url),
    ):
        package = importlib.import_module(package_name)
        models = importlib.import_module(f"{package_name}.models")
        client = package.Client(base_url=url)
        count = 0
        for name, operation in operations(package):
            if name in LEFT_OUT:
                continue
            values = {
                "id": lambda _: event_id if name == "trace_event" else letter_id,
                "code": lambda _: models.ResendDeadLettersCode("field_missing"),
                "key": lambda _: "any",
                "body": lambda _: body_of(models, name),
            }
            if name.startswith("list_"):
                del values["code"]
            call(name, operation, client, values)
            count += 1
        print(f"{package_name}: {count} operations answered")


def body_of(models, name):
    """The body that an operation sends."""
    if name == "send_events":
        return models.Event.from_dict(EVENT)
    body = getattr(models, f"{''.join(part.title() for part in name.split('_'))}Body")
    return body.from_dict(BODIES.get(name, {}))


main(*sys.argv[1:])
