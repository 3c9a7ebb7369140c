"""Standard Webhooks by its Python library. In: {secret, id, ours: [{body, headers}], sign: [body]}. Out: whether it believes each of ours, and what
it signs."""

import json
import sys
from datetime import datetime, timezone

from standardwebhooks import Webhook, WebhookVerificationError

asked = json.load(sys.stdin)
webhook = Webhook(asked["secret"])


def believes(one):
    try:
        webhook.verify(one["body"], one["headers"])
        return True
    except WebhookVerificationError:
        return False


def signed(body):
    now = datetime.now(tz=timezone.utc)
    signature = webhook.sign(asked["id"], now, body)
    return {"body": body, "timestamp": str(int(now.timestamp())), "signature": signature}


json.dump({"believes": [believes(one) for one in asked["ours"]], "signed": [signed(body) for body in asked["sign"]]}, sys.stdout)
