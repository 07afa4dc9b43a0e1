import { chmod, rm } from 'node:fs/promises';
import type { Server, WebSocketHandler } from 'bun';
import { Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import type { ListenAddress } from './config.ts';
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
  /** Where agents open their WebSocket. */
  readonly socketPath: string;
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
  try {
    return Bun.serve<SocketData>({
      hostname: host,
      port,
      http2: true,
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
        if (new URL(request.url).pathname === listening.socketPath) {
          return listening.upgrade(request, server);
        }
        const connection = { remoteAddress: server.requestIP(request)?.address ?? '', local: false };
        const response = await listening.answer(request, connection);
        await readRest(request);
        return closingWhenAsked(request, response);
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
