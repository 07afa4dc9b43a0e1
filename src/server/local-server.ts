import { Fault } from '#core/fault.ts';
import { composeServer } from './compose.ts';
import { type ConfigSources, publicUrlOf } from './config.ts';
import { openDataDirectory } from './open-data-directory.ts';

/** A server without sockets, for administration while none runs. */
export interface LocalServer {
  /** Answers as the admin socket would. */
  answer(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/**
 * Opens what a data directory holds, under its lock.
 * @throws Fault `conflict` while a server has it, `not_found` when it holds no server.
 */
export async function openLocalServer(sources: ConfigSources): Promise<LocalServer> {
  const { machine, directory, config, lock } = await openDataDirectory(sources);
  try {
    if ((await machine.fs.read(directory.orderKey)) === undefined) {
      const advice = 'Start one there first, or name another directory with --data.';
      throw new Fault('not_found', `${directory.root} holds no Custody server. ${advice}`);
    }
    const publicUrl = publicUrlOf(config, config.CUSTODY_LISTEN.port);
    const composed = await composeServer(machine, directory, { config, publicUrl });
    return {
      answer: (request) => composed.answer(request, { remoteAddress: 'local', local: true }),
      async close() {
        await composed.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
