import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { UnsafePath } from '#agent/platform/platform.ts';
import { isSystemPath } from '#agent/platform/windows/critical.ts';
import {
  driveRoot,
  fromFinalPath,
  isUnreachableName,
  looksShort,
  parseWindowsPath,
} from '#agent/platform/windows/path.ts';
import { fromWtf8, toWtf8 } from '#agent/platform/windows/wtf8.ts';
import { displayPath, type FilePath, filePathSchema, parsePath } from '#core/file/file-path.ts';

function path(text: string): FilePath {
  return filePathSchema.parse(toWtf8(text));
}

describe('Windows names as bytes', () => {
  test('are UTF-8 where they are well formed', () => {
    for (const text of ['C:\\Users\\Zoë\\日本.txt', '😀', 'a']) {
      expect(Buffer.from(toWtf8(text)).toString('utf8')).toBe(text);
    }
  });

  test('keep half a surrogate pair, as WTF-8 has it', () => {
    expect(Buffer.from(toWtf8('\ud800')).toString('hex')).toBe('eda080');
    expect(Buffer.from(toWtf8('a\udfffb')).toString('hex')).toBe('61edbfbf62');
  });

  test('come back from the bytes as they were, whatever their 16-bit units', () => {
    const units = fc.array(fc.integer({ min: 1, max: 0xffff }), { maxLength: 40 });
    fc.assert(
      fc.property(units, (codes) => {
        const name = String.fromCharCode(...codes);
        expect(fromWtf8(toWtf8(name))).toBe(name);
      }),
    );
  });

  test('survive the display form that people see and type', () => {
    const odd = path('C:\\x\\\ud800\u202e\\xab');
    expect(parsePath(displayPath(odd))).toEqual(odd);
  });

  test('have one spelling only', () => {
    const wrong = ['eda080edb080', 'c0af', 'e080af', 'f08080af', 'f4908080', 'ff', '80', 'c3', 'e282'];
    for (const hex of wrong) {
      expect(() => fromWtf8(Buffer.from(hex, 'hex')), hex).toThrow(RangeError);
    }
  });
});

describe('a Windows path', () => {
  test('is a drive and what comes below it', () => {
    expect(parseWindowsPath(path('c:\\Users\\anna\\a.txt'))).toEqual({
      drive: 'C',
      components: ['Users', 'anna', 'a.txt'],
    });
    expect(parseWindowsPath(path('D:\\'))).toEqual({ drive: 'D', components: [] });
    expect(driveRoot('D')).toBe('\\??\\D:\\');
  });

  test('keeps names that ordinary programs cannot reach, because that is where malware hides', () => {
    expect(parseWindowsPath(path('C:\\x\\nul')).components).toEqual(['x', 'nul']);
    expect(parseWindowsPath(path('C:\\x. \\y ')).components).toEqual(['x. ', 'y ']);
  });

  test('is refused in every other spelling', () => {
    const refused = [
      ...['C:', 'C:a', 'a\\b', '\\a', '/etc/passwd', 'C:/a', 'CC:\\a', '1:\\a', ' C:\\a'],
      ...['\\\\server\\share\\a', '\\\\?\\C:\\a', '\\\\.\\C:', '\\??\\C:\\a', '\\\\?\\GLOBALROOT\\Device\\a'],
      ...['C:\\a\\..\\b', 'C:\\.\\a', 'C:\\a\\\\b', 'C:\\a\\', 'C:\\a/b'],
      ...['C:\\a:b', 'C:\\a:$DATA', 'C:\\a::$INDEX_ALLOCATION\\b', 'C:\\a*', 'C:\\a?', 'C:\\a<b', 'C:\\a"', 'C:\\a|b'],
      ...['C:\\a\u0001b', 'C:\\a\nb', `C:\\${'x'.repeat(256)}`],
    ];
    for (const text of refused) {
      expect(() => parseWindowsPath(path(text)), text).toThrow(UnsafePath);
    }
  });

  test('says why where people would wonder', () => {
    expect(() => parseWindowsPath(path('C:\\a.txt:Zone.Identifier'))).toThrow('stream');
    expect(() => parseWindowsPath(path('\\\\server\\share\\a'))).toThrow('network');
  });

  test('is refused when it is no WTF-8', () => {
    const bytes = filePathSchema.parse(Uint8Array.from([...toWtf8('C:\\a'), 0xff]));
    expect(() => parseWindowsPath(bytes)).toThrow(UnsafePath);
  });

  test('is what the system says of a handle, without the prefix that it puts before it', () => {
    expect(fromFinalPath('\\\\?\\c:\\Users\\a')).toBe('C:\\Users\\a');
    expect(fromFinalPath('\\\\?\\C:\\')).toBe('C:\\');
    expect(fromFinalPath('\\\\?\\UNC\\server\\share\\a')).toBeUndefined();
    expect(fromFinalPath('')).toBeUndefined();
  });
});

test('a name that could be the short one of another is told by its tilde and digit', () => {
  for (const name of ['PROGRA~1', 'a~1.txt', 'LONGNA~9.HTM', '~1']) {
    expect(looksShort(name), name).toBe(true);
  }
  for (const name of ['Program Files', 'backup~', 'a~b.txt', 'averylongname~1', 'a~1.html', 'a~1.b.c']) {
    expect(looksShort(name), name).toBe(false);
  }
});

test('no file is made under a name that ordinary programs could not remove', () => {
  for (const name of [
    'con',
    'NUL',
    'aux.txt',
    'COM1',
    'lpt9.log',
    'COM\u00b9',
    'CONIN$',
    'prn .x',
    'a.',
    'a ',
    'nul.',
  ]) {
    expect(isUnreachableName(name), name).toBe(true);
  }
  for (const name of ['console', 'nully', 'COM', 'com10', 'a.b', '.a', 'a b', 'xcon']) {
    expect(isUnreachableName(name), name).toBe(false);
  }
});

test('what Windows itself needs is known by its place', () => {
  for (const name of [
    'C:\\Windows\\System32\\ntdll.dll',
    'c:\\WINDOWS',
    'C:\\bootmgr',
    'D:\\$MFT',
    'C:\\pagefile.sys',
  ]) {
    expect(isSystemPath(name), name).toBe(true);
  }
  for (const name of ['C:\\WindowsApps\\a', 'C:\\Users\\Windows\\a', 'C:\\a\\bootmgr', 'C:\\$a b']) {
    expect(isSystemPath(name), name).toBe(false);
  }
});
