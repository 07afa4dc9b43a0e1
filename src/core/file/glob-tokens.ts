import { Fault } from '../fault.ts';

export type GlobToken =
  /** `**`: any characters. */
  | { readonly kind: 'anything' }
  /** `*`: any characters of one component. */
  | { readonly kind: 'within' }
  /** `**` and the separator behind it: any number of whole components. */
  | { readonly kind: 'components' }
  | { readonly kind: 'separator' }
  | { readonly kind: 'character'; readonly character: string }
  /** `?` or `[...]`: one character that is no separator. */
  | { readonly kind: 'one'; accepts(character: string): boolean };

const longestGlob = 4_096;

/** @throws Fault `invalid_request` for what is no glob. */
export function parseGlob(glob: string): readonly GlobToken[] {
  if (glob === '' || glob.length > longestGlob || glob.includes('\0')) {
    throw invalid(glob, `a glob has 1 to ${longestGlob} characters and no NUL`);
  }
  const characters = Array.from(glob);
  const tokens: GlobToken[] = [];
  let at = 0;
  while (at < characters.length) {
    const read = readToken(characters, at, tokens.at(-1));
    tokens.push(read.token);
    at = read.end;
  }
  return tokens;
}

interface Read {
  readonly token: GlobToken;
  readonly end: number;
}

function readToken(characters: readonly string[], at: number, before: GlobToken | undefined): Read {
  const character = characters[at] ?? '';
  switch (character) {
    case '*':
      return readStars(characters, at, before);
    case '?':
      return { token: { kind: 'one', accepts: () => true }, end: at + 1 };
    case '[':
      return readClass(characters, at);
    case '/':
      return { token: { kind: 'separator' }, end: at + 1 };
    default:
      return { token: { kind: 'character', character }, end: at + 1 };
  }
}

function readStars(characters: readonly string[], at: number, before: GlobToken | undefined): Read {
  let end = at;
  while (characters[end] === '*') {
    end += 1;
  }
  if (end - at === 1) {
    return { token: { kind: 'within' }, end };
  }
  const startsComponent = before === undefined || before.kind === 'separator' || before.kind === 'components';
  return startsComponent && characters[end] === '/'
    ? { token: { kind: 'components' }, end: end + 1 }
    : { token: { kind: 'anything' }, end };
}

/** `[abc]`, `[a-z]`, `[!...]` or `[^...]`; a `]` that comes first is meant literally. */
function readClass(characters: readonly string[], at: number): Read {
  const negated = characters[at + 1] === '!' || characters[at + 1] === '^';
  const first = at + (negated ? 2 : 1);
  const end = characters.indexOf(']', first + 1);
  if (end === -1) {
    throw invalid(characters.join(''), 'a [ has no ]');
  }
  const ranges = readRanges(characters.slice(first, end), characters.join(''));
  const accepts = (character: string) => {
    const code = character.codePointAt(0) ?? 0;
    return ranges.some(([low, high]) => code >= low && code <= high) !== negated;
  };
  return { token: { kind: 'one', accepts }, end: end + 1 };
}

function readRanges(members: readonly string[], glob: string): readonly (readonly [number, number])[] {
  const codes = members.map((member) => member.codePointAt(0) ?? 0);
  const ranges: (readonly [number, number])[] = [];
  for (let at = 0; at < codes.length; ) {
    const isRange = members[at + 1] === '-' && at + 2 < codes.length;
    const low = codes[at] ?? 0;
    const high = isRange ? (codes[at + 2] ?? 0) : low;
    if (high < low) {
      throw invalid(glob, `the range ${members[at]}-${members[at + 2]} ends before it begins`);
    }
    ranges.push([low, high]);
    at += isRange ? 3 : 1;
  }
  return ranges;
}

function invalid(glob: string, why: string): Fault {
  return new Fault('invalid_request', `"${glob.slice(0, 200)}" is no glob: ${why}.`);
}
