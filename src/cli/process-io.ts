import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { isInterrupt } from './command-error.ts';
import type { CommandIo } from './command-io.ts';
import type { Terminal } from './terminal.ts';

/** Of a terminal that does not say how wide it is. */
const usualColumns = 80;

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
  get terminal() {
    return process.stdout.isTTY && process.stderr.isTTY ? processTerminal() : undefined;
  },
};

function processTerminal(): Terminal {
  return {
    columns: process.stdout.columns || usualColumns,
    draw: (drawn) => void process.stderr.write(drawn),
    onInterrupt(undo) {
      const interrupted = () => {
        undo();
        // With nobody listening any more the signal does what it always does.
        process.kill(process.pid, 'SIGINT');
      };
      process.once('SIGINT', interrupted);
      return () => void process.removeListener('SIGINT', interrupted);
    },
  };
}

/** On standard error, for results go to standard output. */
async function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const interrupt = new AbortController();
  // While a line is read the terminal sends no signal.
  terminal.once('SIGINT', () => interrupt.abort());
  try {
    return await terminal.question(question, { signal: interrupt.signal });
  } catch (error) {
    if (isInterrupt(error) && !interrupt.signal.aborted) {
      // Ctrl-D: nothing is answered, and the question's line is still open.
      process.stderr.write('\n');
      return '';
    }
    throw error;
  } finally {
    terminal.close();
  }
}
