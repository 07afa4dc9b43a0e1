import { expect, test } from 'bun:test';
import { createAgentSockets } from '#gateway/bun-socket.ts';
import { decode, encode } from '#wire/codec.ts';
import { limits } from '#wire/limits.ts';
import { type ServerMessage, serverMessageSchema } from '#wire/messages.ts';
import { Fleet } from './fleet.ts';
import { until } from './until.ts';

/** A client on the loopback that keeps what it hears. */
class Client implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly closed: Promise<CloseEvent>;
  readonly #heard: ServerMessage[] = [];
  #wake: () => void = () => undefined;

  constructor(port: number | undefined) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/agent/v1`);
    this.socket.binaryType = 'arraybuffer';
    this.closed = new Promise((resolve) => this.socket.addEventListener('close', resolve));
    this.socket.addEventListener('message', ({ data }) => {
      this.#heard.push(decode(new Uint8Array(data), serverMessageSchema));
      this.#wake();
    });
  }

  async next(): Promise<ServerMessage> {
    for (;;) {
      const message = this.#heard.shift();
      if (message !== undefined) {
        return message;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

function serve(fleet: Fleet) {
  const { websocket, upgrade } = createAgentSockets(fleet.gateway);
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    websocket,
    fetch: (request, self) => upgrade(request, self),
  });
  return { port: server.port, url: server.url, [Symbol.asyncDispose]: () => server.stop(true) };
}

test('A WebSocket is challenged, and its end is the end of the session.', async () => {
  await using fleet = await Fleet.open();
  await using server = serve(fleet);
  const client = new Client(server.port);
  expect(await client.next()).toMatchObject({ type: 'challenge', versions: [4, 3, 2, 1] });
  expect(fleet.gateway.counts.strangers).toBe(1);
  await client[Symbol.asyncDispose]();
  await until(() => fleet.gateway.counts.strangers === 0);
});

test.each([
  ['a text frame', 'hello'],
  ['a frame that breaks the schema', encode({ type: 'nonsense' })],
])('%s is refused in words before the socket closes.', async (_name, frame) => {
  await using fleet = await Fleet.open();
  await using server = serve(fleet);
  await using client = new Client(server.port);
  await client.next();
  client.socket.send(frame);
  expect(await client.next()).toMatchObject({ type: 'refused', final: false });
  expect((await client.closed).code).toBe(1001);
});

test('A frame beyond the limit is never taken in.', async () => {
  await using fleet = await Fleet.open();
  await using server = serve(fleet);
  await using client = new Client(server.port);
  await client.next();
  client.socket.send(new Uint8Array(limits.frameBytes + 1));
  await client.closed;
  await until(() => fleet.gateway.counts.strangers === 0);
});

test('A request that is no WebSocket is told so.', async () => {
  await using fleet = await Fleet.open();
  await using server = serve(fleet);
  expect((await fetch(new URL('/agent/v1', server.url))).status).toBe(426);
});
