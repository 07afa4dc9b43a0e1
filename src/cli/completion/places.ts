import type { Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';

/** What may follow an option. */
export type Following =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'directories' }
  /** A value that nobody can guess. */
  | { readonly kind: 'text' };

export interface CompletedOption {
  /** Each with its dashes, the long one first. */
  readonly flags: readonly string[];
  readonly help: string;
  readonly following: Following;
}

export interface CompletedWord {
  readonly word: string;
  /** Other spellings of it, which lead to the same place. */
  readonly aliases: readonly string[];
  readonly help: string;
}

/** Where a command line may stand: after the program and the words that lead to one command. */
export interface Place {
  /** `custody endpoints list`. */
  readonly name: string;
  /** The words that lead on from here. */
  readonly words: readonly CompletedWord[];
  readonly options: readonly CompletedOption[];
  /** Something is done here, also where words lead on: its options are offered beside those. */
  readonly isRun: boolean;
}

/** All places of a command line, the program itself first: read from the commands themselves, so that none is forgotten. */
export function placesOf(command: Command, name: string = command.name()): readonly Place[] {
  const children = command.createHelp().visibleCommands(command);
  const place: Place = {
    name,
    words: children.map((child) => ({ word: child.name(), aliases: child.aliases(), help: child.description() })),
    options: command.createHelp().visibleOptions(command).map(completed),
    isRun: command.parent !== null && command.options.length > 0,
  };
  const below = children.filter((child) => child.name() !== 'help');
  return [place, ...below.flatMap((child) => placesOf(child, `${name} ${child.name()}`))];
}

function completed(option: Option): CompletedOption {
  const flags = [option.long, option.short].filter((flag) => typeof flag === 'string');
  return { flags, help: option.description, following: followingOf(option) };
}

function followingOf({ required, optional, argChoices, flags }: Option): Following {
  if (!required && !optional) {
    return { kind: 'nothing' };
  }
  if (argChoices !== undefined) {
    return { kind: 'values', values: argChoices };
  }
  if (/<ROLE\b/.test(flags)) {
    // There may be others, which only a server knows.
    return { kind: 'values', values: choices.builtInRoles };
  }
  if (/<FILE\b/.test(flags)) {
    return { kind: 'files' };
  }
  return /<DIR\b/.test(flags) ? { kind: 'directories' } : { kind: 'text' };
}
