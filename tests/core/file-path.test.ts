import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { displayPath, fileName, parsePath } from '#core/file/file-path.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('a path', () => {
  test('is shown as it is when it is plain text', () => {
    expect(displayPath(bytes('/tmp/straße/файл.txt'))).toBe('/tmp/straße/файл.txt');
  });

  test('is shown escaped when it holds bytes that are no text', () => {
    expect(displayPath(Uint8Array.of(0x2f, 0xff, 0x41))).toBe('/\\xffA');
  });

  test('is shown on one line, with no control or bidirectional character', () => {
    expect(displayPath(bytes('/tmp/a\nb\u202Etxt.exe'))).toBe('/tmp/a\\x0ab\\xe2\\x80\\xaetxt.exe');
  });

  test('comes back byte for byte from what is shown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (random) => {
        const path = random.map((byte) => (byte === 0 ? 1 : byte));
        expect(parsePath(displayPath(path))).toEqual(path as never);
      }),
      { numRuns: 2_000 },
    );
  });

  test('comes back byte for byte even when its text looks escaped', () => {
    for (const text of ['/a\\x41', '/a\\x4', '\\x', '/\\x0a\\\\x0a']) {
      expect(new TextDecoder().decode(parsePath(displayPath(bytes(text))))).toBe(text);
    }
  });

  test('shows two different paths differently', () => {
    const path = fc.array(fc.constantFrom(0x5c, 0x78, 0x34, 0x31, 0x41, 0xff, 0x0a, 0xc3, 0xa4), { minLength: 1 });
    fc.assert(
      fc.property(path, path, (a, b) => {
        const same = Buffer.compare(Uint8Array.from(a), Uint8Array.from(b)) === 0;
        return (displayPath(Uint8Array.from(a)) === displayPath(Uint8Array.from(b))) === same;
      }),
      { numRuns: 5_000 },
    );
  });

  test('has a name in the way of its own system', () => {
    expect(fileName(bytes('/tmp/a\\b.txt'))).toBe('a\\b.txt');
    expect(fileName(bytes('C:\\Users\\x\\a.txt'))).toBe('a.txt');
  });
});
