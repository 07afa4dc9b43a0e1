import type { Place } from './places.ts';
import { followingCases, quoted, stepCases } from './shell-words.ts';

/** For bash 4 and later; to be read with `source`, or put where bash-completion looks. */
export function bashCompletion(places: readonly Place[]): string {
  const offers = places.map(({ name, words, options, isRun }) => {
    const flags = options.flatMap((option) => option.flags);
    const offered = [...words.map(({ word }) => word), ...(isRun ? flags : [])];
    return `    ${quoted(name)}) words=${lines(offered)}; flags=${lines(flags)} ;;`;
  });
  return `# Completion of custody for bash. Made by "custody completion bash".
_custody() {
  local place=custody words= flags= index word
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$place \${COMP_WORDS[index]}" in
${stepCases(places, (name) => `place=${quoted(name)}`)}
    esac
  done
  case "$place $prev" in
${followingCases(places, {
  values: (values) => `words=${lines(values)}; flags=$words`,
  files: '_custody_files -f; return',
  directories: '_custody_files -d; return',
  text: 'return',
})}
    *)
      case "$place" in
${offers.join('\n')}
      esac
      [[ $cur == -* ]] && words=$flags
      ;;
  esac
  local typed=\${cur//\\\\/}
  typed=\${typed#[\\'\\"]}
  while IFS= read -r word; do
    [[ -n $word && $word == "$typed"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
  done <<<"$words"
}
_custody_files() {
  compopt -o filenames 2>/dev/null
  local word
  while IFS= read -r word; do
    COMPREPLY+=("$word")
  done < <(compgen "$1" -- "$cur")
}
complete -F _custody custody
`;
}

/** Bash's own quoting, with a line for each. */
function lines(words: readonly string[]): string {
  return quoted(words.join('\n'));
}
