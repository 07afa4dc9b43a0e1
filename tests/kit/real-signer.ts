import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { custody, type Program, runProgram, startProgram } from './program.ts';
import { until } from './until.ts';

export interface SignerOptions {
  readonly directory: string;
  readonly listen: string;
  /** A server's data directory, whose order key moves. */
  readonly fromServer?: string;
  /** Lines of its policy beside where it listens. */
  readonly policy?: readonly string[];
}

/** `custody signer run` as a process of its own. */
export interface RealSigner extends AsyncDisposable {
  readonly directory: string;
  readonly program: Program;
  start(): Promise<void>;
  end(signal: NodeJS.Signals): Promise<void>;
  /** Makes a new order key. */
  rotate(): Promise<void>;
}

/** Makes a signer and starts it. */
export async function startSigner({ directory, listen, fromServer, policy = [] }: SignerOptions): Promise<RealSigner> {
  const moved = fromServer === undefined ? [] : ['--from-server', fromServer];
  await demand(['signer', 'init', '--dir', directory, '--listen', listen, ...moved]);
  appendFileSync(join(directory, 'signer.toml'), policy.map((line) => `${line}\n`).join(''));
  const launch = () => startProgram([custody, 'signer', 'run', '--dir', directory]);
  const answering = (started: Program) =>
    until(`the signer answers\n${started.err()}`, () => started.err().includes('The signer answers.'));
  let program = launch();
  await answering(program);
  return {
    directory,
    get program() {
      return program;
    },
    async start() {
      program = launch();
      await answering(program);
    },
    async end(signal) {
      await program.end(signal);
    },
    rotate: () => demand(['signer', 'rotate', '--dir', directory]),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

async function demand(words: readonly string[]): Promise<void> {
  const { code, err } = await runProgram([custody, ...words]);
  if (code !== 0) {
    throw new Error(`custody ${words.join(' ')}: ${err}`);
  }
}
