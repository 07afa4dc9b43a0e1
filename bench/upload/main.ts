import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uploadChunkBytes } from '#wire/limits.ts';
import { uploadTargetSchema } from '#wire/upload.ts';
import { type LineProcess, startScript } from '../processes.ts';
import { median } from '../statistics.ts';
import type { Sending, Sent } from './sender.ts';

export interface UploadOptions {
  /** Of the file, in MiB. */
  readonly size: number;
  readonly rounds: number;
}

const mebibyte = 1_024 * 1_024;
const ways = ['bare to the sink', 'agent to the sink', 'agent to the server'] as const;
type Way = (typeof ways)[number];

/** A large sparse file through the agent's upload, to a bare sink and to the real server, beside one bare request. */
export async function uploadBench(options: UploadOptions): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'custody-bench-upload-'));
  try {
    return await measure(root, options);
  } finally {
    await rm(root, { recursive: true });
  }
}

async function measure(root: string, { size, rounds }: UploadOptions): Promise<string> {
  const file = join(root, 'file');
  await makeSparse(file, size * mebibyte);
  const sha256 = await hashOf(file);
  const all = new Map<Way, Sent[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round += 1) {
    // A server and a task of its own for each: what is stored once is not sent again.
    const { data, server, sink } = await startServers(root, round);
    const facts = { file, sha256, size: size * mebibyte };
    for (const way of ways) {
      const port = way === 'agent to the server' ? server.port : sink.port;
      all.get(way)?.push(await send(await sendingOf(data, { ...facts, way, port })));
    }
    await Promise.all([server.stop(), sink.stop()]);
    await rm(data, { recursive: true });
  }
  return words(all, size);
}

interface Facts {
  readonly way: Way;
  readonly port: number;
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
}

async function startServers(root: string, round: number) {
  const data = join(root, `server-${round}`);
  await mkdir(data);
  const server = await listening(startScript('tests/kit/uploads-server.ts', [data, '0', String(uploadChunkBytes)]));
  const certificate = [join(data, 'tls', 'server.pem'), join(data, 'tls', 'server-key.pem')];
  return { data, server, sink: await listening(startScript('bench/upload/sink.ts', certificate)) };
}

async function listening(process: LineProcess): Promise<LineProcess & { readonly port: number }> {
  const { port } = JSON.parse(await process.next());
  return { ...process, port: Number(port) };
}

async function sendingOf(data: string, { way, port, file, sha256, size }: Facts): Promise<Sending> {
  const { devicePem, endpointId, taskId } = JSON.parse(await readFile(join(data, 'setup.json'), 'utf8'));
  return {
    how: way === 'bare to the sink' ? 'bare' : 'agent',
    server: `https://127.0.0.1:${port}`,
    authority: await readFile(join(data, 'tls', 'ca.pem'), 'utf8'),
    devicePem,
    target: uploadTargetSchema.parse({ endpointId, taskId, ordinal: 0, sha256, size }),
    file,
  };
}

async function send(sending: Sending): Promise<Sent> {
  const sender = startScript('bench/upload/sender.ts', [JSON.stringify(sending)]);
  const sent: Sent = JSON.parse(await sender.next());
  await sender.ended;
  return sent;
}

async function makeSparse(file: string, size: number): Promise<void> {
  const handle = await open(file, 'wx');
  await handle.truncate(size);
  await handle.close();
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: mebibyte })) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

function words(all: ReadonlyMap<Way, readonly Sent[]>, size: number): string {
  const rate = (sent: readonly Sent[]) => size / (median(sent.map(({ milliseconds }) => milliseconds)) / 1_000);
  const bare = rate(all.get('bare to the sink') ?? []);
  const lines = [...all].map(([way, sent]) => {
    const growth = Math.max(...sent.map((each) => each.growth)) / mebibyte;
    const speed = rate(sent);
    return `${way.padEnd(20)} ${speed.toFixed(0).padStart(5)} MiB/s  ratio ${(speed / bare).toFixed(2)}  memory +${growth.toFixed(0)} MiB at most`;
  });
  return [`${size} MiB, ${all.get('bare to the sink')?.length} rounds, medians`, ...lines].join('\n');
}
