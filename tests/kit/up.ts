import { join } from 'node:path';
import { answers, socketTransport } from '#cli/socket-transport.ts';
import { type Client, createClient } from '#sdk/client.ts';
import { allGone, descendants, type Ended, killAll, type Program, startProgram } from './program.ts';
import { until } from './until.ts';

/** `custody up`: a server and the agent of this machine. Disposing of it kills what a failed test left running. */
export interface RunningUp extends AsyncDisposable {
  readonly program: Program;
  readonly client: Client;
  /** Milliseconds from the start until server and agent were there and the file list was whole. */
  readonly took: number;
  /** Sends a signal to it alone, as `kill` does; @returns how it ended, once all of its processes are gone. */
  end(signal: NodeJS.Signals): Promise<Ended>;
  /** Ctrl-C: the terminal sends SIGINT to every process of the group. */
  interrupt(): Promise<Ended>;
}

export interface UpOptions {
  readonly data: string;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const sampleFiles = 3;

/** Starts it by any of the ways there are, and waits until its sample files can be worked with. */
export async function startUp(words: readonly [string, ...string[]], options: UpOptions): Promise<RunningUp> {
  const { data, ...rest } = options;
  const started = performance.now();
  const program = startProgram(words, { ...rest, ownGroup: true });
  const socket = join(data, 'admin.sock');
  const client = createClient({ send: socketTransport(socket) });
  try {
    await until(`${words.join(' ')} answers`, async () => {
      if (!program.isRunning) {
        throw new Error(`It ended at once:\n${program.err()}`);
      }
      return (await answers(socket)) && (await client.listEndpoints()).total === 1;
    });
    await until('the sample files are known', async () => (await client.findFiles({})).total === sampleFiles);
  } catch (failure) {
    await program[Symbol.asyncDispose]();
    throw failure;
  }
  const took = performance.now() - started;
  const end = async (stop: () => Promise<Ended>) => {
    const below = descendants(program.pid);
    const ended = await stop();
    await allGone(below);
    return ended;
  };
  return {
    ...{ program, client, took },
    end: (signal) => end(() => program.end(signal)),
    interrupt: () =>
      end(async () => {
        process.kill(-program.pid, 'SIGINT');
        return program.finished();
      }),
    async [Symbol.asyncDispose]() {
      killAll(descendants(program.pid));
      await program[Symbol.asyncDispose]();
    },
  };
}
