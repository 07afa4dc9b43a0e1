import { composeServer, steadied } from './compose.ts';
import { type ConfigSources, publicUrlOf } from './config.ts';
import { openDataDirectory } from './open-data-directory.ts';
import { demandRecordsHere } from './records-place.ts';

export interface LocalRequest {
  readonly method: string;
  /** Absolute, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** A server without sockets, for administration while none runs. */
export interface LocalServer {
  /** Answers as the admin socket would. */
  send(request: LocalRequest): Promise<Response>;
  close(): Promise<void>;
}

/**
 * Opens what a data directory holds, under its lock.
 * @throws Fault `conflict` while a server has it or where its records are elsewhere, `not_found` when it holds no server.
 */
export async function openLocalServices(sources: ConfigSources): Promise<LocalServer> {
  const { machine, directory, config, given, lock } = await openDataDirectory(sources, { mustExist: true });
  try {
    await demandRecordsHere({ ...machine, directory, config });
    const publicUrl = publicUrlOf(config, config.CUSTODY_LISTEN.port);
    // The command says what it did; a line about its request beside that would be in the way.
    const quiet = { ...machine, log: { ...machine.log, info: machine.log.debug } };
    const settings = { config, given, publicUrl };
    const composed = await composeServer(await steadied(quiet, directory), directory, settings);
    return {
      send: (request) => composed.answer(webRequest(request), { remoteAddress: 'local', local: true }),
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

function webRequest({ method, path, headers, body }: LocalRequest): Request {
  return new Request(`http://custody${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
}
