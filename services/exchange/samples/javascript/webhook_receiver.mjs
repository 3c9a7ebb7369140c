// Receives webhooks. Answers 204 when the event was taken and not before, so that what went wrong here comes again.
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { Inbox } from './inbox.mjs';

const { GONGZHI_WEBHOOK_SECRET, PORT = '9000' } = process.env;
const LARGEST = 256 * 1024;
const webhook = new Webhook(GONGZHI_WEBHOOK_SECRET);
const inbox = new Inbox('webhook.taken');

/** The body as it came: what was parsed and written again has another signature. */
async function body(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > LARGEST) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The event, if it was signed with our secret within the last five minutes: a call that was recorded is not believed later. */
function believed(payload, headers) {
  try {
    return webhook.verify(payload, headers);
  } catch (error) {
    console.error(`not believed: ${error.message}`);
    return undefined;
  }
}

async function receive(request) {
  const payload = request.method === 'POST' ? await body(request) : Buffer.alloc(0);
  if (!payload) return 413;
  const event = believed(payload, request.headers);
  if (!event) return 401;
  inbox.take(event);
  return 204;
}

createServer((request, response) => {
  receive(request)
    .catch((error) => (console.error(error), 500))
    .then((status) => response.writeHead(status, { connection: status === 413 ? 'close' : 'keep-alive' }).end());
}).listen(Number(PORT));
