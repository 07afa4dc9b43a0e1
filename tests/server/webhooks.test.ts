import { describe, expect, test } from 'bun:test';
import { type EventType, serverActor } from '#core/custody/event.ts';
import { Fault } from '#core/fault.ts';
import { parseWebhookHosts, type WebhookHosts } from '#core/feed/webhook-hosts.ts';
import type { WebhookSender } from '#core/ports/feeds.ts';
import { hour, minute, second } from '#core/time.ts';
import { changeWebhook } from '#core/verbs/change-webhook.ts';
import { createWebhook, type NewWebhook } from '#core/verbs/create-webhook.ts';
import { deleteWebhook } from '#core/verbs/delete-webhook.ts';
import { deliverToWebhook } from '#core/verbs/deliver-to-webhook.ts';
import { dropLetters } from '#core/verbs/drop-letters.ts';
import { feedStates } from '#core/verbs/feed-states.ts';
import type { DeliveryResult } from '#core/verbs/feed-turn.ts';
import { redeliverLetters } from '#core/verbs/redeliver-letters.ts';
import { rotateWebhookSecret } from '#core/verbs/rotate-webhook-secret.ts';
import { testWebhook } from '#core/verbs/test-webhook.ts';
import { certificateFor } from '#kit/certificate.ts';
import { administrator } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';
import { isSigned, openReceiver, type Receiver } from '#kit/webhook-receiver.ts';
import { createWebhookSender, type Resolve } from '#server/feed/webhook-sender.ts';

function hostsOf(...parts: readonly string[]): WebhookHosts {
  const hosts = parseWebhookHosts(parts);
  if ('wrong' in hosts) {
    throw new Error(`No host: ${hosts.wrong}`);
  }
  return hosts;
}

const asked: NewWebhook = { name: 'chat', url: '', format: 'native', attempts: 3, groups: [], types: ['logged_in'] };

async function happen(ports: TestPorts, count: number, type: EventType = 'logged_in'): Promise<readonly number[]> {
  return ports.store.transact(async ({ events }) => {
    const before = await events.lastSequence();
    const at = ports.clock.now();
    await events.append(Array.from({ length: count }, (_, n) => ({ type, at, actor: serverActor, facts: { n } })));
    return Array.from({ length: count }, (_, n) => before + n + 1);
  });
}

/** A receiver, a webhook that goes there, and turns at delivering to it. */
async function openDesk(changes: Partial<NewWebhook> = {}) {
  const receiver = openReceiver();
  const ports = await openPorts({ webhookHosts: hostsOf(`127.0.0.1:${receiver.port}`) });
  const { webhook, secret } = await createWebhook(ports, administrator, { ...asked, url: receiver.url, ...changes });
  const results: DeliveryResult[] = [];
  return {
    ...{ receiver, ports, secret, id: webhook.id, results },
    async turn(
      holder = 'one',
      sender: Pick<WebhookSender, 'send'> = ports.feeds,
      stopping = new AbortController().signal,
    ) {
      const found = await ports.store.read(({ feeds }) => feeds.webhookById(webhook.id));
      if (found !== undefined) {
        const turn = { holder, stopping, count: (result: DeliveryResult) => void results.push(result) };
        await deliverToWebhook({ ...ports, sender }, found, turn);
      }
    },
    state: async () => (await feedStates(ports, []))[0],
    letters: async () =>
      (await ports.store.read(({ feeds }) => feeds.deadLetters(webhook.id, { offset: 0, limit: 10 }))).items,
    async [Symbol.asyncDispose]() {
      receiver[Symbol.dispose]();
      await ports[Symbol.asyncDispose]();
    },
  };
}

async function faultOf(promise: Promise<unknown>): Promise<Fault | undefined> {
  try {
    await promise;
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Fault) {
      return thrown;
    }
    throw thrown;
  }
}

const failing =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    new Response(null, { status, headers });

