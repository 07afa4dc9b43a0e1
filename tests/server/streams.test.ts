import { describe, expect, test } from 'bun:test';
import { createSocket } from 'node:dgram';
import { chmodSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createSecureServer } from 'node:tls';
import { serverActor } from '#core/custody/event.ts';
import { newCursor } from '#core/feed/feed-cursor.ts';
import type { FeedStream } from '#core/ports/feeds.ts';
import { minute } from '#core/time.ts';
import { deliverToStream } from '#core/verbs/deliver-to-stream.ts';
import { feedStates } from '#core/verbs/feed-states.ts';
import { certificateFor } from '#kit/certificate.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';
import { until } from '#kit/until.ts';
import { DatagramStream } from '#server/feed/datagram-stream.ts';
import { streamsSchema } from '#server/feed/feed-settings.ts';
import { FileStream } from '#server/feed/file-stream.ts';
import { SocketStream } from '#server/feed/socket-stream.ts';
import { systemClock } from '#server/system-clock.ts';

async function happen(ports: TestPorts, count: number, filler = ''): Promise<readonly number[]> {
  return ports.store.transact(async ({ events }) => {
    const before = await events.lastSequence();
    const facts = { filler };
    const event = { type: 'logged_in', at: ports.clock.now(), actor: serverActor, facts } as const;
    await events.append(Array.from({ length: count }, () => event));
    return Array.from({ length: count }, (_, n) => before + n + 1);
  });
}

/** Whatever a receiver of syslog over a stream has been sent: messages by their octets (RFC 6587), read as a receiver would. */
class SyslogSink implements AsyncDisposable {
  readonly sockets = new Set<Socket>();
  readonly messages: string[] = [];
  readonly #server: Server;
  /** Connections that came. */
  count = 0;

  constructor(server: Server) {
    this.#server = server;
  }

