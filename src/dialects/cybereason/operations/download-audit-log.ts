import type { ArchiveEntry } from '#core/ports/archiver.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { auditedTypes } from '../audit/audit-actions.ts';
import { auditDetails } from '../audit/audit-details.ts';
import { type AuditPart, auditParts } from '../audit/audit-parts.ts';
import { cefLine } from '../audit/cef-line.ts';

const eventsPerRead = 1_000;

/**
 * `GET /rest/monitor/global/userAuditLog`: a ZIP with what people did, in CEF, oldest first: the newest in `userAuditSyslog.log` and
 * what was before in packed parts. It is written as it is read, and ends with what had happened when it was asked for.
 */
export const downloadAuditLog: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/monitor/global/userAuditLog'],
  access: { permission: 'events.read', licence: [] },
  async run({ ports }) {
    const last = await ports.store.read(({ events }) => events.lastSequence());
    return new Response(ports.archiver.zip(auditParts(last).map((part) => auditEntry(ports, part))), {
      headers: {
        'content-type': 'application/zip',
        'content-disposition': 'attachment; filename="userAuditLog.zip"',
        'content-security-policy': "sandbox; default-src 'none'",
        'cross-origin-resource-policy': 'same-origin',
      },
    });
  },
};

export function auditEntry(ports: Pick<Ports, 'store' | 'policy' | 'clock'>, part: AuditPart): ArchiveEntry {
  return {
    name: part.name,
    modifiedAt: ports.clock.now(),
    async open() {
      const lines = auditLines(ports, part);
      return part.isPacked ? lines.pipeThrough(new CompressionStream('gzip')) : lines;
    },
  };
}

function auditLines(
  { store, policy }: Pick<Ports, 'store' | 'policy'>,
  { after, upTo }: AuditPart,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const host = new URL(policy.publicUrl).hostname;
  const filter = { types: auditedTypes, upTo };
  let read = after;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        let lines = '';
        let isLast = false;
        // An agent's own events have no line.
        while (lines === '' && !isLast) {
          const from = read;
          const { events, details } = await store.read(
            async (reader) => {
              const some = await reader.events.list(filter, from, eventsPerRead);
              return { events: some, details: await auditDetails(reader, some, policy) };
            },
            { search: true },
          );
          read = events.at(-1)?.sequence ?? from;
          lines = events.map((event, index) => cefLine(event, host, details[index]) ?? '').join('');
          isLast = events.length < eventsPerRead;
        }
        if (lines !== '') {
          controller.enqueue(encoder.encode(lines));
        }
        if (isLast) {
          controller.close();
        }
      },
    },
    { highWaterMark: 0 },
  );
}