describe('A webhook', () => {
  test('is told of every event that it wants, once, in order, signed, and of no other', async () => {
    await using desk = await openDesk();
    await happen(desk.ports, 5, 'logged_out');
    const wanted = await happen(desk.ports, 250);
    await happen(desk.ports, 3, 'logged_out');
    await desk.turn();
    expect(desk.receiver.taken()).toEqual(wanted);
    const now = desk.ports.clock.now() / second;
    for (const received of desk.receiver.received) {
      expect(isSigned(received, desk.secret, now)).toBe(true);
      expect(isSigned({ ...received, text: `${received.text} ` }, desk.secret, now)).toBe(false);
      expect(received.headers.get('content-type')).toBe('application/json');
    }
    expect(new Set(desk.receiver.received.map(({ headers }) => headers.get('webhook-id'))).size).toBe(250);
    expect(await desk.state()).toMatchObject({ lag: 0, failingSince: null, deliveredAt: desk.ports.clock.now() });
    await desk.turn();
    expect(desk.receiver.received).toHaveLength(250);
  });

  test('of all events begins with the one that tells of it, which does not say more of its address than where it is', async () => {
    await using desk = await openDesk({ types: [], format: 'ecs' });
    await desk.turn();
    const [first] = desk.receiver.received;
    expect(JSON.parse(first?.text ?? '')).toMatchObject({ event: { action: 'webhook_created' } });
    expect(first?.text).not.toContain('in-the-path');
    expect(first?.text).not.toContain(desk.secret.slice(6, 20));
    expect(first?.path).toBe('/custody');
  });

  test('that is away is told of everything when it is back, in order', async () => {
    await using desk = await openDesk({ attempts: 14 });
    desk.receiver.answer = failing(503);
    const wanted = await happen(desk.ports, 3);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await desk.turn();
      desk.ports.clock.advance(minute);
    }
    expect(desk.receiver.received).toHaveLength(4);
    expect(new Set(desk.receiver.received.map(({ headers }) => headers.get('webhook-id'))).size).toBe(1);
    expect(await desk.state()).toMatchObject({
      ...{ lag: 4, lastError: 'It answered 503.', deadLetters: 0 },
      failingSince: desk.ports.clock.now() - 4 * minute,
    });
    desk.receiver.answer = failing(200);
    await desk.turn();
    expect(desk.receiver.taken()).toEqual(wanted);
    expect(await desk.state()).toMatchObject({ lag: 0, failingSince: null });
  });
});

describe('An event that a webhook does not take', () => {
  test('is not tried before its time, and a receiver’s own word on that counts', async () => {
    await using desk = await openDesk();
    desk.receiver.answer = failing(429, { 'retry-after': '600' });
    await happen(desk.ports, 1);
    await desk.turn();
    desk.ports.clock.advance(10 * minute - 1);
    await desk.turn();
    expect(desk.receiver.received).toHaveLength(1);
    desk.ports.clock.advance(1);
    await desk.turn();
    expect(desk.receiver.received).toHaveLength(2);
    desk.receiver.answer = failing(503, {
      'retry-after': new Date(desk.ports.clock.now() + 30 * minute).toUTCString(),
    });
    desk.ports.clock.advance(10 * minute);
    await changeWebhook(desk.ports, administrator, { id: desk.id, changes: { attempts: 20 } });
    await desk.turn();
    desk.ports.clock.advance(19 * minute);
    await desk.turn();
    expect(desk.receiver.received).toHaveLength(3);
  });

  test('holds up the others not for ever, and can be sent again', async () => {
    await using desk = await openDesk();
    const [poison, ...others] = await happen(desk.ports, 4);
    const isPoison = (text: string) => JSON.parse(text).sequence === poison;
    desk.receiver.answer = ({ text }) => new Response(null, { status: isPoison(text) ? 500 : 204 });
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await desk.turn();
      desk.ports.clock.advance(hour);
    }
    expect(desk.receiver.taken()).toEqual(others);
    expect(await desk.letters()).toMatchObject([{ sequence: poison, attempts: 3, error: 'It answered 500.' }]);
    expect(desk.results).toEqual(['failed', 'failed', 'given_up', 'delivered', 'delivered', 'delivered']);
    expect(await redeliverLetters(desk.ports, { webhookId: desk.id })).toBe(1);
    await desk.turn();
    expect(await desk.letters()).toMatchObject([{ sequence: poison, attempts: 4, isWanted: false }]);
    desk.receiver.answer = failing(200);
    await redeliverLetters(desk.ports, { webhookId: desk.id, sequences: [poison ?? 0] });
    await desk.turn();
    expect(desk.receiver.taken()).toEqual([...others, poison ?? 0]);
    expect(await desk.letters()).toEqual([]);
    const ids = desk.receiver.received
      .filter(({ text }) => isPoison(text))
      .map(({ headers }) => headers.get('webhook-id'));
    expect([ids.length, new Set(ids).size]).toEqual([5, 1]);
  });

  test('is given up after a few times where the receiver says that it never will, and after a day in any case', async () => {
    await using desk = await openDesk({ attempts: 20 });
    desk.receiver.answer = failing(422);
    const [refused, tried] = await happen(desk.ports, 2);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await desk.turn();
      desk.ports.clock.advance(hour);
    }
    expect(await desk.letters()).toMatchObject([{ sequence: refused, attempts: 5 }]);
    desk.receiver.answer = failing(500);
    await desk.turn();
    desk.ports.clock.advance(25 * hour);
    await desk.turn();
    expect(await desk.letters()).toMatchObject([{ sequence: refused }, { sequence: tried, attempts: 2 }]);
  });

  test('can be dropped, which is recorded, and the event stays', async () => {
    await using desk = await openDesk({ attempts: 1 });
    desk.receiver.answer = failing(500);
    const [one] = await happen(desk.ports, 1);
    await desk.turn();
    const choice = { webhookId: desk.id, sequences: [one ?? 0] };
    expect(await dropLetters(desk.ports, administrator, choice)).toBe(1);
    expect(await dropLetters(desk.ports, administrator, choice)).toBe(0);
    const events = await desk.ports.store.read((reader) => reader.events.list({}, 0, 100));
    expect(events.filter(({ type }) => type === 'webhook_letters_dropped')).toMatchObject([
      { facts: { count: 1, sequences: [one] } },
    ]);
    expect(events.some(({ sequence }) => sequence === one)).toBe(true);
  });
});

