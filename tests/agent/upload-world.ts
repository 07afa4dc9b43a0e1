import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Bandwidth } from '#agent/link/bandwidth.ts';
import { secureNet } from '#agent/link/secure-net.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { systemRandom } from '#agent/platform/system-random.ts';
import { ServerClock } from '#agent/tasks/server-clock.ts';
import { type UploadEnd, upload } from '#agent/tasks/upload.ts';
import { openFilesystemBlobs } from '#blobs/filesystem/index.ts';
import { sha256Schema } from '#core/file/hash.ts';
import type { Log } from '#core/ports/log.ts';
import { minute } from '#core/time.ts';
import { freePort } from '#kit/free-port.ts';
import { dataDirectory } from '#server/data-directory.ts';
import { loadEvidenceKey } from '#server/evidence-key.ts';
import { fileSystem } from '#server/file-system.ts';
import { readPrivateKey } from '#wire/signature.ts';
import { uploadTargetSchema } from '#wire/upload.ts';
import { TcpProxy } from './tcp-proxy.ts';

const quiet = () => undefined;
export const quietLog: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
/** Retries come soon: the test is about what is sent again, not about when. */
const hasty = { ...systemRandom, fraction: () => 0.02 };

/** What one upload needs, as plain data: it travels to a process of its own. */
export interface UploadWish {
  readonly server: string;
  readonly authority: string;
  readonly devicePem: string;
  readonly target: unknown;
  readonly file: string;
  readonly chunkBytes: number;
}

export function uploadOnce(wish: UploadWish): Promise<UploadEnd> {
  const { server, authority, file, chunkBytes } = wish;
  return upload(
    {
      net: secureNet(() => ({ server, authorities: [authority], proxy: null })),
      clock: new ServerClock(systemClock),
      random: hasty,
      log: quietLog,
      deviceKey: readPrivateKey(wish.devicePem).key,
      bandwidth: new Bandwidth(systemClock, () => null),
      chunkBytes,
    },
    {
      target: uploadTargetSchema.parse(wish.target),
      file,
      deadline: Date.now() + 5 * minute,
      signal: new AbortController().signal,
    },
  );
}

/** One file, one agent's upload of it, and a real server's uploads in a process of its own, with a proxy between them. */
export class UploadWorld implements AsyncDisposable {
  readonly root: string;
  readonly bytes: Buffer;
  readonly proxy: TcpProxy;
  private readonly port: number;
  private readonly chunkBytes: number;
  private server: ReturnType<typeof spawn> | undefined;

  private constructor(parts: { root: string; bytes: Buffer; proxy: TcpProxy; port: number; chunkBytes: number }) {
    this.root = parts.root;
    this.bytes = parts.bytes;
    this.proxy = parts.proxy;
    this.port = parts.port;
    this.chunkBytes = parts.chunkBytes;
  }

  static async start(size: number, chunkBytes: number): Promise<UploadWorld> {
    const root = mkdtempSync(path.join(tmpdir(), 'custody-upload-'));
    const [port, bytes] = [await freePort(), randomBytes(size)];
    const world = new UploadWorld({ root, bytes, port, chunkBytes, proxy: await TcpProxy.start(() => port) });
    writeFileSync(world.file, bytes);
    await world.startServer();
    return world;
  }

  get file(): string {
    return path.join(this.root, 'captured');
  }

  get sha256(): string {
    return createHash('sha256').update(this.bytes).digest('hex');
  }

  get wish(): UploadWish {
    const { devicePem, endpointId, taskId } = JSON.parse(readFileSync(path.join(this.root, 'setup.json'), 'utf8'));
    return {
      server: `https://127.0.0.1:${this.proxy.port}`,
      authority: readFileSync(path.join(this.root, 'tls', 'ca.pem'), 'utf8'),
      devicePem,
      target: { endpointId, taskId, ordinal: 0, sha256: this.sha256, size: this.bytes.length },
      file: this.file,
      chunkBytes: this.chunkBytes,
    };
  }

  /** What the evidence directory has under the file's hash. */
  async readStored(): Promise<Buffer> {
    const directory = dataDirectory(this.root);
    const keys = await loadEvidenceKey({ fs: fileSystem, directory }, directory.evidence);
    const beside = { directory: directory.evidence, keys, random: systemRandom, isBeside: true };
    const blobs = await openFilesystemBlobs(beside);
    return Buffer.concat(await Array.fromAsync(await blobs.read(sha256Schema.parse(this.sha256))));
  }

  async startServer(): Promise<void> {
    const words = [this.root, String(this.port), String(this.chunkBytes)];
    const child = this.spawn(path.join('..', 'kit', 'uploads-server.ts'), words);
    this.server = child;
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('ended'))),
    ]);
  }

  async killServer(): Promise<void> {
    await kill(this.server);
  }

  /** The upload in a process of its own. */
  startAgent(): ReturnType<typeof spawn> & { readonly ended: Promise<string> } {
    const wishFile = path.join(this.root, 'wish.json');
    writeFileSync(wishFile, JSON.stringify(this.wish));
    const child = this.spawn('upload-agent-process.ts', [wishFile]);
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += String(chunk);
    });
    return Object.assign(child, { ended: once(child, 'close').then(() => said.trim()) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.killServer();
    rmSync(this.root, { recursive: true, force: true });
  }

  private spawn(script: string, words: readonly string[]) {
    return spawn(process.execPath, [path.join(import.meta.dirname, script), ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }
}

export async function kill(child: ReturnType<typeof spawn> | undefined): Promise<void> {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
