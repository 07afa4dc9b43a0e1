import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type FilePath, parsePath } from '#core/file/file-path.ts';
import { archiveNames } from '#dialects/cortex/archive-names.ts';

const nameOf = (path: string) => archiveNames([parsePath(path)], ['retrieval_log.json'])[0];

describe('the name of a file in an archive', () => {
  const table: readonly (readonly [string, string])[] = [
    ['/srv/good.txt', 'srv/good.txt'],
    ['C:\\Users\\ana\\a.exe', 'C_/Users/ana/a.exe'],
    ['\\\\host\\share\\a', 'host/share/a'],
    ['/../../etc/./passwd', 'etc/passwd'],
    ['/a\\..\\b', 'a_.._b'],
    ['/..', 'file'],
    ['/retrieval_log.json', '2/retrieval_log.json'],
    ['/a\nb', 'a_x0ab'],
  ];
  for (const [path, name] of table) {
    test(`of ${JSON.stringify(path)} is ${name}`, () => expect(nameOf(path)).toBe(name));
  }

  test('is never that of another file, even where case does not count', () => {
    const names = archiveNames(['/a', '/A', '//a', '/2/a'].map(parsePath), []);
    expect(names).toEqual(['a', '2/A', '3/a', '2/2/a']);
  });

  test('never leads out of the directory where it is unpacked', () => {
    const path = fc
      .uint8Array({ minLength: 1, maxLength: 60 })
      .map((bytes) => bytes.map((byte) => byte || 46) as FilePath);
    fc.assert(
      fc.property(fc.array(path, { maxLength: 5 }), (paths) => {
        const names = archiveNames(paths, []);
        expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(paths.length);
        for (const name of names) {
          expect(name).not.toMatch(/^\/|(^|\/)\.{1,2}(\/|$)|[\\:\0]/);
          expect(name).not.toBe('');
        }
      }),
    );
  });
});
