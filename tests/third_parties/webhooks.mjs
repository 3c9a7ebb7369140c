// Standard Webhooks by its JavaScript library (shared secrets) and by Node's own Ed25519 (pairs), which that library does not know. In: {secret,
// pair, id, ours: [{body, headers}], sign: [body]}; `pair` is whsk_ and seed and public half. Out: whether each of ours is believed, and what is signed.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(process.env.NODE_MODULES_OF);
const { Webhook } = require('standardwebhooks');

const asked = JSON.parse(readFileSync(0, 'utf8'));
const pairBytes = Buffer.from(asked.pair.replace(/^whsk_/, ''), 'base64');
// The frames that RFC 8410 puts around bare keys.
const secretHalf = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), pairBytes.subarray(0, 32)]),
  format: 'der',
  type: 'pkcs8',
});
const publicHalf = createPublicKey({
  key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), pairBytes.subarray(32)]),
  format: 'der',
  type: 'spki',
});

const byLibrary = (one) => {
  try {
    new Webhook(asked.secret).verify(one.body, one.headers);
    return true;
  } catch {
    return false;
  }
};
const content = (id, timestamp, body) => Buffer.from(`${id}.${timestamp}.${body}`);
const byNode = ({ body, headers }) =>
  headers['webhook-signature'].split(' ').some((one) => {
    const [version, signature] = one.split(',');
    const signed = content(headers['webhook-id'], headers['webhook-timestamp'], body);
    return version === 'v1a' && verify(null, signed, publicHalf, Buffer.from(signature, 'base64'));
  });

const now = new Date();
const timestamp = String(Math.floor(now.getTime() / 1000));
const signed = asked.sign.map((body) => ({
  body,
  timestamp,
  shared: new Webhook(asked.secret).sign(asked.id, now, body),
  pair: `v1a,${sign(null, content(asked.id, timestamp, body), secretHalf).toString('base64')}`,
}));
console.log(JSON.stringify({ library: asked.ours.map(byLibrary), node: asked.ours.map(byNode), signed }));
