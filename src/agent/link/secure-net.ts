import https from 'node:https';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fault } from '#core/fault.ts';
import type { FrameConnection, FrameHandlers, Net, NetRequest, NetResponse } from '#core/ports/net.ts';

export interface NetOptions {
  /** The server's base URL. */
  readonly server: string;
  /** PEM; no other authority is trusted. */
  readonly authority: string;
}

/** The agents' WebSocket path. */
const linkPath = '/agent/v1';
/** A request whose connection carries nothing for this long is given up. */
const silence = 60_000;
/** Answers are short: headers and an error text. */
const longestAnswer = 1024 * 1024;

/** The `Net` port over TLS: the certificate must be the pinned authority's, and the name the URL's. */
export function secureNet(options: NetOptions): Net {
  const agent = new https.Agent({ keepAlive: true, ca: options.authority, maxSockets: 8 });
  return {
    connect: (handlers) => connect(options, handlers),
    request: async (request) => {
      try {
        return await exchange(new URL(request.path, options.server), agent, request);
      } catch (cause) {
        throw new Fault('unavailable', `The server ${options.server} cannot be reached: ${wordsOf(cause)}.`, { cause });
      }
    },
  };
}

function connect(options: NetOptions, handlers: FrameHandlers): FrameConnection {
  const url = new URL(linkPath, options.server);
  url.protocol = 'wss:';
  const socket = new WebSocket(url, { tls: { ca: options.authority, rejectUnauthorized: true } });
  socket.binaryType = 'arraybuffer';
  let isClosed = false;
  const closed = (why: string) => {
    if (!isClosed) {
      isClosed = true;
      handlers.closed(why);
    }
  };
  socket.addEventListener('open', () => handlers.opened());
  socket.addEventListener('message', (event) => {
    if (event.data instanceof ArrayBuffer) {
      handlers.frame(new Uint8Array(event.data));
    }
  });
  socket.addEventListener('error', (event) => closed('message' in event ? String(event.message) : 'connection failed'));
  socket.addEventListener('close', (event) => closed(event.reason || `connection closed (${event.code})`));
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) {
        socket.send(frame);
      }
    },
    close: (why) => {
      socket.close(1000, why.slice(0, 100));
      closed(why);
    },
  };
}

async function exchange(url: URL, agent: https.Agent, request: NetRequest): Promise<NetResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<NetResponse>();
  const outgoing = https.request(url, { method: request.method, headers: { ...request.headers }, agent });
  outgoing.setTimeout(silence, () => outgoing.destroy(new Error('the server was silent for too long')));
  outgoing.on('error', reject);
  outgoing.on('response', (incoming) => {
    readAnswer(incoming).then(
      (body) => resolve({ status: incoming.statusCode ?? 0, headers: plainHeaders(incoming.headers), body }),
      reject,
    );
  });
  await Promise.race([send(outgoing, request.body), promise]);
  return promise;
}

async function send(outgoing: Writable, body: NetRequest['body']): Promise<void> {
  if (body instanceof ReadableStream) {
    await pipeline(Readable.from(body), outgoing);
    return;
  }
  outgoing.end(body);
}

async function readAnswer(incoming: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > longestAnswer) {
      throw new Error('the answer is too long');
    }
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value ?? '')] as const);
  return Object.fromEntries(entries);
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
