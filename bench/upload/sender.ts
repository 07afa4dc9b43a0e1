import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { Bandwidth } from '#agent/link/bandwidth.ts';
import { secureNet } from '#agent/link/secure-net.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { systemRandom } from '#agent/platform/system-random.ts';
import { ServerClock } from '#agent/tasks/server-clock.ts';
import { upload } from '#agent/tasks/upload.ts';
import { day } from '#core/time.ts';
import { readPrivateKey } from '#wire/signature.ts';
import { type UploadTarget, uploadTargetSchema } from '#wire/upload.ts';

/** One file to send, and how: `agent` as the agent does, `bare` as one request with the file as its body. */
export interface Sending {
  readonly how: 'agent' | 'bare';
  readonly server: string;
  readonly authority: string;
  readonly devicePem: string;
  readonly target: UploadTarget;
  readonly file: string;
}

export interface Sent {
  readonly milliseconds: number;
  /** By how much the resident memory rose at most. */
  readonly growth: number;
}

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

async function sendAsAgent({ server, authority, devicePem, target, file }: Sending): Promise<void> {
  const tools = {
    net: secureNet(() => ({ server, authorities: [authority], proxy: null })),
    ...{ clock: new ServerClock(systemClock), random: systemRandom, log },
    deviceKey: readPrivateKey(devicePem).key,
    bandwidth: new Bandwidth(systemClock, () => null),
  };
  const { signal } = new AbortController();
  const deadline = systemClock.now() + day;
  const end = await upload(tools, { target: uploadTargetSchema.parse(target), file, deadline, signal });
  if (end !== 'stored') {
    throw new Error(`The upload ended with ${end}.`);
  }
}

async function sendBare({ server, authority, target, file }: Sending): Promise<void> {
  const headers = { 'content-length': String(target.size) };
  const outgoing = https.request(new URL('/', server), { method: 'PATCH', ca: authority, headers });
  const answered = new Promise<void>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => incoming.on('end', resolve).resume());
  });
  await pipeline(createReadStream(file), outgoing);
  await answered;
}

/** In bytes, of this process, from the kernel. */
async function memory(field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024;
}

const sending: Sending = JSON.parse(process.argv[2] ?? '');
// 5: the peak is counted from now on, see proc(5).
await writeFile('/proc/self/clear_refs', '5');
const before = await memory('VmRSS');
const started = performance.now();
await (sending.how === 'agent' ? sendAsAgent(sending) : sendBare(sending));
const sent: Sent = { milliseconds: performance.now() - started, growth: (await memory('VmHWM')) - before };
process.stdout.write(`${JSON.stringify(sent)}\n`);
process.exit(0);
