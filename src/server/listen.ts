import { chmod, rm } from 'node:fs/promises';
import type { Server, WebSocketHandler } from 'bun';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import { AddressLimit } from './address-limit.ts';
import type { ListenAddress } from './config.ts';
import { EarlyRefusals } from './early-refusals.ts';
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
  /** Where agents are served, and nobody else; undefined: only beside everybody else. */
  readonly agentAddress: ListenAddress | undefined;
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
  /** What agents ask for lies here and below; `socketPath` and `uploadsPath` do. */
  readonly agentPath: string;
  /** Whose bodies are heard only from enrolled agents, which may be slow by the will of their owners. */
  readonly uploadsPath: string;
  /** Takes an agent's WebSocket; an answer where the request is none. */
  upgrade(request: Request, server: Server<SocketData>): Response | undefined;
  readonly websocket: WebSocketHandler<SocketData>;
}

export interface Listener {
  readonly port: number;
  /** Undefined where agents have no port of their own. */
  readonly agentPort: number | undefined;
  /** Takes no more connections, has `settle` end what runs behind the open ones, and then closes those too. */
  close(settle: () => Promise<void>): Promise<void>;
}

/** One port: whom it serves, and with what. */
interface Door {
  readonly address: ListenAddress;
  readonly setting: 'CUSTODY_LISTEN' | 'CUSTODY_AGENT_LISTEN';
  readonly http2: boolean;
  serves(pathname: string): boolean;
}

/** For whoever spreads agents over servers. */
const probes: readonly string[] = ['/healthz', '/readyz'];

/**
 * Serves HTTP/1.1, HTTP/2 and WebSockets over TLS on one port, and the same answers on the admin socket. Agents may have another port,
 * with limits of its own, so that what they do keeps nobody else out (promise P69).
 * @throws Fault `unavailable` when a port is taken, an address is not this machine's, or the admin socket cannot be made; nothing stays open then.
 */
export async function listen<SocketData>(listening: Listening<SocketData>): Promise<Listener> {
  const servers: Server<unknown>[] = [];
  const opened = <Data>(server: Server<Data>): Server<Data> => {
    servers.push(server);
    return server;
  };
  try {
    const network = opened(serveNetwork(listening, mainDoor(listening)));
    const door = agentDoor(listening);
    const agents = door && opened(serveNetwork(listening, door));
    await serveAdminSocket(listening, opened);
    return {
      port: network.port ?? listening.address.port,
      agentPort: agents?.port,
      async close(settle) {
        const drained = servers.map((server) => server.stop());
        await settle();
        await Promise.all(servers.map((server) => server.stop(true)));
        await Promise.all(drained);
        await rm(listening.adminSocket, { force: true });
      },
    };
  } catch (thrown) {
    // A port that stays open would be taken for a server, and keep the process alive that failed to start.
    await Promise.all(servers.map((server) => server.stop(true)));
    throw thrown;
  }
}

function mainDoor({ address, http2 }: Pick<Listening<unknown>, 'address' | 'http2'>): Door {
  return { address, setting: 'CUSTODY_LISTEN', http2, serves: () => true };
}

function agentDoor({
  agentAddress: address,
  agentPath,
}: Pick<Listening<unknown>, 'agentAddress' | 'agentPath'>): Door | undefined {
  const serves = (pathname: string) =>
    pathname === agentPath || pathname.startsWith(`${agentPath}/`) || probes.includes(pathname);
  return address && { address, setting: 'CUSTODY_AGENT_LISTEN', http2: false, serves };
}

function serveNetwork<SocketData>(listening: Listening<SocketData>, door: Door): Server<SocketData> {
  const { host, port } = door.address;
  const limit = new AddressLimit(listening.mostOfAddress);
  const refusals = new EarlyRefusals(listening);
  try {
    return Bun.serve<SocketData>({
      hostname: host,
      port,
      http2: door.http2,
      tls: { cert: listening.certificatePem, key: listening.keyPem },
      maxRequestBodySize: largestBody,
      idleTimeout: idleSeconds,
      websocket: listening.websocket,
      development: false,
      // Outside development the runtime would share a taken port with whoever has it.
      reusePort: false,
      error: (error) => answerPlainly(listening, error),
      async fetch(request, server) {
        const connection = { remoteAddress: server.requestIP(request)?.address ?? '', local: false };
        if (!URL.canParse(request.url)) {
          refusals.tell('no host that can be understood', connection.remoteAddress);
          return badAddress();
        }
        const { pathname } = new URL(request.url);
        if (!door.serves(pathname)) {
          refusals.tell('only agents are served here', connection.remoteAddress);
          return agentsOnly();
        }
        if (pathname === listening.socketPath) {
          return listening.upgrade(request, server);
        }
        if (!limit.begin(connection.remoteAddress)) {
          refusals.tell('too many requests under way', connection.remoteAddress);
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
    const advice = `Stop the program that has it, or choose another with ${door.setting}.`;
    throw new Fault('unavailable', `The address ${host}:${port} ${why}. ${advice}`, { cause });
  }
}

/** The runtime heeds it on a Unix socket, too, though its types say otherwise; without it an answer that pauses is cut after 10 seconds. */
const localPatience: object = { idleTimeout: idleSeconds };

async function serveAdminSocket(
  listening: Pick<Listening<unknown>, 'adminSocket' | 'log' | 'answer'>,
  opened: (server: Server<undefined>) => void,
): Promise<void> {
  const { adminSocket } = listening;
  const before = process.umask(0o177);
  try {
    await rm(adminSocket, { force: true });
    opened(
      Bun.serve({
        unix: adminSocket,
        ...localPatience,
        maxRequestBodySize: largestBody,
        development: false,
        error: (error) => answerPlainly(listening, error),
        fetch: (request) => listening.answer(request, { remoteAddress: 'local', local: true }),
      }),
    );
    await chmod(adminSocket, 0o600);
  } catch (cause) {
    const advice = 'See that nothing else lies there, and that the path is shorter than 100 bytes.';
    throw new Fault('unavailable', `The admin socket ${adminSocket} cannot be used. ${advice}`, { cause });
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

function agentsOnly(): Response {
  const words = 'Only agents are served on this port. People and programs have another one.\n';
  return new Response(words, { status: 404, headers: { 'content-type': 'text/plain', connection: 'close' } });
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
