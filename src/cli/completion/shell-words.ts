import type { Following, Place } from './places.ts';

/** One word of any of the three shells, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Bash and zsh: which word leads from where to where. */
export function stepCases(places: readonly Place[], go: (name: string) => string): string {
  return places
    .flatMap(({ name, words }) =>
      words.map(({ word, aliases }) => {
        const spellings = [word, ...aliases].map((each) => quoted(`${name} ${each}`)).join('|');
        return `      ${spellings}) ${go(`${name} ${word}`)} ;;`;
      }),
    )
    .join('\n');
}

interface Answers {
  values(values: readonly string[]): string;
  readonly files: string;
  readonly directories: string;
  readonly text: string;
}

/** Bash and zsh: what is offered after an option that takes something. */
export function followingCases(places: readonly Place[], answers: Answers): string {
  const cases = places.flatMap(({ name, options }) =>
    options
      .filter(({ following }) => following.kind !== 'nothing')
      .map(({ flags, following }) => {
        const spellings = flags.map((flag) => quoted(`${name} ${flag}`)).join('|');
        return `    ${spellings}) ${answerFor(following, answers)} ;;`;
      }),
  );
  return cases.join('\n');
}

function answerFor(following: Following, answers: Answers): string {
  switch (following.kind) {
    case 'values':
      return answers.values(following.values);
    case 'nothing':
      return ':';
    default:
      return answers[following.kind];
  }
}
