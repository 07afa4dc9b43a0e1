import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Fs } from '#core/ports/fs.ts';
import type { Random } from '#core/ports/random.ts';
import type { Answerer } from './router.ts';

/** Where people find the console. */
const consolePath = '/console';

/** One file of the console as it was built; both forms are gzip's and brotli's, in base64. */
const assetSchema = z.object({ type: z.string(), gzip: z.string(), brotli: z.string() });
const packSchema = z.object({ files: z.record(z.string(), assetSchema) });

interface Asset {
  readonly type: string;
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly brotli: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/**
 * Nothing but what this server sends is loaded, run, asked or framed. The one style that the component kit writes into the page is
 * allowed by the name of the page's own nonce.
 */
function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

export interface ConsoleParts {
  readonly fs: Pick<Fs, 'read'>;
  readonly random: Pick<Random, 'bytes'>;
  /** What `npm run build:console` wrote. Default: that of this very program. */
  readonly pack?: string;
}

const nonceBytes = 16;

/** A one-file executable has it among its own files, see `tools/build.ts`, and a checkout beside its sources. */
const builtPack = /[$]bunfs|~BUN/.test(import.meta.url)
  ? fileURLToPath(new URL('./console.pack', import.meta.url))
  : path.join(import.meta.dirname, '..', '..', 'build', 'console.pack');

/** Answers for everything below `/console`: the files of the web console, which then speaks the native API like everybody else. */
export function createConsole({ fs, random, pack = builtPack }: ConsoleParts): Answerer {
  let files: ReadonlyMap<string, Asset> | undefined;
  let reading: Promise<ReadonlyMap<string, Asset> | undefined> | undefined;
  // Only what was read is kept: a console may be built while its server runs, and a disk may fail once.
  const load = async () => {
    if (files === undefined) {
      reading ??= readPack(fs.read(pack)).finally(() => {
        reading = undefined;
      });
      files = await reading;
    }
    return files;
  };
  return {
    name: 'console',
    owns: (pathname) => pathname === consolePath || pathname.startsWith(`${consolePath}/`),
    async handle(request) {
      const loaded = await load();
      // A name that nobody can guess, anew for each page.
      const nonce = Buffer.from(random.bytes(nonceBytes)).toString('base64url');
      return answer(request, loaded, nonce);
    },
  };
}

async function readPack(reading: Promise<Uint8Array | undefined>): Promise<ReadonlyMap<string, Asset> | undefined> {
  const bytes = await reading;
  if (bytes === undefined) {
    return undefined;
  }
  const { files } = packSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  return new Map(
    Object.entries(files).map(([name, { type, gzip, brotli }]) => [
      name,
      { type, gzip: bytesOf(gzip), brotli: bytesOf(brotli), etag: etagOf(brotli) },
    ]),
  );
}

function etagOf(base64: string): string {
  return `"${createHash('sha256').update(base64).digest('base64url').slice(0, 22)}"`;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

function answer(request: Request, files: ReadonlyMap<string, Asset> | undefined, nonce: string): Response {
  const { pathname } = new URL(request.url);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return text(405, 'The console is asked with GET.');
  }
  if (pathname === consolePath) {
    return new Response(null, { status: 308, headers: { ...always, location: `${consolePath}/` } });
  }
  if (files === undefined) {
    return text(503, 'The console was not built: run "npm run build:console" in the checkout.');
  }
  const name = pathname.slice(consolePath.length + 1);
  const asset = files.get(name);
  if (asset !== undefined && name !== 'index.html') {
    return file(request, name, asset);
  }
  const page = files.get('index.html');
  // What names a file by its ending is no page of the console; GUIDs have a dot before digits.
  return page === undefined || /\.[a-z]\w*$/i.test(name)
    ? text(404, 'The console has no such file.')
    : pageOf(page, nonce);
}

/** Each page has a nonce of its own, and so is never kept. */
function pageOf({ gzip, type }: Asset, nonce: string): Response {
  const html = new TextDecoder().decode(gunzipSync(gzip)).replaceAll('__NONCE__', nonce);
  return new Response(html, {
    headers: {
      ...always,
      'content-type': type,
      'cache-control': 'no-store',
      'content-security-policy': policyOf(nonce),
    },
  });
}

/** Names of files hold a digest of what is in them, so that they can be kept for good. */
function file(request: Request, name: string, { type, gzip, brotli, etag }: Asset): Response {
  const kept = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  const headers = { ...always, 'content-type': type, 'cache-control': kept, etag, vary: 'accept-encoding' };
  if (request.headers.get('if-none-match') === etag) {
    return new Response(null, { status: 304, headers });
  }
  const accepted = request.headers.get('accept-encoding') ?? '';
  if (takes(accepted, 'br')) {
    return new Response(brotli, { headers: { ...headers, 'content-encoding': 'br' } });
  }
  if (takes(accepted, 'gzip')) {
    return new Response(gzip, { headers: { ...headers, 'content-encoding': 'gzip' } });
  }
  return new Response(new Uint8Array(gunzipSync(gzip)), { headers });
}

/** @param accepted as `accept-encoding` has it; a weight of 0 is a refusal (RFC 9110, 12.4.2) */
function takes(accepted: string, encoding: string): boolean {
  return accepted.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

function text(status: number, words: string): Response {
  const headers = { ...always, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
  return new Response(`${words}\n`, { status, headers });
}
