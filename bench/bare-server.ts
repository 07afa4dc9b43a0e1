import { readFile } from 'node:fs/promises';
import type { ServerWebSocket } from 'bun';

/**
 * The limit that the real server is held against: the same runtime and sockets, TLS and frames of an order's size,
 * but nothing signed, nothing decoded, nothing stored. POST /go sends one frame to every connection and answers when
 * each has replied.
 */
const [certificate, key] = process.argv.slice(2);
if (certificate === undefined || key === undefined) {
  throw new Error('usage: bare-server.ts CERTIFICATE KEY');
}

const order = new Uint8Array(420);
const sockets = new Set<ServerWebSocket<undefined>>();
let outstanding = 0;
let settled: (() => void) | undefined;

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  http2: true,
  tls: { cert: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') },
  async fetch(request, self) {
    if (self.upgrade(request)) {
      return undefined;
    }
    outstanding = sockets.size;
    const all = new Promise<void>((resolve) => {
      settled = resolve;
    });
    for (const socket of sockets) {
      socket.sendBinary(order);
    }
    await all;
    return new Response(`${performance.timeOrigin + performance.now()}`);
  },
  websocket: {
    perMessageDeflate: false,
    open: (socket) => void sockets.add(socket),
    close: (socket) => void sockets.delete(socket),
    message() {
      outstanding -= 1;
      if (outstanding === 0) {
        settled?.();
      }
    },
  },
});

process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
