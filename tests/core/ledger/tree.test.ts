import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { emptyFrontier, grow, rootOf } from '#core/ledger/frontier.ts';
import { proveConsistency, proveInclusion, type ReadNodes } from '#core/ledger/proof.ts';
import { leftCount } from '#core/ledger/subtree.ts';
import { emptyRoot, hashChildren, hashLeaf, type TreeHash } from '#core/ledger/tree-hash.ts';
import { provesConsistency, provesInclusion } from '#core/ledger/verify-proof.ts';

const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex');

/** The leaves and roots that the reference implementation of Certificate Transparency is tested with. */
const published: readonly (readonly [leaf: string, root: string])[] = [
  ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['00', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  ['10', 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  ['2021', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  ['3031', '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  ['40414243', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  ['5051525354555657', 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  ['606162636465666768696a6b6c6d6e6f', '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
];

test('roots are those that are published', () => {
  expect(hex(rootOf(emptyFrontier))).toBe(hex(emptyRoot));
  let frontier = emptyFrontier;
  for (const [leaf, root] of published) {
    ({ frontier } = grow(frontier, [hashLeaf(Buffer.from(leaf, 'hex'))]));
    expect(hex(rootOf(frontier))).toBe(root);
  }
});

/** As RFC 6962 writes it down, whole, with nothing kept. */
function plainRoot(leaves: readonly TreeHash[]): TreeHash {
  const [only] = leaves;
  if (only === undefined) {
    return emptyRoot;
  }
  if (leaves.length === 1) {
    return only;
  }
  const left = leftCount(leaves.length);
  return hashChildren(plainRoot(leaves.slice(0, left)), plainRoot(leaves.slice(left)));
}

function treeOf(count: number) {
  const leaves = Array.from({ length: count }, (_, index) => hashLeaf(Buffer.from(`leaf ${index}`)));
  const { nodes } = grow(emptyFrontier, leaves);
  const kept = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  const read: ReadNodes = async (asked) =>
    asked.map(
      ({ level, index }) => (level === 0 ? leaves[index] : kept.get(`${level}/${index}`)) ?? expect.unreachable(),
    );
  return { leaves, read, root: (size: number) => plainRoot(leaves.slice(0, size)) };
}

test('a tree that grows in pieces has the root of one that is written down whole', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 8 }), (pieces) => {
      const { leaves, root } = treeOf(pieces.reduce((sum, piece) => sum + piece, 0));
      let frontier = emptyFrontier;
      for (const piece of pieces) {
        ({ frontier } = grow(frontier, leaves.slice(frontier.size, frontier.size + piece)));
      }
      expect(frontier.size).toBe(leaves.length);
      expect(hex(rootOf(frontier))).toBe(hex(root(leaves.length)));
    }),
  );
});

test('every leaf of every tree up to 40 leaves is proved, and nothing else is by its proof', async () => {
  const { leaves, read, root } = treeOf(40);
  for (let size = 1; size <= leaves.length; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const leaf = leaves[index] ?? expect.unreachable();
      const proof = await proveInclusion(index, size, read);
      const claim = { leaf, index, size, root: root(size) };
      expect(provesInclusion(proof, claim)).toBe(true);
      expect(provesInclusion(proof, { ...claim, leaf: hashLeaf(Buffer.from('another')) })).toBe(false);
      expect(provesInclusion(proof, { ...claim, root: root(size - 1) })).toBe(false);
      expect(provesInclusion(proof, { ...claim, index: (index + 1) % size })).toBe(size === 1);
      expect(provesInclusion([...proof, leaf], claim)).toBe(false);
      expect(provesInclusion(proof.slice(0, -1), claim)).toBe(size === 1);
    }
  }
});

test('every tree is proved to begin with every smaller one, and no other', async () => {
  const { read, root } = treeOf(40);
  for (let newer = 0; newer <= 40; newer += 1) {
    for (let older = 0; older <= newer; older += 1) {
      const proof = await proveConsistency(older, newer, read);
      const claim = { older: { size: older, root: root(older) }, newer: { size: newer, root: root(newer) } };
      expect(provesConsistency(proof, claim)).toBe(true);
      const other = hashLeaf(Buffer.from('another'));
      const isTold = older > 0;
      expect(provesConsistency(proof, { ...claim, older: { size: older, root: other } })).toBe(!isTold);
      expect(provesConsistency([...proof, other], claim)).toBe(false);
      if (isTold && older < newer) {
        expect(provesConsistency(proof, { ...claim, newer: { size: newer, root: other } })).toBe(false);
        expect(provesConsistency(proof.slice(0, -1), claim)).toBe(false);
      }
    }
  }
});

test('what is not there cannot be proved', () => {
  const { read } = treeOf(3);
  expect(() => proveInclusion(3, 3, read)).toThrow(RangeError);
  expect(() => proveConsistency(4, 3, read)).toThrow(RangeError);
});
