import type { Principal } from '#core/access/principal.ts';
import { type StartedFetch, startFetch } from '#core/verbs/start-fetch.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyWrapped } from '../reply.ts';
import { readStartRequest } from '../start-request.ts';

const namedInMessage = 10;

/**
 * `POST /rest/fetchfile/start`: starts one batch for the files of these GUIDs. The batch's number is not in the
 * answer; it is found with `downloads/progress` (the seed's page). A name in the body that is not the
 * session's user is kept as claimed, and authorises nothing.
 */
export const startFileDownload: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/fetchfile/start'],
  access: { permission: 'files.fetch', licence: [] },
  async run({ request, ports, principal }) {
    const { elementGuids, initiatorUserName } = readStartRequest(await readJson(request));
    const claimedInitiator = isNameOf(principal, initiatorUserName) ? undefined : initiatorUserName;
    const origin = { principal, dialect: 'cybereason', claimedInitiator } as const;
    const { unknown } = await startFetch(ports, { origin, guids: elementGuids });
    const status = unknown.length === 0 ? 'SUCCESS' : 'PARTIAL_SUCCESS';
    return replyWrapped({ data: true, status, message: partialMessage(unknown) });
  },
};

function isNameOf({ name }: Principal, claimed: string): boolean {
  return claimed.trim().toLowerCase() === name.toLowerCase();
}

function partialMessage(unknown: StartedFetch['unknown']): string {
  if (unknown.length === 0) {
    return '';
  }
  const named = unknown.slice(0, namedInMessage).map((guid) => guid.slice(0, 60));
  const more = unknown.length > named.length ? ` and ${unknown.length - named.length} more` : '';
  return `The other files are being fetched; no endpoint has reported a file with the GUID ${named.join(', ')}${more}.`;
}
