import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { emptyFrontier, grow, rootOf } from '#core/ledger/frontier.ts';
import { provePart, provesPart } from '#core/ledger/part-proof.ts';
import { proveInclusion, type ReadNodes } from '#core/ledger/proof.ts';
import { hashLeaf, type TreeHash } from '#core/ledger/tree-hash.ts';

function treeOf(size: number) {
  const leaves = Array.from({ length: size }, (_, index) => hashLeaf(Uint8Array.of(index % 256, index >> 8)));
  const read: ReadNodes = async (nodes) =>
    nodes.map(({ level, index }) =>
      rootOf(grow(emptyFrontier, leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)).frontier),
    );
  return { leaves, read, root: rootOf(grow(emptyFrontier, leaves).frontier) };
}

const sizeAndSome = fc
  .integer({ min: 1, max: 200 })
  .chain((size) =>
    fc.tuple(fc.constant(size), fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 1 })),
  );

test('any leaves of any tree are proved to be in it', async () => {
  await fc.assert(
    fc.asyncProperty(sizeAndSome, async ([size, some]) => {
      const { leaves, read, root } = treeOf(size);
      const indices = some.toSorted((one, other) => one - other);
      const shown = { indices, hashes: indices.map((index) => leaves[index] ?? expect.unreachable()) };
      const parts = await provePart(indices, size, read);
      expect(provesPart(parts, { leaves: shown, size, root })).toBe(true);
      // Nothing is told that those who check can make themselves.
      expect(parts.every(({ from, to }) => !indices.some((index) => index >= from && index < to))).toBe(true);
    }),
  );
});

test('of one leaf it is the hashes of its RFC 6962 proof', async () => {
  const { read } = treeOf(77);
  for (const index of [0, 1, 33, 63, 64, 76]) {
    const known = (await proveInclusion(index, 77, read)).map(hex).toSorted();
    expect((await provePart([index], 77, read)).map(({ hash }) => hex(hash)).toSorted()).toEqual(known);
  }
});

test('another leaf, number, size, part or order proves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(sizeAndSome, fc.integer(), async ([size, some], choice) => {
      const { leaves, read, root } = treeOf(size);
      const indices = some.toSorted((one, other) => one - other);
      const hashes = indices.map((index) => leaves[index] ?? expect.unreachable());
      const parts = await provePart(indices, size, read);
      const at = Math.abs(choice) % indices.length;
      const flipped = hashes.with(at, flip(hashes[at] ?? expect.unreachable()));
      const claims = [
        { parts, leaves: { indices, hashes: flipped }, size },
        { parts, leaves: { indices: indices.slice(1), hashes: hashes.slice(1) }, size },
        { parts, leaves: { indices: indices.with(at, size), hashes }, size },
        { parts: parts.slice(1), leaves: { indices, hashes }, size: parts.length === 0 ? size + 1 : size },
        {
          parts: parts.map((part) => ({ ...part, hash: flip(part.hash) })),
          leaves: { indices, hashes },
          size: parts.length === 0 ? size + 1 : size,
        },
        { parts: [...parts, { from: 0, to: 1, hash: hashLeaf(new Uint8Array()) }], leaves: { indices, hashes }, size },
      ];
      for (const { parts: told, ...claim } of claims) {
        expect(provesPart(told, { ...claim, root })).toBe(false);
      }
    }),
  );
});

test('leaves that are not there cannot be proved, nor an empty tree', async () => {
  const { read, root, leaves } = treeOf(5);
  expect(provePart([5], 5, read)).rejects.toThrow(RangeError);
  expect(provesPart([], { leaves: { indices: [], hashes: [] }, size: 0, root })).toBe(false);
  expect(provesPart([], { leaves: { indices: [0, 0], hashes: leaves.slice(0, 2) }, size: 2, root })).toBe(false);
});

function hex(hash: TreeHash): string {
  return Buffer.from(hash).toString('hex');
}

function flip(hash: TreeHash): TreeHash {
  return hash.map((byte, index) => (index === 7 ? byte ^ 1 : byte));
}
