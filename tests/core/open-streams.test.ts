import { expect, test } from 'bun:test';
import { OpenStreams } from '#core/access/open-streams.ts';
import { Fault } from '#core/fault.ts';

const ana = { kind: 'user', id: '1' } as const;
const soar = { kind: 'key', id: '1' } as const;
const ben = { kind: 'user', id: '2' } as const;

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : String(thrown);
  }
}

test('Streams are counted for each principal and for the server, and one that has ended makes room once.', () => {
  const streams = new OpenStreams({ most: 3, mostOfPrincipal: 2 });
  const first = streams.open(ana);
  streams.open(ana);
  expect(codeOf(() => streams.open(ana))).toBe('rate_limited');
  streams.open(soar);
  expect(codeOf(() => streams.open(ben))).toBe('unavailable');
  first.end();
  first.end();
  expect([first.signal.aborted, streams.count]).toEqual([true, 2]);
  streams.open(ben);
  expect(codeOf(() => streams.open(ben))).toBe('unavailable');
});

test('A server that stops asks all of them to end, waits until they have, and opens no other.', async () => {
  const streams = new OpenStreams({ most: 3, mostOfPrincipal: 3 });
  const [one, other] = [streams.open(ana), streams.open(ben)];
  let isClosed = false;
  const closing = streams.close().then(() => {
    isClosed = true;
  });
  expect([one.signal.aborted, other.signal.aborted]).toEqual([true, true]);
  one.end();
  await Bun.sleep(0);
  expect(isClosed).toBe(false);
  other.end();
  await closing;
  expect(codeOf(() => streams.open(soar))).toBe('unavailable');
});
