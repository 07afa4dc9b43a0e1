import { readFileSync } from 'node:fs';
import { connect as connectPlainly, type Socket } from 'node:net';
import { connect } from 'node:tls';

/** Where they go, and whom to trust there. */
export interface SlowTarget {
  readonly port: number;
  /** The authority's certificate, PEM. */
  readonly caFile: string;
}

/** Each way in which a client can be slow, and how often it then sends a byte. */
export const slownesses = ['no handshake', 'no request', 'half a head', 'half a body', 'half a log-in'] as const;

export type Slowness = (typeof slownesses)[number];

const betweenBytes = 1_000;

const heads: Readonly<Record<Slowness, string>> = {
  'no handshake': '',
  'no request': '',
  'half a head': 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ',
  'half a body': 'POST /api/v1/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n{"email": "',
  'half a log-in': 'POST /login.html HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n',
};

const drops: Readonly<Record<Slowness, string>> = {
  'no handshake': '',
  'no request': '',
  'half a head': 'a',
  'half a body': 'a',
  'half a log-in': '1\r\na\r\n',
};

export interface SlowSocket {
  readonly slowness: Slowness;
  /** Once it has said as much as it says at once. */
  readonly opened: Promise<void>;
  /** Milliseconds after that at which the server closed it. */
  readonly closed: Promise<number>;
  destroy(): void;
}

export function openSlowSocket({ port, caFile }: SlowTarget, slowness: Slowness): SlowSocket {
  const isPlain = slowness === 'no handshake';
  const to = { host: '127.0.0.1', port };
  const socket: Socket = isPlain ? connectPlainly(to) : connect({ ...to, ca: readFileSync(caFile) });
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<number>();
  let began = performance.now();
  let drip: ReturnType<typeof setInterval> | undefined;
  socket.once(isPlain ? 'connect' : 'secureConnect', () => {
    began = performance.now();
    socket.write(heads[slowness]);
    drip = setInterval(() => socket.write(drops[slowness]), betweenBytes);
    opened.resolve();
  });
  // What is not read keeps the end from being heard.
  socket.resume();
  socket.on('error', () => undefined);
  socket.once('close', () => {
    clearInterval(drip);
    opened.resolve();
    closed.resolve(performance.now() - began);
  });
  return { slowness, opened: opened.promise, closed: closed.promise, destroy: () => socket.destroy() };
}
