import type { Ports } from '#core/ports/ports.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { cefLine } from '../audit/cef-line.ts';

const eventsPerRead = 1_000;

/** `GET /rest/monitor/global/userAuditLog`: a ZIP with all that people did, oldest first, in CEF; written as it is read. */
export const downloadAuditLog: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/monitor/global/userAuditLog'],
  access: { permission: 'events.read', licence: [] },
  async run({ ports }) {
    const entry = {
      name: 'userAuditSyslog.log',
      modifiedAt: ports.clock.now(),
      open: async () => auditLog(ports),
    };
    return new Response(ports.archiver.zip([entry]), {
      headers: {
        'content-type': 'application/zip',
        'content-disposition': 'attachment; filename="userAuditLog.zip"',
        'content-security-policy': "sandbox; default-src 'none'",
        'cross-origin-resource-policy': 'same-origin',
      },
    });
  },
};

function auditLog({ store, policy }: Pick<Ports, 'store' | 'policy'>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const host = new URL(policy.publicUrl).hostname;
  let after = 0;
  /** Reads on until there is a line: most events are no person's. */
  const nextLines = async () => {
    for (;;) {
      const from = after;
      const events = await store.read((reader) => reader.events.list({}, from, eventsPerRead));
      after = events.at(-1)?.sequence ?? from;
      const lines = events.map((event) => cefLine(event, host) ?? '').join('');
      const isLast = events.length < eventsPerRead;
      if (lines !== '' || isLast) {
        return { lines, isLast };
      }
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { lines, isLast } = await nextLines();
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
