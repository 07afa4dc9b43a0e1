import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type ArchivedFile, archiveNames } from '#dialects/cybereason/archive-names.ts';

const a = 'a'.repeat(32);
const b = 'b'.repeat(32);
const file = (displayPath: string, endpointId = a, machineName = 'web-1'): ArchivedFile => ({
  endpointId,
  machineName,
  displayPath,
});

const table: readonly (readonly [string, readonly ArchivedFile[], readonly string[]])[] = [
  ['one file has its own name', [file('/srv/calc.bin')], ['calc.bin']],
  ['several of one machine too', [file('/srv/x'), file('/etc/y')], ['x', 'y']],
  ['names that repeat get their paths', [file('/srv/x'), file('/etc/x'), file('/y')], ['srv/x', 'etc/x', 'y']],
  ['also when only their case differs', [file('/srv/X'), file('/etc/x')], ['srv/X', 'etc/x']],
  ['machines have folders', [file('/x'), file('/x', b, 'mail-1')], ['web-1/x', 'mail-1/x']],
  [
    'machines of one name are told apart',
    [file('/x'), file('/x', b, 'WEB-1')],
    ['web-1-aaaaaaaaaaaa/x', 'WEB-1-bbbbbbbbbbbb/x'],
  ],
  ['the same file twice is numbered', [file('/srv/x.bin'), file('/srv/x.bin')], ['srv/x.bin', 'srv/x (2).bin']],
  ['a machine cannot climb', [file('/x', a, '../..'), file('/x', b, '..')], ['..___/x', '__/x']],
  ['a path cannot either', [file('/../../etc/x'), file('/x')], ['__/__/etc/x', 'x']],
  ['Windows paths are split and drives defused', [file('C:\\a\\x'), file('C:\\b\\x')], ['C_/a/x', 'C_/b/x']],
  ['Windows devices and trailing dots are defused', [file('/nul.txt'), file('/x. ')], ['_nul.txt', 'x__']],
  ['what is left of nothing is still a name', [file('/')], ['_']],
];

describe('Names inside an archive', () => {
  for (const [name, files, names] of table) {
    test(name, () => expect(archiveNames(files)).toEqual([...names]));
  }

  test('are short enough to unpack, and keep their extensions', () => {
    expect(archiveNames([file(`/srv/${'x'.repeat(250)}.docx`)])).toEqual([`${'x'.repeat(235)}.docx`]);
    const [letters = ''] = archiveNames([file(`/srv/${'名'.repeat(200)}.exe`)]);
    expect(letters).toBe(`${'名'.repeat(78)}.exe`);
    const deep = `/${'a/'.repeat(16_000)}x.bin`;
    expect(archiveNames([file(deep), file('/b/x.bin'), file(deep)])).toEqual(['x.bin', 'b/x.bin', 'x (2).bin']);
  });

  test('cost a hostile machine no more than they cost an honest one', () => {
    const since = performance.now();
    const names = archiveNames(Array.from({ length: 20_000 }, (_, index) => file(`/srv/${':*?"<>|'[index % 7]}.bin`)));
    expect(new Set(names).size).toBe(20_000);
    expect(performance.now() - since).toBeLessThan(5_000);
  });

  test('are relative, never climb, are unique in any case, and no file stands where a folder does', () => {
    const text = fc.oneof(
      fc.constantFrom('..', '.', '', 'a', 'A', 'b', 'con', 'a (2)', 'x\\y'),
      fc.string({ unit: 'binary' }),
    );
    const path = fc.array(text, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
    const files = fc.array(fc.tuple(path, fc.constantFrom(a, b)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(files, text, (chosen, machine) => {
        const names = archiveNames(chosen.map(([displayPath, id]) => file(displayPath, id, machine)));
        const keys = names.map((name) => name.normalize('NFC').toLowerCase());
        expect(new Set(keys).size).toBe(keys.length);
        for (const name of keys) {
          expect(name.split('/').some((part) => part === '' || part === '.' || part === '..')).toBe(false);
          expect(/[\\:\p{Cc}]/u.test(name)).toBe(false);
          expect(keys.some((other) => other.startsWith(`${name}/`))).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});
