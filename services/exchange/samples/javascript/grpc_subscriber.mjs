// Receives facts over a gRPC stream. What was taken is acknowledged; the next stream goes on behind it, after a restart too.
import { setTimeout as rest } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { credentials, loadPackageDefinition, Metadata, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Inbox } from './inbox.mjs';

const { GONGZHI_SERVER, GONGZHI_ACCOUNT: account, GONGZHI_PASSWORD: password, GONGZHI_SUBSCRIPTION: subscription_id } = process.env;
const contracts = fileURLToPath(new URL('../../../../proto', import.meta.url));
const files = ['gongzhi/exchange/v1/exchange.proto', 'gongzhi/organization/v1/organization.proto'];
// Positions are 64 bits wide, which a number of JavaScript is not.
const { gongzhi } = loadPackageDefinition(loadSync(files, { includeDirs: [contracts], keepCase: true, longs: String }));

const server = new URL(GONGZHI_SERVER);
const security = server.protocol === 'https:' ? credentials.createSsl() : credentials.createInsecure();
const connect = (Client) => new Client(server.host, security, { 'grpc.keepalive_time_ms': 30_000 });
const identity = connect(gongzhi.organization.v1.IdentityService);
const delivery = connect(gongzhi.exchange.v1.DeliveryService);
const within = (seconds) => ({ deadline: Date.now() + seconds * 1000 });
const signIn = promisify(identity.SignIn).bind(identity);
const acknowledge = promisify(delivery.Acknowledge).bind(delivery);

const inbox = new Inbox('grpc.taken');
// These pass by themselves. Everything else needs somebody who does something.
const passing = ['UNAVAILABLE', 'UNKNOWN', 'CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'INTERNAL'].map((name) => status[name]);

async function receive() {
  const { token } = await signIn({ account, password }, new Metadata(), within(10));
  const caller = new Metadata();
  caller.set('authorization', `Bearer ${token}`);
  // A token lasts eight hours; before that the stream is opened again with a new one.
  for await (const message of delivery.Stream({ subscription_id }, caller, within(7 * 3600))) {
    if (message.delivery) inbox.take(JSON.parse(message.delivery.event));
    await acknowledge({ subscription_id, position: message.position }, caller, within(10));
  }
}

for (;;) {
  try {
    await receive();
  } catch (error) {
    console.error(error.code === undefined ? error : error.message);
    if (!passing.includes(error.code)) process.exit(1);
  }
  await rest(1000);
}
