"""Takes each event once. Delivery is at least once: what was under way when something died comes again, with the same id."""

import json
import sqlite3
from contextlib import closing


def take(event, inbox):
    """Prints an event that is new. In place of `print` stands your own work, on this same database: one commit holds the effect and the id, so
    that no crash can come between the two."""
    with closing(sqlite3.connect(inbox)) as database, database:
        database.execute("create table if not exists taken (id text primary key)")
        if database.execute("insert or ignore into taken values (?)", (event["id"],)).rowcount:
            data = json.dumps(event["data"], ensure_ascii=False, separators=(",", ":"))
            print(event["type"], event["subject"], data, flush=True)
