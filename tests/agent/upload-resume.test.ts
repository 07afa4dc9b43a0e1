import { expect, test } from 'bun:test';
import { kill, UploadWorld, uploadOnce } from './upload-world.ts';

const chunkBytes = 64 * 1024;
const cuts = 100;
const kills = 50;

/** So many random offsets of a stream, some way apart on average; each is used once. */
function randomOffsets(count: number, span: number): number[] {
  let at = 0;
  return Array.from({ length: count }, () => {
    at += 1 + Math.floor((Math.random() * 2 * span) / count);
    return at;
  });
}

test('an upload whose network is cut at 100 random offsets sends at most one chunk again for each', async () => {
  await using world = await UploadWorld.start(12_000_000, chunkBytes);
  const { proxy } = world;
  proxy.cuts = randomOffsets(cuts, 10_000_000);
  expect(await uploadOnce(world.wish)).toBe('stored');
  expect(proxy.cuts).toEqual([]);
  expect((await world.readStored()).equals(world.bytes)).toBe(true);
  expect(proxy.received).toBeGreaterThan(world.bytes.length);
  expect(proxy.received).toBeLessThanOrEqual(world.bytes.length + cuts * chunkBytes);
}, 120_000);

test('an upload whose agent or server is killed at 100 random offsets sends at most one chunk again for each', async () => {
  await using world = await UploadWorld.start(12_000_000, chunkBytes);
  const { proxy } = world;
  const offsets = randomOffsets(2 * kills, 10_000_000);
  let wakes: () => void = () => undefined;
  proxy.passed = () => {
    if (proxy.received >= (offsets[0] ?? Number.POSITIVE_INFINITY)) {
      wakes();
    }
  };
  let agent = world.startAgent();
  for (let kind = 0; offsets.length > 0; kind += 1) {
    const next = Promise.withResolvers<void>();
    wakes = next.resolve;
    const first = await Promise.race([next.promise, agent.ended]);
    expect(first).toBeUndefined();
    if (kind % 2 === 0) {
      await world.killServer();
      offsets.shift();
      await world.startServer();
    } else {
      await kill(agent);
      offsets.shift();
      agent = world.startAgent();
    }
  }
  expect(await agent.ended).toBe('stored');
  expect((await world.readStored()).equals(world.bytes)).toBe(true);
  expect(proxy.received).toBeLessThanOrEqual(world.bytes.length + 2 * kills * chunkBytes);
}, 240_000);
