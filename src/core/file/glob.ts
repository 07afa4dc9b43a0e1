import { type GlobToken, parseGlob } from './glob-tokens.ts';

/**
 * Compiles a glob that must match the whole display form of a path. `*` and `?` stay within one component, `**` crosses
 * them, `**` between separators stands for any number of components, none included; `[a-z]` and `[!a-z]` are one character.
 * A backslash is itself, because a display form has backslashes; what is special is meant literally inside `[...]`.
 * Case counts, but not in paths of Windows, where `/` in the glob means either separator.
 * The time to match grows with the length of the path, whatever the glob: nothing is tried twice.
 * @throws Fault `invalid_request` for a glob that is no glob.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const exact = parseGlob(glob);
  let folded: readonly GlobToken[] | undefined;
  return (path) => {
    if (path.startsWith('/')) {
      return new Matching(exact, isSlash).matches(path);
    }
    folded ??= parseGlob(foldCase(glob));
    return new Matching(folded, isEitherSlash).matches(foldCase(path));
  };
}

/** One letter for one letter, so that neither `?` nor a class sees another number of characters than before. */
function foldCase(text: string): string {
  return Array.from(text, (character) => {
    const lower = character.toLowerCase();
    return Array.from(lower).length === 1 ? lower : character;
  }).join('');
}

function isSlash(character: string): boolean {
  return character === '/';
}

function isEitherSlash(character: string): boolean {
  return character === '/' || character === '\\';
}

/** All the places in the glob where a match may be, moved on together by one character of the path at a time. */
class Matching {
  private current: number[] = [];
  private next: number[] = [];
  /** For each place the last step that reached it. */
  private readonly reached: Int32Array;
  private step = 0;
  private readonly tokens: readonly GlobToken[];
  private readonly isSeparator: (character: string) => boolean;

  constructor(tokens: readonly GlobToken[], isSeparator: (character: string) => boolean) {
    this.tokens = tokens;
    this.isSeparator = isSeparator;
    this.reached = new Int32Array(tokens.length + 1).fill(-1);
  }

  matches(path: string): boolean {
    this.enter(0);
    for (const character of path) {
      [this.current, this.next] = [this.next, this.current];
      this.next.length = 0;
      if (this.current.length === 0) {
        return false;
      }
      this.step += 1;
      const separator = this.isSeparator(character);
      for (const place of this.current) {
        this.advance(place, character, separator);
      }
    }
    return this.next.includes(this.tokens.length);
  }

  private advance(place: number, character: string, separator: boolean): void {
    const token = this.tokens[place];
    switch (token?.kind) {
      case undefined:
        return;
      case 'anything':
        return this.enter(place);
      case 'within':
        return separator ? undefined : this.enter(place);
      case 'components':
        this.stay(place);
        return separator ? this.enter(place + 1) : undefined;
      case 'separator':
        return separator ? this.enter(place + 1) : undefined;
      case 'character':
        return character === token.character ? this.enter(place + 1) : undefined;
      case 'one':
        return !separator && token.accepts(character) ? this.enter(place + 1) : undefined;
    }
  }

  /** A place, and with it the places behind what may stand for nothing. */
  private enter(place: number): void {
    let at = place;
    while (this.stay(at) && this.mayBeEmpty(at)) {
      at += 1;
    }
  }

  /** @returns false when the place was entered in this step before. */
  private stay(place: number): boolean {
    if (this.reached[place] === this.step) {
      return false;
    }
    this.reached[place] = this.step;
    this.next.push(place);
    return true;
  }

  private mayBeEmpty(place: number): boolean {
    const kind = this.tokens[place]?.kind;
    return kind === 'anything' || kind === 'within' || kind === 'components';
  }
}
