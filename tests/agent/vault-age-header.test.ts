import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { DamagedObject } from '#age/damaged.ts';
import { checkMac, encodeHeader, parseHeader, type Stanza } from '#age/header.ts';
import { unwrapFileKey, wrapFileKey } from '#age/stanza.ts';
import { publicKeyOf } from '#age/x25519.ts';

const fileKey = new Uint8Array(randomBytes(16));
const word = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 40,
});
const stanza: fc.Arbitrary<Stanza> = fc.record({
  type: word,
  arguments: fc.array(word, { maxLength: 4 }),
  body: fc.uint8Array({ maxLength: 300 }),
});

test('whatever header is written is read again, byte for byte, whatever stands behind it', () => {
  fc.assert(
    fc.property(fc.array(stanza, { minLength: 1, maxLength: 8 }), fc.uint8Array(), (stanzas, behind) => {
      const bytes = encodeHeader(stanzas, fileKey);
      const header = parseHeader(Buffer.concat([bytes, behind]));
      expect(header.length).toBe(bytes.length);
      expect(header.stanzas.map((each) => ({ ...each, body: [...each.body] }))).toEqual(
        stanzas.map((each) => ({ ...each, body: [...each.body] })),
      );
      checkMac(header, fileKey);
      expect(() => checkMac(header, randomBytes(16))).toThrow(DamagedObject);
    }),
    { numRuns: 300 },
  );
});

/** Anything but a DamagedObject would be a crash of the parser. */
function parseOrRefuse(bytes: Uint8Array): 'parsed' | 'refused' {
  try {
    const { stanzas, length } = parseHeader(bytes);
    expect(stanzas.length).toBeGreaterThan(0);
    expect(stanzas.length).toBeLessThanOrEqual(8);
    expect(length).toBeLessThanOrEqual(16 * 1024);
    return 'parsed';
  } catch (failure) {
    expect(failure).toBeInstanceOf(DamagedObject);
    return 'refused';
  }
}

const pieces = fc.oneof(
  fc.constantFrom('age-encryption.org/v1\n', '-> X25519 ', '--- ', '---', '\n', '\r\n', ' ', '-> ', '->', '=', '\0'),
  fc.base64String({ maxLength: 70 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

test('the header’s parser ends every input with a header within its bounds or with a refusal', () => {
  const built = fc.array(pieces, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(''), 'latin1'));
  const begun = built.map((bytes) => Buffer.concat([Buffer.from('age-encryption.org/v1\n'), bytes]));
  const good = encodeHeader([{ type: 'X25519', arguments: ['a'], body: randomBytes(100) }], fileKey);
  const edited = fc
    .tuple(fc.nat(good.length), fc.nat(20), fc.oneof(fc.uint8Array({ maxLength: 20 }), built))
    .map(([at, without, by]) => Buffer.concat([good.subarray(0, at), by, good.subarray(at + without)]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 20_000 }), built, begun, edited), (bytes) => {
      parseOrRefuse(bytes);
    }),
    { numRuns: 20_000 },
  );
});

const start = 'age-encryption.org/v1\n';
const mac = `--- ${'A'.repeat(43)}\n`;

test.each([
  ['nothing', ''],
  ['no header', 'nothing of the kind'],
  ['another version', `age-encryption.org/v2\n-> a\n\n${mac}`],
  ['no stanza', start + mac],
  ['more stanzas than there can be', `${start}${'-> a\n\n'.repeat(9)}${mac}`],
  ['a header longer than there can be', `${start}-> a ${'a'.repeat(17_000)}\n\n${mac}`],
  ['a body longer than there can be', `${start}-> a\n${`${'A'.repeat(64)}\n`.repeat(300)}\n${mac}`],
  ['a header without an end', `${start}-> a\n\n--- ${'A'.repeat(43)}`],
  ['no authentication code', `${start}-> a\n\n---\n`],
  ['a short authentication code', `${start}-> a\n\n--- ${'A'.repeat(42)}\n`],
  ['an authentication code written in another way', `${start}-> a\n\n--- ${'A'.repeat(42)}B\n`],
  ['padding', `${start}-> a\n\n--- ${'A'.repeat(43)}=\n`],
  ['two spaces', `${start}-> a  b\n\n${mac}`],
  ['a space at the end', `${start}-> a \n\n${mac}`],
  ['no name of a stanza', `${start}-> \n\n${mac}`],
  ['a control character', `${start}-> a\t\n\n${mac}`],
  ['a carriage return', `${start}-> a\r\n\n${mac}`],
  ['a stanza without its last line', `${start}-> a\n${'A'.repeat(64)}\n${mac}`],
  ['a line that is too long', `${start}-> a\n${'A'.repeat(65)}\n${mac}`],
])('a header with %s is refused', (_, text) => {
  expect(parseOrRefuse(Buffer.from(text))).toBe('refused');
});

test('a header of the same form that keeps the rules is read', () => {
  expect(parseOrRefuse(Buffer.from(`${start}${'-> a b c\n\n'.repeat(8)}${mac}`))).toBe('parsed');
});

test.each([
  ['an argument too many', { arguments: ['A'.repeat(43), 'b'] }],
  ['no share', { arguments: [] }],
  ['a short share', { arguments: ['A'.repeat(42)] }],
  ['a share that gives everybody the same secret', { arguments: ['A'.repeat(43)] }],
  ['a file key that is too long', { body: randomBytes(33) }],
  ['a file key that is too short', { body: randomBytes(31) }],
])('a stanza with %s makes the whole object refused, though another is ours', async (_, change) => {
  const secret = new Uint8Array(randomBytes(32));
  const identity = { secret, recipient: publicKeyOf(secret) };
  const ours = await wrapFileKey(fileKey, identity.recipient);
  expect(Buffer.from(await unwrapFileKey([ours], identity)).equals(fileKey)).toBe(true);
  await expect(unwrapFileKey([{ ...ours, ...change }, ours], identity)).rejects.toThrow('malformed');
  await expect(unwrapFileKey([{ ...ours, type: 'scrypt' }, ours], identity)).rejects.toThrow('malformed');
});
