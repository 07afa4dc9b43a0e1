/** What an endpoint may call itself, its users or its files in order to deceive whoever reads it, or whatever program does. */
const pieces: readonly string[] = [
  ...['\u202e', '\u202d', '\u2066', '\u2067', '\u2069', '\u200e', '\u200f', '\u061c', '\u200b', '\ufeff', '\u{e0041}'],
  ...[
    '\x1b[2J',
    '\x1b[31m',
    '\x1b]0;title\x07',
    '\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\',
    '\x9b31m',
    '\x08\x08',
  ],
  ...[
    "=cmd|' /C calc'!A0",
    '+1+1',
    '-1-1',
    '@SUM(1)',
    '\t=1+1',
    '\r=1+1',
    '=HYPERLINK("https://evil.example")',
    '%00',
    '|calc',
  ],
  ...[
    '<img src=x onerror=alert(1)>',
    '<script>alert(1)</script>',
    '"><svg/onload=alert(1)>',
    '&lt;b&gt;',
    "'+alert(1)+'",
    '${7*7}',
  ],
  ...[
    '\r\n',
    '\n',
    '\r',
    '\u2028',
    '\u2029',
    '\x0b',
    '\x0c',
    '\x85',
    '\r\nSet-Cookie: a=b',
    '\n{"level":50,"msg":"forged"}',
  ],
  ...[
    '..',
    '../../etc/passwd',
    '..\\..\\windows',
    'C:\\Windows\\x',
    'C:x',
    '\\\\host\\share\\x',
    '/etc/passwd',
    './x',
    '//x',
  ],
  ...[
    'a:stream',
    'a::$DATA',
    '%2e%2e%2f',
    '..%c0%af',
    '~',
    '$HOME',
    '*',
    '?',
    '|',
    '"',
    "'",
    '`id`',
    '$(id)',
    '; rm -rf /',
  ],
  ...[
    'CON',
    'con.txt',
    'PRN',
    'AUX.h',
    'NUL',
    'nul.tar.gz',
    'COM1',
    'LPT9.txt',
    'COM\u00b9',
    'CONIN$',
    'x.',
    'x ',
    '.',
    ' ',
  ],
  ...[
    '\ud800',
    '\udfff',
    'a\ud83d',
    '\udc00b',
    '\u0000',
    'a\u0000.txt',
    '\ufffe',
    '\uffff',
    'e\u0301',
    '\u00e9',
    '\u0130',
  ],
  ...[
    '👩\u200d👩\u200d👧',
    'x'.repeat(255),
    'x'.repeat(256),
    'y'.repeat(1_000),
    'z'.repeat(65_536),
    'é'.repeat(200),
    '名'.repeat(90),
  ],
];

const frames: readonly ((piece: string) => string)[] = [
  (piece) => piece,
  (piece) => `report${piece}gpj.exe`,
  (piece) => `${piece}.txt`,
  (piece) => `a/${piece}/b`,
  (piece) => `${piece}${piece}`,
];

/** About 500, all different, and always the same. NUL and half characters are among them. */
export const hostileNames: readonly string[] = [...new Set(frames.flatMap((frame) => pieces.map(frame)))];

const overlong = [
  [0xff, 0xfe],
  [0xc0, 0xaf],
  [0xe0, 0x80, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0x80],
  [0xc3],
  [0x1b, 0x5b, 0x32, 0x4a, 0xff],
];

/** The same as bytes of paths, and with what is no UTF-8; none has a NUL. */
export const hostilePaths: readonly Uint8Array[] = different([
  ...hostileNames
    .filter((name) => !name.includes('\0') && name.length < 30_000)
    .map((name) => new TextEncoder().encode(`/srv/${name}`)),
  ...overlong.flatMap((bytes) =>
    ['/srv/', '/srv/a/', '/'].map((start) => Uint8Array.from([...new TextEncoder().encode(start), ...bytes, 0x78])),
  ),
]);

/** Halves of characters are one and the same in UTF-8. */
function different(paths: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(paths.map((path) => [Buffer.from(path).toString('hex'), path])).values()];
}
