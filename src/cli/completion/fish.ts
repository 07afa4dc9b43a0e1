import type { CompletedOption, Following, Place } from './places.ts';

/** For a file `custody.fish` in fish's directory of completions. */
export function fishCompletion(places: readonly Place[]): string {
  const steps = places.flatMap(({ name, words }) =>
    words.map(({ word, aliases }) => {
      const spellings = [word, ...aliases].map((each) => quoted(`${name} ${each}`)).join(' ');
      return `      case ${spellings}\n        set place ${quoted(`${name} ${word}`)}`;
    }),
  );
  const offers = places.flatMap(({ name, words, options }) => [
    ...words.map(({ word, help }) => `${at(name)} -a ${quoted(word)} -d ${quoted(help)}`),
    ...options.map((option) => `${at(name)} ${optionWords(option)} -d ${quoted(option.help)}`),
  ]);
  return `# Completion of custody for fish. Made by "custody completion fish".
function __custody_at
  set -l place custody
  for word in (commandline -opc)[2..-1]
    switch "$place $word"
${steps.join('\n')}
    end
  end
  test "$place" = "$argv[1]"
end
complete -c custody -f
${offers.join('\n')}
`;
}

function at(name: string): string {
  return `complete -c custody -n ${quoted(`__custody_at ${quoted(name)}`)}`;
}

function optionWords({ flags, following }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, ...followingWords(following)].join(' ');
}

function followingWords(following: Following): readonly string[] {
  switch (following.kind) {
    case 'nothing':
      return [];
    case 'values':
      return ['-x', '-a', quoted(following.values.map((value) => value.replaceAll(' ', String.raw`\ `)).join(' '))];
    case 'files':
      return ['-r', '-F'];
    case 'directories':
      return ['-x', '-a', quoted('(__fish_complete_directories)')];
    case 'text':
      return ['-x'];
  }
}

/** Within single quotes fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
