import { expect, test } from 'bun:test';
import { encode } from '#wire/codec.ts';
import { heartbeatOf } from '#wire/heartbeat-frame.ts';

test('An agent’s heartbeat is known by its bytes, and nothing else is taken for one.', () => {
  expect(heartbeatOf(encode({ type: 'heartbeat' }))).toEqual({ type: 'heartbeat' });
  for (const other of [{ type: 'heartbeat', time: 1 }, { type: 'heartbeaT' }, { kind: 'heartbeat' }, 'heartbeat']) {
    expect(heartbeatOf(encode(other))).toBeUndefined();
  }
  expect(heartbeatOf(new Uint8Array())).toBeUndefined();
});
