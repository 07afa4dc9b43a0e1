import { z } from 'zod';
import type { MachineMark } from '#core/endpoint/machine.ts';
import type { Log } from '#core/ports/log.ts';
import { readOwnFile, replaceOwnFile } from '../platform/own-files.ts';

const lineageSchema = z.object({ v: z.literal(1), generation: z.number().int().nonnegative() });

/**
 * Which welcome was the last that this directory knows of. Each has a number, and two machines with one key cannot both go on with
 * it: so a copied directory, or a machine that was set back, is known as one (promise P39).
 */
export class Lineage {
  readonly machine: MachineMark;
  private last: number;
  private readonly file: string;
  private readonly log: Log;

  constructor(file: string, { machine, log }: { readonly machine: MachineMark; readonly log: Log }) {
    this.file = file;
    this.machine = machine;
    this.log = log;
    this.last = read(file, log);
  }

  /** What is on disk; 0 before the first. */
  get generation(): number {
    return this.last;
  }

  /** @returns whether it is durable. Where it is not, the number before goes on to count, here as on the server. */
  keep(generation: number): boolean {
    try {
      replaceOwnFile(this.file, `${JSON.stringify({ v: 1, generation })}\n`);
      this.last = generation;
      return true;
    } catch (cause) {
      this.log.error('The number of this connection could not be kept.', { file: this.file, cause });
      return false;
    }
  }
}

function read(file: string, log: Log): number {
  const text = readOwnFile(file);
  try {
    return text === undefined ? 0 : lineageSchema.parse(JSON.parse(text)).generation;
  } catch (cause) {
    log.error('What this agent kept of its last connection cannot be read.', { file, cause });
    return 0;
  }
}
