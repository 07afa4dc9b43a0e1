import { demandPermission } from '#core/access/principal.ts';
import type { Action } from '#core/action/action.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { presenceOf } from '#core/endpoint/presence.ts';
import { Fault } from '#core/fault.ts';
import { displayPath } from '#core/file/file-path.ts';
import { readFullPath } from '#core/file/full-path.ts';
import { awaitFetchedFiles } from '#core/verbs/await-fetched-files.ts';
import { closeBatch } from '#core/verbs/close-batch.ts';
import { delivering, demandEvidence } from '#core/verbs/deliver-evidence.ts';
import type { FetchedFile } from '#core/verbs/fetched-files.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import type { GuardedCall, GuardedOperation } from '../../dialect.ts';
import { readDirectFetch } from '../direct-fetch-request.ts';
import { archiveEntries, archiveHeaders } from '../evidence-archive.ts';
import { directFetchPath } from '../faults.ts';
import { sensorNamed } from '../find-sensor.ts';
import { readJson } from '../json-body.ts';
import { replyWrapped } from '../reply.ts';

/** Known to every client of this call: it keeps scanners on the way from opening the archive, and nobody else. */
const password = 'cautionhandlewithcare';

/**
 * `POST /rest/file-search/fetch-direct`: one file by its path, while the caller waits, as an encrypted ZIP. An answer of 200
 * without `Content-Disposition` says that the endpoint has no such file; everything else that fails has a status beyond 399.
 * A fetch that outlasts the wait goes on as a batch like any other.
 */
export const fetchDirect: GuardedOperation = {
  method: 'POST',
  paths: [directFetchPath],
  access: { permission: 'evidence.download', licence: [] },
  async run(call) {
    const { ports, principal, request } = call;
    demandPermission(principal, 'files.fetch');
    const { path, pylumId } = readDirectFetch(await readJson(request));
    const endpoint = await ports.store.read((reader) => sensorNamed(reader, pylumId));
    const action = await order(call, endpoint, path);
    if (action === undefined) {
      const advice = 'A download that waits for it can be started with fetchfile/start.';
      return refusal(409, `${endpoint.hostName} is not connected, and nothing was started. ${advice}`);
    }
    const patience = ports.policy.cybereason.directFetchPatience;
    const [file] = (await awaitFetchedFiles(ports, action, { patience, signal: request.signal })) ?? [];
    if (file === undefined) {
      return stillComing(endpoint, action);
    }
    return file.outcome?.outcome === 'done' ? deliver(call, file) : tellFailure(call, file);
  },
};

/** Undefined where the endpoint is not connected: nobody would be there any more when it comes back. */
async function order({ ports, principal }: GuardedCall, endpoint: Endpoint, text: string): Promise<Action | undefined> {
  const path = readFullPath(endpoint.platform, text);
  if (path === undefined) {
    const message = `path must be the full path of a file on ${endpoint.hostName} (${endpoint.platform}).`;
    throw new Fault('invalid_request', message, { details: { field: 'path' } });
  }
  if (presenceOf(endpoint, ports.clock.now()) !== 'connected') {
    return undefined;
  }
  return retrieveFiles(ports, {
    origin: { principal, dialect: 'cybereason' },
    endpointIds: [endpoint.id],
    paths: { [endpoint.platform]: [path] },
  });
}

async function deliver({ ports, principal, connection }: GuardedCall, file: FetchedFile): Promise<Response> {
  const files = [file];
  await demandEvidence(ports, files);
  const entries = archiveEntries(ports, { kept: files, lost: [] });
  const archive = ports.archiver.zip(entries, { password });
  const delivery = { principal, remoteAddress: connection.remoteAddress, files };
  return new Response(delivering(ports, delivery, archive), {
    headers: archiveHeaders(`${entries[0]?.name ?? 'file'}.zip`),
  });
}

/** The batch is closed, for whoever asked has been told how it ended. */
async function tellFailure({ ports, principal }: GuardedCall, file: FetchedFile): Promise<Response> {
  await closeOnce(ports, principal, file.action);
  const where = `${file.endpoint?.hostName ?? 'The endpoint'} has not sent ${displayPath(file.path)}`;
  const outcome = file.outcome?.outcome;
  if (outcome === 'not_found') {
    return refusal(200, `${where}: there is no such file.`);
  }
  const reason = (file.outcome?.message ?? '').replace(/\.$/, '');
  const why = [outcome ?? 'it did not report', file.outcome?.reason, reason].filter((part) => part).join(', ');
  return refusal(409, `${where}: ${why}.`);
}

/** Its owner may have closed the batch meanwhile. */
async function closeOnce(
  ports: GuardedCall['ports'],
  principal: GuardedCall['principal'],
  action: Action,
): Promise<void> {
  try {
    await closeBatch(ports, principal, action);
  } catch (thrown) {
    if (!(thrown instanceof Fault && thrown.code === 'not_found')) {
      throw thrown;
    }
  }
}

function stillComing({ hostName }: Endpoint, { batchNumber }: Action): Response {
  const message = `${hostName} has not sent the file yet. It goes on as batch ${batchNumber} of fetchfile/downloads/progress.`;
  return replyWrapped({ data: false, status: 'TIMEOUT_ERROR', message }, 504);
}

function refusal(http: number, message: string): Response {
  return replyWrapped({ data: false, status: 'FAILURE', message }, http);
}
