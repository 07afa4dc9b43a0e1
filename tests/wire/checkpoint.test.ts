import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { emptyRoot } from '#core/ledger/tree-hash.ts';
import { readCheckpoint, writeCheckpoint } from '#wire/checkpoint.ts';
import { newKeyPair, readPrivateKey } from '#wire/signature.ts';
import { openNote, readNoteKey, signNote, writeNoteKey } from '#wire/signed-note.ts';

/** The example of the documentation of golang.org/x/mod/sumdb/note, whose format C2SP wrote down. */
const published = {
  key: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  note: [
    'If you think cryptography is the answer to your problem,',
    "then you don't know what your problem is.",
    '',
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
    '',
  ].join('\n'),
};

test('a note that others signed is opened, and their key is written as they write it', () => {
  const key = readNoteKey(published.key);
  expect(openNote(published.note, key)).toBe(published.note.slice(0, published.note.indexOf('\n\n') + 1));
  expect(writeNoteKey(key)).toBe(published.key);
});

function signer() {
  const { privatePem, publicKey } = newKeyPair();
  return { noteKey: { name: 'custody.example/ledger', publicKey }, key: readPrivateKey(privatePem).key };
}

test('a checkpoint is signed and opened; a note with one letter changed is not', () => {
  const { noteKey, key } = signer();
  const checkpoint = { origin: noteKey.name, size: 12_345, root: emptyRoot };
  const note = signNote(writeCheckpoint(checkpoint), noteKey, key);
  expect(readCheckpoint(openNote(note, noteKey))).toEqual(checkpoint);
  fc.assert(
    fc.property(fc.nat(note.length - 1), fc.constantFrom('A', '0', '\n', ' ', '—', ''), (at, letter) => {
      const changed = note.slice(0, at) + letter + note.slice(at + 1);
      if (changed !== note) {
        expect(() => openNote(changed, noteKey)).toThrow();
      }
    }),
    { numRuns: 2_000 },
  );
});

test('another key, another name and an unsigned text open nothing', () => {
  const { noteKey, key } = signer();
  const text = writeCheckpoint({ origin: noteKey.name, size: 1, root: emptyRoot });
  const note = signNote(text, noteKey, key);
  // Although it has just been right.
  expect(openNote(note, noteKey)).toBe(text);
  expect(() => openNote(note, signer().noteKey)).toThrow('no right signature');
  expect(() => openNote(note, { ...noteKey, name: 'another' })).toThrow('no right signature of another');
  expect(() => openNote(text, noteKey)).toThrow('no signed note');
  const both = `${note}— other ${Buffer.alloc(68).toString('base64')}\n`;
  expect(openNote(both, noteKey)).toBe(text);
});

test.each([
  '',
  'x',
  'x\n1\n',
  'x\n01\nAAAA\n',
  'x\n-1\n\n',
  `\n1\n${Buffer.alloc(32).toString('base64')}\n`,
  `x\n1\n${Buffer.alloc(32).toString('base64')}`,
])('%j is no checkpoint', (text) => {
  expect(() => readCheckpoint(text)).toThrow('no checkpoint');
});

test.each(['', 'a+b', 'name+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'name+c74f20a3+AhpcAA=='])(
  '%j is no key of notes',
  (text) => {
    expect(() => readNoteKey(text)).toThrow();
  },
);
