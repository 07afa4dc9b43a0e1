import { openIndex } from '../inventory/index-file.ts';
import { lookAt, scan } from '../inventory/scan.ts';
import type { ChildRoom } from './child-room.ts';
import type { Job } from './job.ts';
import { scanRequestSchema } from './job.ts';

/** Serves scans until the agent closes the pipe: one process instead of one per pass. */
export async function serveInventory(room: ChildRoom, job: Extract<Job, { kind: 'inventory' }>): Promise<void> {
  const index = openIndex(job.database);
  try {
    for await (const value of room.requests) {
      const request = scanRequestSchema.parse(value);
      const started = room.clock.now();
      const tools = { room, index, roots: job.roots, skip: job.skip };
      const result = request.type === 'scan' ? scan(tools) : lookAt(tools, request.paths);
      room.say({ type: 'scanned', milliseconds: Math.max(0, room.clock.now() - started), ...result });
    }
  } finally {
    index.close();
  }
}
