import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import type { CommandIo } from './command-io.ts';

/** This process's own streams. */
export const processIo: CommandIo = {
  environment: process.env,
  async out(chunk) {
    if (!process.stdout.write(chunk)) {
      await once(process.stdout, 'drain');
    }
  },
  err(words) {
    process.stderr.write(words);
  },
  get ask() {
    return process.stdin.isTTY === true && process.stderr.isTTY === true ? askOnTerminal : undefined;
  },
  readInput: () => text(process.stdin),
};

/** On standard error, for results go to standard output. An interrupt ends the program, as it does elsewhere. */
async function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