describe('A webhook that is changed', () => {
  test('is told nothing while it is paused, and everything afterwards', async () => {
    await using desk = await openDesk();
    const { id } = desk;
    const wanted = await happen(desk.ports, 2);
    await changeWebhook(desk.ports, administrator, { id, changes: { paused: true } });
    expect(await desk.state()).toMatchObject({ paused: true });
    await changeWebhook(desk.ports, administrator, { id, changes: { paused: false, format: 'ecs' } });
    await desk.turn();
    expect(desk.receiver.received.map(({ text }) => Number(JSON.parse(text).event.id))).toEqual([...wanted]);
  });

  test('that is deleted in the middle of a turn is told no more', async () => {
    await using desk = await openDesk();
    await happen(desk.ports, 50);
    desk.receiver.answer = async () => {
      if (desk.receiver.received.length === 2) {
        await deleteWebhook(desk.ports, administrator, desk.id);
        await Bun.sleep(1_050);
      }
      return new Response();
    };
    await desk.turn();
    expect(desk.receiver.received.length).toBeLessThan(5);
    await desk.turn();
    expect(await desk.ports.store.read(({ feeds }) => feeds.cursors())).toEqual([]);
    expect((await faultOf(testWebhook(desk.ports, desk.id)))?.code).toBe('not_found');
  });

  test('changes its secret while both are good, and then only the new one is', async () => {
    await using desk = await openDesk();
    const { id, ports, receiver } = desk;
    const signedBy = async (secret: string) => {
      await happen(ports, 1);
      await desk.turn();
      const received = receiver.received.at(-1);
      return received !== undefined && isSigned(received, secret, ports.clock.now() / second);
    };
    const { secret } = await rotateWebhookSecret(ports, administrator, { id, overlap: hour });
    expect([await signedBy(secret), await signedBy(desk.secret)]).toEqual([true, true]);
    ports.clock.advance(hour);
    expect([await signedBy(secret), await signedBy(desk.secret)]).toEqual([true, false]);
    const { secret: third } = await rotateWebhookSecret(ports, administrator, { id, overlap: 0 });
    expect([await signedBy(third), await signedBy(secret)]).toEqual([true, false]);
  });

  test('is tried with one message that is no event', async () => {
    await using desk = await openDesk();
    expect(await testWebhook(desk.ports, desk.id)).toEqual({ kind: 'taken', status: 204 });
    const [received] = desk.receiver.received;
    expect(JSON.parse(received?.text ?? '')).toMatchObject({ type: 'test', webhookId: desk.id });
    expect(received && isSigned(received, desk.secret, desk.ports.clock.now() / second)).toBe(true);
    desk.receiver.answer = failing(401);
    expect(await testWebhook(desk.ports, desk.id)).toMatchObject({ kind: 'failed', status: 401 });
    desk.receiver[Symbol.dispose]();
    expect(await testWebhook(desk.ports, desk.id)).toMatchObject({ kind: 'failed', status: null });
  });

  test('cannot be made by who may not read events, nor to where the settings do not let it go', async () => {
    await using desk = await openDesk();
    const by = { ...administrator, role: { name: 'Only this', permissions: ['server.manage'] as const } };
    const request = { ...asked, url: desk.receiver.url };
    expect((await faultOf(createWebhook(desk.ports, by, request)))?.code).toBe('permission_denied');
    const elsewhere = await faultOf(
      createWebhook(desk.ports, administrator, { ...request, url: 'https://elsewhere.example/' }),
    );
    expect(elsewhere).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('does not name elsewhere.example'),
    });
    const changed = changeWebhook(desk.ports, administrator, {
      id: desk.id,
      changes: { url: 'https://169.254.169.254/' },
    });
    expect((await faultOf(changed))?.code).toBe('invalid_request');
  });
});

