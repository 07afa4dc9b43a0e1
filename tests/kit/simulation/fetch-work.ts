import { type Ending, ending } from '#agent/operations/ending.ts';
import { Abandoned } from '#agent/tasks/perform.ts';
import { type UploadEnd, type UploadTools, upload } from '#agent/tasks/upload.ts';
import type { FetchParameters } from '#core/action/verb.ts';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { Order } from '#wire/order.ts';
import type { SimulatedDisk } from './disk.ts';
import type { Life } from './life.ts';
import { sha256Of } from './machine-files.ts';

export interface FetchBench {
  readonly life: Life;
  readonly disk: SimulatedDisk;
  readonly spool: string;
  readonly uploads: Omit<UploadTools, 'readPart'>;
  readonly signal: AbortSignal;
}

export type FetchOrder = Order & { readonly parameters: FetchParameters };

/** Captures each file into the spool, and sends it with the agent's own uploads; goes on with what an earlier life had captured. */
export async function fetchFiles(bench: FetchBench, order: FetchOrder): Promise<readonly Ending[]> {
  const endings: Ending[] = [];
  for (const [ordinal, { path }] of order.parameters.files.entries()) {
    endings.push(await fetchFile(bench, order, { ordinal, path }));
  }
  return endings;
}

/** What a fetch has captured, for whoever ends it. */
export function spooledOf(spool: string, taskId: string, ordinal: number): string {
  return `${spool}/${taskId}/${ordinal}.bytes`;
}

async function fetchFile(
  bench: FetchBench,
  order: FetchOrder,
  { ordinal, path }: { readonly ordinal: number; readonly path: FilePath },
): Promise<Ending> {
  const { disk, life, spool } = bench;
  const file = spooledOf(spool, order.taskId, ordinal);
  const source = disk.get(displayPath(path));
  if (!disk.has(file)) {
    if (source === undefined) {
      return ending({ outcome: 'not_found', message: 'There is no such file.', path });
    }
    await disk.write(life, { file, bytes: source });
  }
  const bytes = disk.get(file) ?? new Uint8Array();
  const sha256 = sha256Of(bytes);
  const ended = await send(bench, order, { ordinal, file, bytes, sha256 });
  return endOf(ended, { path, sha256, size: bytes.length });
}

interface Captured {
  readonly ordinal: number;
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly sha256: Sha256;
}

function send({ uploads, signal }: FetchBench, order: FetchOrder, captured: Captured): Promise<UploadEnd> {
  const { endpointId, taskId, deadline } = order;
  const { ordinal, file, bytes, sha256 } = captured;
  const readPart: UploadTools['readPart'] = ({ offset, length }) =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.slice(offset, offset + length));
        controller.close();
      },
    });
  const target = { endpointId, taskId, ordinal, sha256, size: bytes.length };
  return upload({ ...uploads, readPart }, { target, file, deadline, signal });
}

function endOf(ended: UploadEnd, facts: Pick<Ending, 'path' | 'sha256' | 'size'>): Ending {
  switch (ended) {
    case 'stored':
      return ending({ outcome: 'done', message: 'Stored.', ...facts });
    case 'too_large':
      return ending({ outcome: 'too_large', message: 'Too large.', ...facts });
    case 'abandoned':
      throw new Abandoned('The agent is stopping.');
    case 'refused':
    case 'deadline':
    case 'no_room':
      return ending({ outcome: 'interrupted', reason: 'upload_failed', message: ended, ...facts });
  }
}
