import { demandPermission, type Principal } from '#core/access/principal.ts';
import type { BundleSubject } from '#core/bundle/subject.ts';
import { Fault } from '#core/fault.ts';
import { parseGuid } from '#core/file/guid.ts';
import { exportBundle as exportWhole } from '#core/verbs/export-bundle.ts';
import { contentDisposition } from '../content-disposition.ts';
import { demandReason } from '../demand-reason.ts';
import { guarded } from '../operation.ts';
import { attachment } from '../reply.ts';
import type { CheckedInput } from '../schemas/contract.ts';
import { exportBundle } from '../schemas/evidence.ts';

export const exportBundleOperation = guarded(
  exportBundle,
  // A part of what happened would prove something else than the whole.
  { permission: 'evidence.download', licence: [], reach: 'fleet' },
  async ({ body }, { ports, principal, connection }) => {
    demandRecord(principal, body.subject.kind);
    demandReason(ports.policy, body.reason);
    const { entries, manifest } = await exportWhole(ports, {
      ...{ principal, remoteAddress: connection.remoteAddress, withEvidence: body.evidence },
      ...{ subject: subjectOf(body.subject), reason: body.reason ?? null },
    });
    const { kind, id } = manifest.subject;
    const archive = ports.archiver.zip(entries, body.password === undefined ? {} : { password: body.password });
    return attachment(archive, {
      mediaType: exportBundle.reply.mediaType,
      disposition: contentDisposition(`custody-${kind}-${id}.zip`),
    });
  },
);

/**
 * A bundle holds every event of its subject, as the ledger has it, and what a team wrote about an incident.
 * @throws Fault `permission_denied`
 */
function demandRecord(principal: Principal, kind: BundleSubject['kind']): void {
  demandPermission(principal, 'events.read');
  if (kind === 'incident') {
    demandPermission(principal, 'incidents.read');
  }
}

function subjectOf(named: CheckedInput<typeof exportBundle>['body']['subject']): BundleSubject {
  if (named.kind !== 'file') {
    return named;
  }
  const id = parseGuid(named.id);
  if (id === undefined) {
    throw new Fault('invalid_request', 'subject.id: is no GUID of a file.', { details: { field: 'subject.id' } });
  }
  return { kind: 'file', id };
}
