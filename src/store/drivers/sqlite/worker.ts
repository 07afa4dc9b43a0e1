import { parentPort, workerData } from 'node:worker_threads';
import { errorFacts } from './connection.ts';
import { SqliteConnections } from './connections.ts';
import type { NumberedRequest, ThreadAnswer, ThreadRequest } from './protocol.ts';

/**
 * The SQLite thread: everything that may block on a lock or a disk happens here, never on the event loop of the
 * server.
 */
const connections = new SqliteConnections(String(workerData.path));

parentPort?.on('message', ({ id, request }: NumberedRequest) => {
  parentPort?.postMessage(answer(id, request));
});

function answer(id: number, request: ThreadRequest): ThreadAnswer {
  try {
    return { id, results: connections.obey(request) };
  } catch (error) {
    return { id, error: errorFacts(error) };
  }
}