  static async open(port = 0, tls?: { readonly key: string; readonly cert: string }): Promise<SyslogSink> {
    const taking = (socket: Socket) => sink.#take(socket);
    const server = tls === undefined ? createServer(taking) : createSecureServer(tls, taking);
    const sink = new SyslogSink(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return sink;
  }

  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  sequences(): readonly number[] {
    return this.messages.map((message) => Number(/sequenceId="(\d+)"/.exec(message)?.[1]));
  }

  #take(socket: Socket): void {
    this.count += 1;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    let buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      buffer = Buffer.concat([buffer, chunk]);
      for (;;) {
        const blank = buffer.indexOf(' ');
        const length = Number(buffer.subarray(0, Math.max(blank, 0)).toString());
        if (blank > 0 && !Number.isSafeInteger(length)) {
          this.messages.push(`no message: ${buffer.toString()}`);
          socket.destroy();
          return;
        }
        if (blank <= 0 || buffer.length < blank + 1 + length) {
          return;
        }
        this.messages.push(buffer.subarray(blank + 1, blank + 1 + length).toString());
        buffer = buffer.subarray(blank + 1 + length);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

const sender = { hostName: 'custody-1', processId: 7 };
const never = new AbortController().signal;

function socketStream(port: number, tls?: { readonly authorities: readonly string[] }): SocketStream {
  const place = { host: tls === undefined ? '127.0.0.1' : 'localhost', port, tls };
  return new SocketStream({ feed: 'syslog+tcp://here', from: 'first', format: 'cef', sender, ...place }, systemClock);
}

async function openFeed(stream: FeedStream) {
  const ports = await openPorts();
  await ports.store.transact(({ feeds }) => feeds.openCursor(newCursor(stream.feed, 0)));
  return {
    ports,
    turn: (stopping = never) => deliverToStream(ports, stream, { holder: 'one', stopping, count: () => undefined }),
    state: async () => (await feedStates(ports, [stream]))[0],
    async [Symbol.asyncDispose]() {
      await stream.close();
      await ports[Symbol.asyncDispose]();
    },
  };
}

describe('Syslog over TCP', () => {
  test('has every event once, in order, over one connection', async () => {
    await using sink = await SyslogSink.open();
    await using feed = await openFeed(socketStream(sink.port));
    const all = [...(await happen(feed.ports, 450, 'é')), ...(await happen(feed.ports, 3))];
    await feed.turn();
    await until('all are there', () => sink.messages.length === all.length);
    all.push(...(await happen(feed.ports, 2)));
    await feed.turn();
    await until('all are there', () => sink.messages.length === all.length);
    expect(sink.sequences()).toEqual(all);
    expect(sink.count).toBe(1);
    expect(sink.messages[0]).toMatch(
      /^<110>1 2026-11-22T12:00:00\.000Z custody-1 custody 7 logged_in \[meta sequenceId="1"\] CEF:0\|/,
    );
    expect(await feed.state()).toMatchObject({ lag: 0, failingSince: null });
  });

  test('loses nothing to a receiver that is away, breaks off, or comes back', async () => {
    const first = await SyslogSink.open();
    const { port } = first;
    await using feed = await openFeed(socketStream(port));
    const all = [...(await happen(feed.ports, 5))];
    await feed.turn();
    await until('all are there', () => first.messages.length === 5);
    await first[Symbol.asyncDispose]();
    all.push(...(await happen(feed.ports, 5)));
    await feed.turn();
    expect(await feed.state()).toMatchObject({ lag: 5, failingSince: feed.ports.clock.now() });
    await using second = await SyslogSink.open(port);
    await feed.turn();
    expect(second.messages).toEqual([]);
    feed.ports.clock.advance(minute);
    await feed.turn();
    await until('all are there', () => new Set([...first.sequences(), ...second.sequences()]).size === all.length);
    expect(second.sequences()).toEqual(all.slice(5));
  });

  test('keeps nothing as delivered that a dying connection took with it', async () => {
    await using sink = await SyslogSink.open();
    await using feed = await openFeed(socketStream(sink.port));
    await happen(feed.ports, 1);
    await feed.turn();
    await until('it is there', () => sink.messages.length === 1);
    for (const socket of sink.sockets) {
      socket.removeAllListeners('data');
      socket.once('data', () => socket.destroy());
      socket.resume();
    }
    await happen(feed.ports, 3);
    await feed.turn();
    expect(await feed.state()).toMatchObject({ lag: 3 });
    feed.ports.clock.advance(minute);
    await feed.turn();
    await until('all are there', () => sink.messages.length === 4);
    expect(sink.sequences()).toEqual([1, 2, 3, 4]);
  });

  test('stops when it is told to, whatever the receiver does', async () => {
    const stalled = createServer((socket) => void socket.pause());
    await new Promise<void>((resolve) => stalled.listen(0, '127.0.0.1', resolve));
    const address = stalled.address();
    await using feed = await openFeed(socketStream(typeof address === 'object' ? (address?.port ?? 0) : 0));
    for (let round = 0; round < 20; round += 1) {
      await happen(feed.ports, 200, 'x'.repeat(6_000));
    }
    const stopping = new AbortController();
    const turn = feed.turn(stopping.signal);
    await Bun.sleep(300);
    // Its clock stands still: nothing but the signal can end the turn.
    stopping.abort();
    await turn;
    const [cursor] = await feed.ports.store.read(({ feeds }) => feeds.cursors());
    expect(cursor?.failures).toBe(0);
    expect(cursor?.sequence).toBeLessThan(4_000);
    stalled.close();
  });
});

test('Syslog over TLS goes to who has a certificate for its name from an authority that is trusted, and to nobody else', async () => {
  await using feed = await openPorts();
  const pem = await certificateFor('localhost', feed.directory);
  await using sink = await SyslogSink.open(0, pem);
  await using trusting = await openFeed(socketStream(sink.port, { authorities: [pem.ca] }));
  await happen(trusting.ports, 3);
  await trusting.turn();
  await until('all are there', () => sink.messages.length === 3);
  await using wary = await openFeed(socketStream(sink.port, { authorities: [] }));
  await happen(wary.ports, 1);
  await wary.turn();
  expect(await wary.state()).toMatchObject({ lag: 1, lastError: expect.stringMatching(/certificate/) });
  expect(sink.messages).toHaveLength(3);
});

test('Syslog over UDP is a message a datagram, none larger than receivers take', async () => {
  const receiver = createSocket('udp4');
  const datagrams: string[] = [];
  receiver.on('message', (bytes) => void datagrams.push(bytes.toString()));
  await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve));
  const { port } = receiver.address();
  const settings = {
    feed: 'syslog+udp://here',
    from: 'first',
    format: 'ecs',
    sender,
    host: 'siem.test',
    port,
  } as const;
  await using feed = await openFeed(new DatagramStream(settings, async () => ['127.0.0.1']));
  await happen(feed.ports, 3);
  await happen(feed.ports, 1, 'x'.repeat(20_000));
  await feed.turn();
  await until('all are there', () => datagrams.length === 4);
  receiver.close();
  expect(datagrams.map((each) => /sequenceId="(\d+)"/.exec(each)?.[1])).toEqual(['1', '2', '3', '4']);
  expect(Math.max(...datagrams.map((each) => each.length))).toBeLessThan(8_200);
  expect(await feed.state()).toMatchObject({ lag: 0 });
});

describe('A file of events', () => {
  test('has a line for each, for its owner alone, and is opened anew when it was rotated', async () => {
    await using place = await openPorts();
    const path = join(place.directory, 'events.json');
    await using feed = await openFeed(new FileStream({ feed: 'file://here', from: 'first', path, format: 'ecs' }));
    await happen(feed.ports, 3);
    await feed.turn();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    renameSync(path, `${path}.1`);
    await happen(feed.ports, 2);
    await feed.turn();
    const ids = (file: string) =>
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => Number(JSON.parse(line).event.id));
    expect([ids(`${path}.1`), ids(path)]).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  test('goes on behind a line that a killed server left half, on a line of its own', async () => {
    await using place = await openPorts();
    const path = join(place.directory, 'events.json');
    writeFileSync(path, '{"half":');
    await using feed = await openFeed(new FileStream({ feed: 'file://here', from: 'first', path, format: 'native' }));
    await happen(feed.ports, 1);
    await feed.turn();
    const [half, whole] = readFileSync(path, 'utf8').split('\n');
    expect(half).toBe('{"half":');
    expect(JSON.parse(whole ?? '')).toMatchObject({ sequence: 1 });
  });

  test('that cannot be written is said so, and none behind a link is touched', async () => {
    await using place = await openPorts();
    const target = join(place.directory, 'target');
    writeFileSync(target, 'kept');
    const path = join(place.directory, 'events.json');
    symlinkSync(target, path);
    await using feed = await openFeed(new FileStream({ feed: 'file://here', from: 'first', path, format: 'native' }));
    await happen(feed.ports, 1);
    await feed.turn();
    expect(readFileSync(target, 'utf8')).toBe('kept');
    expect(await feed.state()).toMatchObject({ lag: 1, lastError: expect.stringContaining('ELOOP') });
    chmodSync(target, 0o600);
  });
});

describe('CUSTODY_SYSLOG', () => {
  test('names receivers, each with its format and usual port', () => {
    const text = [
      ...['syslog+tls://siem.example.org?format=ecs&ca=/etc/ca.pem', 'syslog+tcp://[::1]:1601?from=first'],
      ...['syslog+udp://10.0.0.1', 'file:///var/log/a%20b.json?format=native'],
    ].join(', ');
    expect(streamsSchema.parse(text)).toEqual([
      {
        ...{ feed: 'syslog+tls://siem.example.org:6514', format: 'ecs', from: 'next' },
        place: { kind: 'tls', host: 'siem.example.org', port: 6_514, authority: '/etc/ca.pem' },
      },
      {
        ...{ feed: 'syslog+tcp://[::1]:1601', format: 'cef', from: 'first' },
        place: { kind: 'tcp', host: '::1', port: 1_601, authority: undefined },
      },
      {
        ...{ feed: 'syslog+udp://10.0.0.1:514', format: 'cef', from: 'next' },
        place: { kind: 'udp', host: '10.0.0.1', port: 514, authority: undefined },
      },
      {
        feed: 'file:///var/log/a b.json',
        format: 'native',
        from: 'next',
        place: { kind: 'file', path: '/var/log/a b.json' },
      },
    ]);
    expect(streamsSchema.parse('')).toEqual([]);
  });

  test.each([
    'siem.example.org',
    'https://siem.example.org',
    'syslog://siem.example.org',
    'syslog+tls://user:secret@siem.example.org',
    'syslog+tls://siem.example.org/path',
    'syslog+tls://siem.example.org?format=xml',
    'syslog+tls://siem.example.org?fromat=cef',
    'syslog+tls://siem.example.org?ca=relative.pem',
    'syslog+udp://siem.example.org?ca=/etc/ca.pem',
    'file://host/path',
    'file:///dir/',
    'file:///%ff',
    'syslog+udp://a,syslog+udp://a:514?format=ecs',
  ])('refuses %s', (text) => {
    expect(streamsSchema.safeParse(text).success).toBe(false);
  });
});
