import { once } from 'node:events';
import { chmod, chown, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:net';
import { asFault, Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import { decode, encode } from '#wire/codec.ts';
import { limits } from '#wire/limits.ts';
import { type SignerAnswer, type SignerQuestion, signerPath, signerQuestionSchema } from '#wire/signer.ts';
import { readMessage } from '../read-message.ts';
import type { SignerAddress } from './policy.ts';

/** What a signer shows to a server, and by which authority it knows one; PEM. */
export interface SignerCertificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export interface SignerListening {
  readonly address: SignerAddress;
  /** Needed where the address is no file. */
  readonly certificates: SignerCertificates | undefined;
  readonly log: Log;
  answer(question: SignerQuestion): Promise<SignerAnswer>;
}

export interface SignerListener {
  /** Undefined where the address is a file. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

/**
 * Listens. A stranger never gets as far as a question: a file lets in its owner and its group, and over the network nobody is heard
 * who shows no certificate of the signer's own authority.
 * @throws Fault `unavailable` where the address cannot be used, `conflict` where another signer has it.
 */
export async function listenForServer(listening: SignerListening): Promise<SignerListener> {
  const handle = (request: IncomingMessage, response: ServerResponse) => void serve(listening, request, response);
  const server = listening.address.kind === 'unix' ? createServer(handle) : secureServer(listening, handle);
  try {
    await (listening.address.kind === 'unix' ? bindFile(server, listening.address) : bind(server, listening.address));
  } catch (cause) {
    if (cause instanceof Fault) {
      throw cause;
    }
    throw new Fault('unavailable', 'The signer cannot listen where signer.toml says.', { cause });
  }
  const place = server.address();
  return {
    port: typeof place === 'object' && place !== null ? place.port : undefined,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function secureServer(
  { certificates }: SignerListening,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  if (certificates === undefined) {
    throw new Fault('invalid_request', 'A tls:// address needs certificates: `custody signer init --tls` makes them.');
  }
  const { authority: ca, certificate: cert, key } = certificates;
  const mutual = { requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' } as const;
  return createSecureServer({ ca, cert, key, ...mutual }, handle);
}

async function bind(server: Server, { host, port }: Extract<SignerAddress, { kind: 'tls' }>): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

/** The file lets nobody in before it has its group and mode. */
async function bindFile(server: Server, { path, group }: Extract<SignerAddress, { kind: 'unix' }>): Promise<void> {
  if (await answers(path)) {
    throw new Fault('conflict', `Another signer listens at ${path}.`);
  }
  await rm(path, { force: true });
  const before = process.umask(0o177);
  try {
    server.listen(path);
    await once(server, 'listening');
  } finally {
    process.umask(before);
  }
  if (group === undefined) {
    await chmod(path, 0o600);
    return;
  }
  await chown(path, process.getuid?.() ?? 0, group);
  await chmod(path, 0o660);
}

/** A file that a killed signer left refuses. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Never rejects. What the server asked wrongly is its to know; what failed here is told without its cause. */
async function serve(
  { answer, log }: SignerListening,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (request.method !== 'POST' || request.url !== signerPath) {
      request.resume();
      response.writeHead(404).end();
      return;
    }
    const question = decode(await readBody(request), signerQuestionSchema);
    const bytes = encode(await answer(question));
    response.writeHead(200, { 'content-type': 'application/msgpack', 'content-length': bytes.length }).end(bytes);
  } catch (thrown) {
    const fault = asFault(thrown);
    log.error('A question could not be answered.', { cause: fault });
    const status = fault.code === 'invalid_request' || fault.code === 'too_large' ? 400 : 503;
    response.writeHead(status, { 'content-type': 'text/plain' }).end(fault.message);
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const most = limits.frameBytes;
  const tooLong = () => new Fault('too_large', `A question has at most ${most} bytes.`);
  return new Uint8Array(await readMessage(request, { most, tooLong }));
}
