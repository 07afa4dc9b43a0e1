import { expect, test } from 'bun:test';
import type { LogFacts } from '#core/ports/log.ts';
import { minute } from '#core/time.ts';
import { EarlyRefusals } from '#server/early-refusals.ts';

test('a refusal before anything is asked is told once a minute for each reason and network', () => {
  const told: (LogFacts | undefined)[] = [];
  let now = 0;
  const refusals = new EarlyRefusals({
    clock: { monotonic: () => now },
    log: { warn: (_message, facts) => void told.push(facts) },
  });
  const why = 'too many requests under way';
  for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2']) {
    refusals.tell(why, address);
  }
  refusals.tell('only agents are served here', '192.0.2.1');
  expect(told).toEqual([
    { why, network: '192.0.2.1' },
    { why, network: '192.0.2.2' },
    { why, network: '2001:db8:0:0::/64' },
    { why: 'only agents are served here', network: '192.0.2.1' },
  ]);
  now = minute - 1;
  refusals.tell(why, '192.0.2.1');
  expect(told).toHaveLength(4);
  now = minute;
  refusals.tell(why, '192.0.2.1');
  expect(told).toHaveLength(5);
});
