import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { actionIdSchema, taskIdSchema } from '#core/action/action-id.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { decode, encode } from '#wire/codec.ts';
import { enrolmentPath, enrolmentReplySchema, enrolmentStatement } from '#wire/enrolment.ts';
import { type ServerMessage, serverMessageSchema } from '#wire/messages.ts';
import type { Report } from '#wire/report.ts';
import { newKeyPair, readPrivateKey, signBytes } from '#wire/signature.ts';
import { simulatedFacts } from '../fleet/simulated-facts.ts';
import { pause } from '../pause.ts';
import { rogueCommandSchema, rogueKinds } from './protocol.ts';

/** An agent that is enrolled and means no good: it says what it may, as fast as it can, and comes again when it is cut off. */

const tick = 10;
const junkBytes = 1024 * 1024;
const pair = newKeyPair();
const { key } = readPrivateKey(pair.privatePem);
const facts = simulatedFacts(999_999);
const vaultRecipient = 'age1simulated';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const command = rogueCommandSchema.parse(JSON.parse((await lines.next()).value ?? ''));
const endpointId = await enrol();
const frame = command.kind === 'results' ? resultFrame() : junkFrame();
const { perSecond } = rogueKinds[command.kind];
const cutOffs: number[] = [];
let refusals = 0;
process.stdout.write('{"event":"enrolled"}\n');
await lines.next();
const stopped = lines.next().then(() => 'stop' as const);
while ((await Promise.race([attack(), stopped])) !== 'stop') {
  // It comes again.
}
process.stdout.write(`${JSON.stringify({ event: 'ended', cutOffs, refusals })}\n`);
process.exit(0);

async function enrol() {
  const publicKey = Buffer.from(pair.publicKey).toString('base64');
  const asked = { token: command.token, publicKey, vaultRecipient };
  const signature = Buffer.from(signBytes('custody-enrol-v1', enrolmentStatement(asked), key)).toString('base64');
  const response = await fetch(`${command.url}${enrolmentPath}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...asked, facts, signature }),
    tls: { ca: command.caPem },
  });
  return endpointIdSchema.parse(enrolmentReplySchema.parse(await response.json()).endpointId);
}

/** A report of a task that there is not: the signature is good, so that it has to be looked up. */
function resultFrame(): Uint8Array<ArrayBuffer> {
  const report: Report = {
    ...{ v: 1, endpointId, startedAt: 1, finishedAt: 2 },
    actionId: actionIdSchema.parse('1000000000000'),
    taskId: taskIdSchema.parse(randomBytes(16).toString('hex')),
    files: [
      {
        ...{ ordinal: 0, outcome: 'done', reason: null, message: '', path: null, sha256: null, size: null },
        ...{ vaultObject: null, effect: null, losses: [], details: {} },
      },
    ],
  };
  const bytes = encode(report);
  return encode({ type: 'report', report: bytes, signature: signBytes('custody-report-v1', bytes, key) });
}

/** A heartbeat, and a mebibyte that nobody asked for. */
function junkFrame(): Uint8Array<ArrayBuffer> {
  return encode({ type: 'heartbeat', junk: randomBytes(junkBytes) });
}

/** One connection, from its opening to its end. */
async function attack(): Promise<'cut'> {
  const socket = new WebSocket(`${command.url.replace('https:', 'wss:')}/agent/v1`, { tls: { ca: command.caPem } });
  socket.binaryType = 'arraybuffer';
  const closed = new Promise<void>((resolve) => socket.addEventListener('close', () => resolve()));
  let welcomedAt: number | undefined;
  socket.addEventListener('message', ({ data }) => {
    const message = decode(new Uint8Array(data), serverMessageSchema);
    if (message.type === 'challenge') {
      hello(socket, message);
    } else if (message.type === 'welcome') {
      welcomedAt = performance.now();
      void flood(socket);
    } else if (message.type === 'refused') {
      refusals += 1;
    }
  });
  await closed;
  if (welcomedAt !== undefined) {
    cutOffs.push(performance.now() - welcomedAt);
  }
  // It does not wait as long as it was asked to.
  await pause(100);
  return 'cut';
}

function hello(socket: WebSocket, { nonce }: Extract<ServerMessage, { type: 'challenge' }>): void {
  const signature = signBytes('custody-hello-v1', nonce, key);
  socket.send(encode({ type: 'hello', version: 1, endpointId, signature, vaultRecipient, facts }));
}

async function flood(socket: WebSocket): Promise<void> {
  let sent = 0;
  for (const began = performance.now(); socket.readyState === WebSocket.OPEN; await pause(tick)) {
    const due = ((performance.now() - began) * perSecond) / 1_000;
    for (; sent < due && socket.readyState === WebSocket.OPEN; sent += 1) {
      socket.send(frame);
    }
  }
}
