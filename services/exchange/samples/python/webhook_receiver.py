"""Receives webhooks. Answers 204 when the event was taken and not before, so that what went wrong here comes again."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

from inbox import take

WEBHOOK = Webhook(os.environ["GONGZHI_WEBHOOK_SECRET"])
LARGEST = 256 * 1024


class Receiver(BaseHTTPRequestHandler):
    timeout = 10  # Nobody holds a thread by being silent.

    def do_POST(self):
        try:
            length = int(self.headers["content-length"] or 0)
            if not 0 <= length <= LARGEST:
                return self.answer(413)
            # The signature, and that it was made within the last five minutes: a call that was recorded is not believed later.
            event = WEBHOOK.verify(self.rfile.read(length), dict(self.headers))
        except (WebhookVerificationError, ValueError) as error:
            self.log_error("not believed: %s", error)
            return self.answer(401)
        take(event, "webhook.db")  # What this raises leaves the call without an answer: it comes again.
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()


ThreadingHTTPServer(("", int(os.environ.get("PORT", "9000"))), Receiver).serve_forever()