describe('Delivery', () => {
  test('that is cut off between the answer and the cursor comes again, and loses nothing', async () => {
    await using desk = await openDesk();
    const wanted = await happen(desk.ports, 6);
    const dying: Pick<WebhookSender, 'send'> = {
      async send(message) {
        const receipt = await desk.ports.feeds.send(message);
        if (desk.receiver.taken().length === 3) {
          throw new Error('The process is gone.');
        }
        return receipt;
      },
    };
    const killed = await desk.turn('killed', dying).catch((thrown: Error) => thrown.message);
    expect(killed).toBe('The process is gone.');
    expect(desk.receiver.taken()).toEqual(wanted.slice(0, 3));
    await desk.turn('next');
    expect(desk.receiver.taken()).toEqual(wanted.slice(0, 3));
    desk.ports.clock.advance(minute);
    await desk.turn('next');
    expect(desk.receiver.taken()).toEqual([...wanted.slice(0, 3), ...wanted]);
    const idOf = (index: number) => desk.receiver.received[index]?.headers.get('webhook-id');
    expect(idOf(0)).toBe(idOf(3) ?? '');
  });

  test('by two processes on one store sends each event once', async () => {
    await using desk = await openDesk();
    const wanted: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      wanted.push(...(await happen(desk.ports, 7)));
      await Promise.all([desk.turn('one'), desk.turn('two'), desk.turn('three')]);
      await desk.ports.store.transact(({ feeds }) => feeds.releaseLeases(null));
    }
    expect(desk.receiver.taken()).toEqual(wanted);
  });

  test('that is stopped keeps what was taken, and counts nothing against the event that was on its way', async () => {
    await using desk = await openDesk();
    const wanted = await happen(desk.ports, 3);
    const stopping = new AbortController();
    desk.receiver.answer = async () => {
      if (desk.receiver.received.length === 2) {
        stopping.abort();
        await Bun.sleep(2_000);
      }
      return new Response();
    };
    await desk.turn('one', desk.ports.feeds, stopping.signal);
    const [cursor] = await desk.ports.store.read(({ feeds }) => feeds.cursors());
    expect(cursor).toMatchObject({ sequence: wanted[0], failures: 0, lastError: '' });
  });

  test('tells of an event in another way only once it is another event: a new ledger has new messages', async () => {
    await using one = await openDesk();
    await using two = await openDesk();
    await two.ports.clock.advance(1);
    for (const desk of [one, two]) {
      await happen(desk.ports, 1);
      await desk.turn();
    }
    expect(one.receiver.taken()).toEqual(two.receiver.taken());
    const idOf = ({ receiver }: { readonly receiver: Receiver }) => receiver.received[0]?.headers.get('webhook-id');
    expect(idOf(one)).not.toBe(idOf(two) ?? '');
  });
});

test('A receiver whose certificate nobody vouches for, or is for another name, is told nothing', async () => {
  await using place = await openPorts();
  const tls = await certificateFor('hooks.test', place.directory);
  using receiver = openReceiver({ tls });
  const names = ['hooks.test', 'other.test'].map((name) => `${name}:${receiver.port}`);
  const hosts = hostsOf(...names, '127.0.0.1');
  const tools = { clock: place.clock, resolve: async () => ['127.0.0.1'] };
  const send = (name: string | undefined, authorities: readonly string[] | undefined) =>
    createWebhookSender(tools, { hosts, authorities }).send({ url: `https://${name}/`, headers: {}, body: '{}' });
  expect(await send(names[0], undefined)).toMatchObject({
    kind: 'failed',
    words: expect.stringMatching(/certificate/),
  });
  expect(await send(names[1], [tls.ca])).toMatchObject({ kind: 'failed', words: expect.stringMatching(/cert/) });
  expect(receiver.received).toEqual([]);
  expect(await send(names[0], [tls.ca])).toEqual({ kind: 'taken', status: 204 });
});

