import type { CommandIo } from './command-io.ts';
import type { Programs, Words } from './programs.ts';
import { safeJson } from './safe-text.ts';
import type { Table } from './table.ts';

/** What every command is given. */
export interface Context {
  readonly programs: Programs;
  readonly io: CommandIo;
}

export interface OutputOptions {
  readonly json?: boolean;
  /** Nothing but the result and errors. */
  readonly quiet?: boolean;
}

/** A table is fitted to the terminal, where there is one. */
export type TextPart = string | Table;

/** A result, as a program and as a person reads it. */
export interface Shown {
  readonly json: unknown;
  /** Several parts are set apart by an empty line. */
  readonly text: TextPart | readonly TextPart[];
}

/** Prints a result on standard output, in the asked form. */
export async function show({ io }: Pick<Context, 'io'>, { json = false }: OutputOptions, shown: Shown): Promise<void> {
  const parts = [shown.text].flat();
  const words = parts.map((part) => (typeof part === 'string' ? part : part.fit(io.terminal?.columns)));
  await io.out(json ? `${safeJson(shown.json)}\n` : words.join('\n'));
}

/** A line for people, on standard error. */
export function say({ io }: Context, text: string): void {
  io.err(`${text}\n`);
}

export function wordsOf(context: Context): Words {
  return { say: (text) => say(context, text) };
}
