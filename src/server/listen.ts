import { chmod, rm } from 'node:fs/promises';
import type { Server, WebSocketHandler } from 'bun';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import { AddressLimit } from './address-limit.ts';
import type { ListenAddress } from './config.ts';
import { pacedRequest } from './paced-body.ts';
import type { Connection } from './router.ts';

/** A JSON body on a vendor's route, and a little more: the largest body that anyone may send. */
const largestBody = 40 * 1024 * 1024;
/** Of a body that no operation has read, this much is waited for before the answer goes out. */
const largestUnwanted = 32 * 1024 * 1024;
/** Seconds without a byte after which a connection is closed; agents' WebSockets have their own. */
const idleSeconds = 120;

export interface Listening<SocketData> {
  readonly address: ListenAddress;
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly adminSocket: string;
  answer(request: Request, connection: Connection): Promise<Response>;
  readonly log: Log;
  readonly clock: Pick<Clock, 'monotonic' | 'schedule'>;
  /** Whether HTTP/2 is offered beside HTTP/1.1. */
  readonly http2: boolean;
  /** Requests that one address may have under way; 0: no limit. */
  readonly mostOfAddress: number;
  /** Where agents open their WebSocket. */
  readonly socketPath: string;
  /** Whose bodies are heard only from enrolled agents, which may be slow by the will of their owners. */
  readonly uploadsPath: string;
  /** Takes an agent's WebSocket; an answer where the request is none. */
  upgrade(request: Request, server: Server<SocketData>): Response | undefined;
  readonly websocket: WebSocketHandler<SocketData>;
}

export interface Listener {
  readonly port: number;
  /** Takes no more connections, has `settle` end what runs behind the open ones, and then closes those too. */
  close(settle: () => Promise<void>): Promise<void>;
}

/**
 * Serves HTTP/1.1, HTTP/2 and WebSockets over TLS on one port, and the same answers on the admin socket.
 * @throws Fault `unavailable` when the port is taken or the address is not this machine's.
 */
export async function listen<SocketData>(listening: Listening<SocketData>): Promise<Listener> {
  const network = serveNetwork(listening);
  const admin = await serveAdminSocket(listening);
  return {
    port: network.port ?? listening.address.port,
    async close(settle) {
      const drained = [network.stop(), admin.stop()];
      await settle();
      await network.stop(true);
      await admin.stop(true);
      await Promise.all(drained);
      await rm(listening.adminSocket, { force: true });
    },
  };
}

function serveNetwork<SocketData>(listening: Listening<SocketData>): Server<SocketData> {
  const { host, port } = listening.address;
  const limit = new AddressLimit(listening.mostOfAddress);
  try {
    return Bun.serve<SocketData>({
      hostname: host,
      port,
      http2: listening.http2,
      tls: { cert: listening.certificatePem, key: listening.keyPem },
      maxRequestBodySize: largestBody,
      idleTimeout: idleSeconds,
      websocket: listening.websocket,
      development: false,
      // Outside development the runtime would share a taken port with whoever has it.
      reusePort: false,
      error: (error) => answerPlainly(listening, error),
      async fetch(request, server) {
        if (!URL.canParse(request.url)) {
          return badAddress();
        }
        const { pathname } = new URL(request.url);
        if (pathname === listening.socketPath) {
          return listening.upgrade(request, server);
        }
        const connection = { remoteAddress: server.requestIP(request)?.address ?? '', local: false };
        if (!limit.begin(connection.remoteAddress)) {
          return tooMany();
        }
        try {
          const isUpload = pathname.startsWith(`${listening.uploadsPath}/`);
          const answering = isUpload ? answerUpload : answerPaced;
          return closingWhenAsked(request, await answering(listening, request, connection));
        } finally {
          limit.end(connection.remoteAddress);
        }
      },
    });
  } catch (cause) {
    const why =
      cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE' ? 'is in use' : 'cannot be used';
    const advice = 'Stop the program that has it, or choose another with CUSTODY_LISTEN.';
    throw new Fault('unavailable', `The address ${host}:${port} ${why}. ${advice}`, { cause });
  }
}

async function serveAdminSocket<SocketData>(listening: Listening<SocketData>): Promise<Server<undefined>> {
  await rm(listening.adminSocket, { force: true });
  const before = process.umask(0o177);
  try {
    const server = Bun.serve({
      unix: listening.adminSocket,
      maxRequestBodySize: largestBody,
      development: false,
      error: (error) => answerPlainly(listening, error),
      fetch: (request) => listening.answer(request, { remoteAddress: 'local', local: true }),
    });
    await chmod(listening.adminSocket, 0o600);
    return server;
  } finally {
    process.umask(before);
  }
}

/** What no part of the server caught; a stranger learns nothing of it. */
function answerPlainly({ log }: { readonly log: Log }, cause: Error): Response {
  log.error('A request failed outside every dialect.', { cause });
  return new Response('Internal Server Error\n', { status: 500, headers: { 'content-type': 'text/plain' } });
}

type Answering = Pick<Listening<unknown>, 'answer' | 'clock'>;

async function answerPaced(listening: Answering, request: Request, connection: Connection): Promise<Response> {
  const { request: paced, tooSlow } = pacedRequest(request, listening.clock);
  const response = await Promise.race([listening.answer(paced, connection), tooSlow.then(answerTooSlow)]);
  await readRest(paced);
  return response;
}

/** Of a stranger it is refused with its body unread, and only then the pace holds. */
async function answerUpload(listening: Answering, request: Request, connection: Connection): Promise<Response> {
  const response = await listening.answer(request, connection);
  if (!request.bodyUsed) {
    await readRest(pacedRequest(request, listening.clock).request);
  }
  return response;
}

/** The runtime closes a connection of HTTP/1.1 with it, and resets a stream of HTTP/2. */
function answerTooSlow(): Response {
  const words = 'The body came too slowly.\n';
  return new Response(words, { status: 408, headers: { 'content-type': 'text/plain', connection: 'close' } });
}

function tooMany(): Response {
  const words = 'This address has too many requests under way. Try again when one has ended.\n';
  const headers = { 'content-type': 'text/plain', 'retry-after': '1', connection: 'close' };
  return new Response(words, { status: 429, headers });
}

/** HTTP/1.0 without a Host, or a Host that is none. */
function badAddress(): Response {
  const words = 'The request names no host that can be understood.\n';
  return new Response(words, { status: 400, headers: { 'content-type': 'text/plain' } });
}

/**
 * Reads a body that nobody wanted, for a refusal often needs none of it: over HTTP/2 the runtime resets the stream of a
 * request whose answer is ready before its body has come, and the client sees an error in place of the answer.
 */
async function readRest(request: Request): Promise<void> {
  if (request.body === null || request.bodyUsed) {
    return;
  }
  const reader = request.body.getReader();
  try {
    for (let size = 0; size <= largestUnwanted; ) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      size += value.length;
    }
    await reader.cancel();
  } catch {
    // The client has gone away, and the answer with it.
  }
}

/** The runtime closes when asked, without saying so; clients then reuse a dead socket. */
function closingWhenAsked(request: Request, response: Response): Response {
  if (request.headers.get('connection')?.toLowerCase() === 'close') {
    response.headers.set('connection', 'close');
  }
  return response;
}
