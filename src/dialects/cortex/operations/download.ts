import type { Ports } from '#core/ports/ports.ts';
import { delivering, demandEvidence } from '#core/verbs/deliver-evidence.ts';
import type { FetchedFile } from '#core/verbs/fetched-files.ts';
import { demandAnyKept, partLost } from '#core/verbs/lost-evidence.ts';
import type { GuardedCall, GuardedOperation } from '../../dialect.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { archiveEntries } from '../retrieval-archive.ts';
import { type RetrievalTarget, readToken, unknownLink } from '../retrieval-link.ts';
import { isRetrieved, linksAnswer, retrievedFiles } from '../retrieved-files.ts';

/** The vendor's own, for malware must open by nobody's accident; it keeps no secret. */
const password = 'suspicious';

/**
 * One endpoint's archive, by the link of File Retrieval Details. Connectors use GET or POST,
 * with or without a body, which says nothing.
 */
export const downloads: readonly GuardedOperation[] = (['GET', 'POST'] as const).map((method) => ({
  method,
  paths: callPaths('download/:token'),
  access: { permission: 'evidence.download', licence: anyLicence },
  run: download,
}));

async function download({ parameters, ports, principal, connection }: GuardedCall): Promise<Response> {
  const target = readToken(ports, parameters['token'] ?? '');
  const files = await filesBehind(ports, target);
  const retrieved = partLost(files.filter(isRetrieved));
  demandAnyKept(retrieved);
  await demandEvidence(ports, retrieved.kept);
  const delivery = { principal, remoteAddress: connection.remoteAddress, files: retrieved.kept };
  const { archiveForm } = ports.policy.cortex.retrieval;
  const archive = ports.archiver.zip(archiveEntries(ports, files), archiveForm === 'password' ? { password } : {});
  const body = delivering(ports, delivery, archive);
  return new Response(body, { headers: headersOf(target) });
}

/** Connectors split this `Content-Disposition` at `;` and `=`: no quotes, and nothing after the name. */
function headersOf({ actionId, endpointId }: RetrievalTarget): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename=retrieved_files_${actionId}_${endpointId}.zip`,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  };
}

async function filesBehind(ports: Ports, target: RetrievalTarget): Promise<readonly FetchedFile[]> {
  const files = (await retrievedFiles(ports, target.actionId)) ?? [];
  const own = files.filter((file) => file.task.endpointId === target.endpointId);
  const retrieved = own.find(isRetrieved);
  if (retrieved === undefined || !linksAnswer(ports, retrieved.action)) {
    throw unknownLink();
  }
  return own;
}
