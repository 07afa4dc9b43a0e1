import { describe, expect, test } from 'bun:test';
import { Fault } from '#core/fault.ts';
import { AddressLimit } from '#server/address-limit.ts';
import { pacedRequest } from '#server/paced-body.ts';

/** Time that stands still until the test moves it, timers too. */
function openClock() {
  let now = 0;
  const timers = new Map<() => void, number>();
  return {
    monotonic: () => now,
    schedule(delay: number, call: () => void) {
      timers.set(call, now + delay);
      return () => void timers.delete(call);
    },
    advance(by: number) {
      now += by;
      for (const [call, at] of [...timers]) {
        if (at <= now) {
          timers.delete(call);
          call();
        }
      }
    },
    get waiting() {
      return timers.size;
    },
  };
}

function openBody() {
  const clock = openClock();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      isCancelled = true;
    },
  });
  const { request, tooSlow } = pacedRequest(new Request('https://custody.test/x', { method: 'POST', body }), clock);
  let isSlow = false;
  void tooSlow.then(() => {
    isSlow = true;
  });
  const reader = request.body?.getReader() ?? expect.unreachable();
  return {
    ...{ clock, reader, request },
    send: (bytes: number) => controller?.enqueue(new Uint8Array(bytes)),
    end: () => controller?.close(),
    isCancelled: () => isCancelled,
    async isSlow() {
      await settled();
      return isSlow;
    },
  };
}

const kibibyte = 1024;

/** What streams do between two turns of the event loop is done then. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

describe('A body', () => {
  test('of which nothing comes for eight seconds ends with a fault', async () => {
    const { clock, reader, isSlow, isCancelled } = openBody();
    const read = reader.read().catch((thrown: unknown) => thrown);
    await settled();
    clock.advance(7_999);
    expect(await isSlow()).toBe(false);
    clock.advance(1);
    expect([await isSlow(), isCancelled()]).toEqual([true, true]);
    const fault = await read;
    expect(fault instanceof Fault && fault.code).toBe('timeout');
    expect(clock.waiting).toBe(0);
  });

  test('of which a byte comes each second is ended as soon', async () => {
    const { clock, reader, send, isSlow } = openBody();
    for (let passed = 0; passed < 7; passed += 1) {
      const read = reader.read();
      await settled();
      clock.advance(1_000);
      send(1);
      expect((await read).value).toHaveLength(1);
    }
    reader.read().catch(() => undefined);
    await settled();
    clock.advance(999);
    expect(await isSlow()).toBe(false);
    clock.advance(2);
    expect(await isSlow()).toBe(true);
  });

  test('that keeps 16 KiB a second may take as long as it likes', async () => {
    const { clock, reader, send, end, isSlow } = openBody();
    for (let passed = 0; passed < 600; passed += 1) {
      const read = reader.read();
      await settled();
      clock.advance(1_000);
      send(16 * kibibyte);
      await read;
    }
    end();
    expect((await reader.read()).done).toBe(true);
    expect([await isSlow(), clock.waiting]).toEqual([false, 0]);
  });

  test('is not blamed for the time in which nobody reads it', async () => {
    const { clock, reader, send, isSlow } = openBody();
    send(1);
    await reader.read();
    clock.advance(3_600_000);
    expect([await isSlow(), clock.waiting]).toEqual([false, 0]);
    const read = reader.read();
    await settled();
    clock.advance(7_000);
    send(1);
    expect((await read).value).toHaveLength(1);
  });
});

test('a request keeps what it is, and one without a body is left alone', async () => {
  const init = { method: 'PUT', headers: { a: 'b' }, body: 'whole' };
  const { request } = pacedRequest(new Request('https://custody.test/x?y', init), openClock());
  expect([request.method, request.url, request.headers.get('a')]).toEqual(['PUT', 'https://custody.test/x?y', 'b']);
  expect([await request.text(), request.bodyUsed]).toEqual(['whole', true]);
  const bare = new Request('https://custody.test/');
  expect(pacedRequest(bare, openClock()).request).toBe(bare);
});

test('an address has so many requests under way and no more; others are none of its business', () => {
  const limit = new AddressLimit(2);
  expect([limit.begin('a'), limit.begin('a'), limit.begin('a'), limit.begin('b')]).toEqual([true, true, false, true]);
  limit.end('a');
  expect([limit.begin('a'), limit.begin('a')]).toEqual([true, false]);
  const none = new AddressLimit(0);
  expect(Array.from({ length: 5_000 }, () => none.begin('a')).includes(false)).toBe(false);
});

test('whoever has one address of IPv6 has its network, and is counted as one', () => {
  const limit = new AddressLimit(1);
  expect([limit.begin('2001:db8::1'), limit.begin('2001:db8::2'), limit.begin('2001:db8:0:1::1')]).toEqual([
    ...[true, false, true],
  ]);
  limit.end('2001:db8::1');
  expect(limit.begin('2001:db8::ffff')).toBe(true);
});
