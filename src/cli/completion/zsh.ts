import type { Place } from './places.ts';
import { followingCases, quoted, stepCases } from './shell-words.ts';

/** For a file `_custody` in a directory of `fpath`, or to be read with `source`. */
export function zshCompletion(places: readonly Place[]): string {
  const offers = places.map(({ name, words, options, isRun }) => {
    const flags = options.flatMap((option) => option.flags.map((flag) => describedWord(flag, option.help)));
    const described = [...words.map(({ word, help }) => describedWord(word, help)), ...(isRun ? flags : [])];
    return `    ${quoted(name)}) offered=(${described.join(' ')}); flags=(${flags.join(' ')}) ;;`;
  });
  return `#compdef custody
# Completion of custody for zsh. Made by "custody completion zsh".
_custody() {
  local place=custody index
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]}
  local -a offered flags
  for ((index = 2; index < CURRENT; index++)); do
    case "$place \${words[index]}" in
${stepCases(places, (name) => `place=${quoted(name)}`)}
    esac
  done
  case "$place $prev" in
${followingCases(places, {
  values: (values) => `compadd -- ${values.map(quoted).join(' ')}; return`,
  files: '_files; return',
  directories: '_files -/; return',
  text: 'return',
})}
  esac
  case "$place" in
${offers.join('\n')}
  esac
  if [[ $cur == -* || \${#offered} -eq 0 ]]; then
    _describe -o option flags
  else
    _describe command offered
  fi
}
if [[ \${funcstack[1]} == _custody ]]; then
  _custody "$@"
else
  compdef _custody custody
fi
`;
}

function describedWord(word: string, help: string): string {
  return quoted(`${word}:${help.replaceAll(':', String.raw`\:`)}`);
}
