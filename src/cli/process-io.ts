import { once } from 'node:events';
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
  readInput: () => text(process.stdin),
};