describe('A message', () => {
  const message = (url: string) => ({ url, headers: {}, body: '{}' });
  const clock = {
    now: () => Date.now(),
    schedule: (delay: number, call: () => void) => {
      const timer = setTimeout(call, delay / 50);
      return () => clearTimeout(timer);
    },
  };
  const sender = (hosts: WebhookHosts, resolve: Resolve = () => Promise.reject(new Error('Nobody asks for a name.'))) =>
    createWebhookSender({ clock, resolve }, { hosts, authorities: undefined });

  test.each([301, 302, 303, 307, 308])('that is answered %d goes nowhere else', async (status) => {
    using receiver = openReceiver();
    using elsewhere = openReceiver();
    receiver.answer = failing(status, { location: elsewhere.url });
    const hosts = hostsOf(`127.0.0.1:${receiver.port}`, `127.0.0.1:${elsewhere.port}`);
    const receipt = await sender(hosts).send(message(receiver.url));
    expect(receipt).toMatchObject({ kind: 'failed', status, words: expect.stringContaining('redirect') });
    expect(elsewhere.received).toEqual([]);
  });

  test('goes to the very address that was judged, whatever its name leads to a moment later', async () => {
    await using place = await openPorts();
    const tls = await certificateFor('rebind.test', place.directory);
    using receiver = openReceiver({ tls });
    const answers = ['127.0.0.1', '169.254.169.254'];
    const asked: string[] = [];
    const resolve: Resolve = async (name) => {
      asked.push(name);
      return [answers[asked.length - 1] ?? '169.254.169.254'];
    };
    const url = `https://rebind.test:${receiver.port}/`;
    const hosts = hostsOf(`rebind.test:${receiver.port}`, '127.0.0.1');
    const rebinding = createWebhookSender({ clock, resolve }, { hosts, authorities: [tls.ca] });
    expect(await rebinding.send(message(url))).toEqual({ kind: 'taken', status: 204 });
    expect(receiver.received[0]?.headers.get('host')).toBe(`rebind.test:${receiver.port}`);
    expect(asked).toEqual(['rebind.test']);
    const second = await rebinding.send(message(url));
    expect(second).toEqual({ kind: 'forbidden', words: expect.stringContaining('leads to 169.254.169.254') });
  });

  test.each([
    [['10.0.0.7']],
    [['169.254.169.254']],
    [['::ffff:169.254.169.254']],
    [['1.1.1.1', '127.0.0.1']],
    [['fd00::1']],
    [['0.0.0.0']],
  ])('to a name that leads to %j does not leave', async (addresses) => {
    const receipt = await sender(hostsOf('hooks.example.org'), async () => addresses).send(
      message('https://hooks.example.org/'),
    );
    expect(receipt).toMatchObject({ kind: 'forbidden', words: expect.stringContaining('no public address') });
  });

  test('says nothing of the path in what went wrong, and waits for nobody for ever', async () => {
    using receiver = openReceiver();
    receiver.answer = () => new Promise<Response>(() => undefined);
    const hosts = hostsOf(`127.0.0.1:${receiver.port}`, 'away.test');
    const late = await sender(hosts).send(message(receiver.url));
    expect(late).toMatchObject({ kind: 'failed', words: 'It did not answer within 15 seconds.' });
    const unresolved = await sender(hosts, async () => []).send(message('https://away.test/in-the-path'));
    expect(JSON.stringify(unresolved)).not.toContain('in-the-path');
    const hanging = await sender(hosts, () => new Promise(() => undefined)).send(
      message('https://away.test/in-the-path'),
    );
    expect(hanging).toMatchObject({ words: 'It did not answer within 15 seconds.' });
  });

  test('that is answered without an end costs no more than its head', async () => {
    using receiver = openReceiver();
    receiver.answer = () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            controller.enqueue(new Uint8Array(64 * 1024));
            await Bun.sleep(1);
          },
        }),
      );
    const hosts = hostsOf(`127.0.0.1:${receiver.port}`);
    expect(await sender(hosts).send(message(receiver.url))).toEqual({ kind: 'taken', status: 200 });
  });
});
