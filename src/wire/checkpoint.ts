import { Fault } from '#core/fault.ts';
import type { TreeHash } from '#core/ledger/tree-hash.ts';

/** What a ledger held at one moment: C2SP tlog-checkpoint. */
export interface Checkpoint {
  /** Which ledger: one line, the same for as long as the ledger lives. */
  readonly origin: string;
  /** How many events. */
  readonly size: number;
  readonly root: TreeHash;
}

/** The text to be signed. */
export function writeCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/** Lines after the third are extensions, which are read over. @throws Fault `invalid_request` */
export function readCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = ''] = text.split('\n');
  const bytes = Buffer.from(root, 'base64');
  const isWhole = text.endsWith('\n') && origin !== '' && /^(?:0|[1-9][0-9]{0,15})$/.test(size);
  if (!isWhole || !Number.isSafeInteger(Number(size)) || bytes.length !== 32 || bytes.toString('base64') !== root) {
    throw new Fault('invalid_request', 'This is no checkpoint: an origin, a size, and a root of 32 bytes in base64.');
  }
  return { origin, size: Number(size), root: new Uint8Array(bytes) };
}
