import { parentPort, workerData } from 'node:worker_threads';
import type { StatementResult } from '../../backend.ts';
import { errorFacts, SqliteConnection } from './connection.ts';
import type { NumberedRequest, ThreadAnswer, ThreadRequest } from './protocol.ts';

/**
 * The SQLite thread: everything that may block on a lock or a disk happens here, never on the event loop of the
 * server. One connection per number, opened when it is first used.
 */
const path = String(workerData.path);
const connections = new Map<number, SqliteConnection>();

parentPort?.on('message', ({ id, request }: NumberedRequest) => {
  parentPort?.postMessage(answer(id, request));
});

function answer(id: number, request: ThreadRequest): ThreadAnswer {
  try {
    return { id, results: obey(request) };
  } catch (error) {
    return { id, error: errorFacts(error) };
  }
}

function obey(request: ThreadRequest): readonly StatementResult[] {
  switch (request.kind) {
    case 'begin':
      connection(request.connection, request.write).begin(request.write, request.patience, request.gate);
      return [];
    case 'run':
      return connections.get(request.connection)?.run(request.statements) ?? [];
    case 'commit':
      connections.get(request.connection)?.commit();
      return [];
    case 'rollback':
      connections.get(request.connection)?.rollback();
      return [];
    case 'close':
      return closeAll();
  }
}

function connection(number: number, writes: boolean): SqliteConnection {
  const known = connections.get(number);
  if (known !== undefined) {
    return known;
  }
  const opened = new SqliteConnection(path, writes);
  connections.set(number, opened);
  return opened;
}

function closeAll(): readonly StatementResult[] {
  for (const each of connections.values()) {
    each.close();
  }
  connections.clear();
  return [];
}
