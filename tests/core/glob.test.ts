import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { compileGlob } from '#core/file/glob.ts';

/** What the glob must mean, by trying everything: hopelessly slow, and plainly right. */
function means(glob: string, path: string): boolean {
  if (glob === '') {
    return path === '';
  }
  if (glob.startsWith('**/')) {
    const rest = glob.slice(3);
    return means(rest, path) || [...path].some((character, at) => character === '/' && means(rest, path.slice(at + 1)));
  }
  if (glob.startsWith('**')) {
    const rest = glob.replace(/^\*+/, '');
    return [...path, ''].some((_, at) => means(rest, path.slice(at)));
  }
  if (glob.startsWith('*')) {
    const end = path.indexOf('/') === -1 ? path.length : path.indexOf('/');
    return Array.from({ length: end + 1 }).some((_, at) => means(glob.slice(1), path.slice(at)));
  }
  const [first = '', one = ''] = [glob.slice(0, 1), path.slice(0, 1)];
  const fits = first === '?' ? one !== '' && one !== '/' : first === one;
  return fits && means(glob.slice(1), path.slice(1));
}

/** `**` at the start of a component only, where both readings are the same. */
const component = fc.oneof(
  fc.constant('**'),
  fc
    .string({ unit: fc.constantFrom('a', 'b', '?', '*'), minLength: 1, maxLength: 4 })
    .filter((text) => !text.includes('**')),
);
const globs = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
const paths = fc
  .array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 })
  .map((parts) => `/${parts.join('/')}`);

describe('A glob', () => {
  test('means what trying every way means', () => {
    fc.assert(
      fc.property(globs, paths, (glob, path) => {
        expect(compileGlob(glob)(path)).toBe(means(glob, path));
      }),
      { numRuns: 5_000 },
    );
  });

  test('matches whole paths, component by component', () => {
    const matches = (glob: string, path: string) => compileGlob(glob)(path);
    expect(matches('/home/*/x', '/home/ann/x')).toBe(true);
    expect(matches('/home/*/x', '/home/ann/b/x')).toBe(false);
    expect(matches('/home/**', '/home/ann/b/x')).toBe(true);
    expect(matches('/home/**', '/home')).toBe(false);
    expect(matches('/**/x', '/x')).toBe(true);
    expect(matches('/**/x', '/axx')).toBe(false);
    expect(matches('/home', '/home/ann')).toBe(false);
    expect(matches('/x?', '/x/')).toBe(false);
  });

  test('has classes, whose members are literal and never a separator', () => {
    expect(compileGlob('/[a-c]')('/b')).toBe(true);
    expect(compileGlob('/[!a-c]')('/b')).toBe(false);
    expect(compileGlob('/[^a-c]')('/d')).toBe(true);
    expect(compileGlob('/[]*?[]')('/]')).toBe(true);
    expect(compileGlob('/[]*?[]')('/x')).toBe(false);
    expect(compileGlob('/a[!x]b')('/a/b')).toBe(false);
    expect(compileGlob('/[😀-😎]')('/😃')).toBe(true);
  });

  test('takes the escapes of a display form literally', () => {
    expect(compileGlob('/tmp/\\x0a*')('/tmp/\\x0atail')).toBe(true);
    expect(compileGlob('/tmp/*')('/tmp/\\xff\\xfe')).toBe(true);
  });

  test('knows no case and both separators in paths of Windows, and tells case apart elsewhere', () => {
    expect(compileGlob('C:/Users/*/Secret.*')('c:\\users\\Ann\\SECRET.txt')).toBe(true);
    expect(compileGlob('/Users')('/users')).toBe(false);
  });

  test('comes to an end where trying every way would take longer than the machine lasts', () => {
    const hostile = `/${'*a'.repeat(500)}${'**b'.repeat(500)}`;
    expect(compileGlob(hostile)(`/${'a'.repeat(4_000)}`)).toBe(false);
  });

  test.each([
    ['empty', ''],
    ['with a class that does not end', '/[a'],
    ['with a range that runs backwards', '/[z-a]'],
    ['with a NUL', '/\0'],
    ['longer than 4,096 characters', `/${'a'.repeat(5_000)}`],
  ])('is refused when it is %s', (_, glob) => {
    expect(() => compileGlob(glob)).toThrow('is no glob');
  });
});
