import { request as httpsRequest } from 'node:https';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Net, NetRequest, NetResponse } from '#core/ports/net.ts';
import { type Milliseconds, minute } from '#core/time.ts';
import { systemClock } from '../platform/system-clock.ts';
import { openFrameSocket } from './frame-socket.ts';
import { Connections, type Route } from './route.ts';
import { SilenceWatch } from './silence-watch.ts';

/** Answers are short: headers and an error text. */
const longestAnswer = 1024 * 1024;

export interface NetTools {
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** A request whose connection carries nothing for this long is given up. Default: one minute. */
  readonly patience?: Milliseconds;
}

/**
 * The `Net` port over TLS: the certificate must be a pinned authority's, and the name the URL's. The route is asked for with
 * each connection and each request.
 */
export function secureNet(route: () => Route, { clock = systemClock, patience = minute }: NetTools = {}): Net {
  const connections = new Connections();
  return {
    connect: (handlers) => openFrameSocket(route(), handlers),
    request: async (request) => {
      const chosen = route();
      const exchange = new Exchange(chosen, connections, request);
      const watch = new SilenceWatch(clock, patience, () => exchange.giveUp('the connection was silent for too long'));
      const stop = () => exchange.giveUp('the agent is stopping');
      request.signal?.addEventListener('abort', stop);
      try {
        if (request.signal?.aborted === true) {
          stop();
        }
        return await exchange.run(() => watch.moved());
      } catch (cause) {
        throw new Fault('unavailable', `The server ${chosen.server} cannot be reached: ${wordsOf(cause)}.`, { cause });
      } finally {
        watch.end();
        exchange.end();
        request.signal?.removeEventListener('abort', stop);
      }
    },
  };
}

/** One request and its answer. */
class Exchange {
  private readonly outgoing: ReturnType<typeof httpsRequest>;
  private readonly body: NetRequest['body'];
  private readonly answer = Promise.withResolvers<NetResponse>();

  constructor(route: Route, connections: Connections, { method, path, headers, body }: NetRequest) {
    const agent = connections.agentFor(route);
    this.outgoing = httpsRequest(new URL(path, route.server), { method, headers: { ...headers }, agent });
    this.body = body;
  }

  async run(moved: () => void): Promise<NetResponse> {
    const { promise, resolve, reject } = this.answer;
    this.outgoing.on('error', reject);
    this.outgoing.on('response', (incoming) => {
      moved();
      readAnswer(incoming).then(
        (body) => resolve({ status: incoming.statusCode ?? 0, headers: plainHeaders(incoming.headers), body }),
        reject,
      );
    });
    await Promise.race([send(this.outgoing, this.body, moved), promise]);
    return await promise;
  }

  /** A server may answer before it has heard the whole body, and then hears no more of it: what is still to be said must not wait for it. */
  end(): void {
    if (!this.outgoing.writableFinished) {
      this.outgoing.destroy();
    }
  }

  giveUp(words: string): void {
    const why = new Error(words);
    this.answer.reject(why);
    this.outgoing.destroy(why);
  }
}

async function send(outgoing: Writable, body: NetRequest['body'], moved: () => void): Promise<void> {
  if (body instanceof ReadableStream) {
    await pipeline(Readable.from(told(body, moved)), outgoing);
    return;
  }
  outgoing.end(body);
}

/** A piece is asked for when the connection has room again. */
async function* told(body: ReadableStream<Uint8Array>, moved: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    moved();
    yield piece;
  }
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
