import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { DamagedObject } from '#age/damaged.ts';
import { openObject } from '#agent/vault/object.ts';
import { seal, sizeThatFills } from './sealed-object.ts';
import { vaultWorld } from './vault-world.ts';

const sealedChunk = 64 * 1024 + 16;
const chunks = 5;

/** The object's payload begins behind the header's last line and the stream's nonce. */
function payloadStart(object: Buffer): number {
  return object.indexOf('\n', object.indexOf('\n--- ') + 1) + 1 + 16;
}

/** The header, with the nonce, and each sealed chunk. */
function partsOf(object: Buffer): readonly Buffer[] {
  const start = payloadStart(object);
  const starts = Array.from(
    { length: Math.ceil((object.length - start) / sealedChunk) },
    (_, i) => start + i * sealedChunk,
  );
  return [object.subarray(0, start), ...starts.map((from) => object.subarray(from, from + sealedChunk))];
}

type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'add'; readonly bytes: Uint8Array }
  | { readonly kind: 'order'; readonly one: number; readonly other: number }
  | { readonly kind: 'drop' | 'twice'; readonly one: number };

function damaged(good: Buffer, damage: Damage): Buffer {
  const parts = [...partsOf(good)];
  switch (damage.kind) {
    case 'flip': {
      const bad = Buffer.from(good);
      bad[damage.at] = (bad[damage.at] ?? 0) ^ (1 << damage.bit);
      return bad;
    }
    case 'cut':
      return good.subarray(0, damage.at);
    case 'add':
      return Buffer.concat([good, damage.bytes]);
    case 'order': {
      const [one, other] = [parts[damage.one] ?? good, parts[damage.other] ?? good];
      return Buffer.concat(parts.with(damage.one, other).with(damage.other, one));
    }
    case 'drop':
      return Buffer.concat(parts.toSpliced(damage.one, 1));
    case 'twice':
      return Buffer.concat(parts.toSpliced(damage.one, 0, parts[damage.one] ?? good));
  }
}

function anyDamage(length: number): fc.Arbitrary<Damage> {
  const chunk = fc.integer({ min: 1, max: chunks });
  const two = fc.uniqueArray(chunk, { minLength: 2, maxLength: 2 });
  // Half of the flips in the header, which is small and parsed before anything is authenticated.
  const at = fc.oneof(fc.nat(500), fc.nat(length - 1));
  return fc.oneof(
    { arbitrary: fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }), weight: 4 },
    { arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.nat(length - 1) }), weight: 2 },
    fc.record({ kind: fc.constant('add' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 70_000 }) }),
    two.map(([one = 1, other = 2]): Damage => ({ kind: 'order', one, other })),
    fc.record({ kind: fc.constantFrom('drop' as const, 'twice' as const), one: chunk }),
  );
}

test('of 1,000 flipped bits, cuts, additions and moved chunks each is found, and nothing false is released before', async () => {
  using world = await vaultWorld();
  const content = randomBytes(sizeThatFills(chunks * 64 * 1024));
  const { file } = await seal(content, { directory: world.base, keys: world.room.keys });
  const good = readFileSync(file);
  expect(partsOf(good).length).toBe(chunks + 1);
  const bad = path.join(world.base, 'bad');
  expect((await releasedBy(file, world.room.keys.identity)).released.equals(content)).toBe(true);
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(anyDamage(good.length), async (damage) => {
      writeFileSync(bad, damaged(good, damage));
      const { released, failure } = await releasedBy(bad, world.room.keys.identity);
      expect(failure).toBeInstanceOf(DamagedObject);
      expect(content.subarray(0, released.length).equals(released)).toBe(true);
      tried += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(tried).toBe(1_000);
});

test('the header of one object does not open the content of another, nor its chunks, though the keys are the same', async () => {
  using world = await vaultWorld();
  const make = async () =>
    readFileSync((await seal(randomBytes(200_000), { directory: world.base, keys: world.room.keys })).file);
  const [one, other] = [await make(), await make()];
  const [oneStart, otherStart] = [payloadStart(one), payloadStart(other)];
  const bad = path.join(world.base, 'bad');
  for (const object of [
    Buffer.concat([one.subarray(0, oneStart), other.subarray(otherStart)]),
    Buffer.concat([one.subarray(0, oneStart - 16), other.subarray(otherStart - 16)]),
    Buffer.concat([one.subarray(0, oneStart + sealedChunk), other.subarray(otherStart + sealedChunk)]),
  ]) {
    writeFileSync(bad, object);
    expect((await releasedBy(bad, world.room.keys.identity)).failure).toBeInstanceOf(DamagedObject);
  }
});

async function releasedBy(file: string, identity: string): Promise<{ released: Buffer; failure: unknown }> {
  const parts: Uint8Array[] = [];
  try {
    const { content } = await openObject(file, identity, () => undefined);
    for await (const part of content) {
      parts.push(part);
    }
    return { released: Buffer.concat(parts), failure: undefined };
  } catch (failure) {
    return { released: Buffer.concat(parts), failure };
  }
}
