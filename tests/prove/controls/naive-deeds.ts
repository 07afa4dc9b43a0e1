import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * The control: it does the same jobs the way that 28 of the products in RACK911's survey did, by checking a path and then
 * using it. It must lose against the attacks that the product withstands, or the attacks are no attacks.
 */
export interface NaiveJob {
  readonly kind: 'capture' | 'quarantine' | 'restore' | 'purge';
  readonly path?: Uint8Array;
  readonly files?: readonly { readonly path: Uint8Array }[];
  readonly sha256?: string;
  readonly vault?: string;
  readonly spool?: string;
  /** Of a restore and a purge: where the naive vault keeps its plain copy, and where it was. */
  readonly naive?: { readonly from: string; readonly to: string };
}

function demandPlain(file: string): void {
  const isPlain = fs.realpathSync(path.dirname(file)) === path.dirname(file) && fs.lstatSync(file).isFile();
  if (!isPlain) {
    throw new Error('That is no regular file in a directory without links.');
  }
}

function hashOf(file: string): string {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}

export function fetchFile(job: NaiveJob): void {
  const file = Buffer.from(job.files?.[0]?.path ?? []).toString();
  demandPlain(file);
  fs.writeFileSync(path.join(job.spool ?? '', '0.bytes'), fs.readFileSync(file));
}

export function quarantine(job: NaiveJob): void {
  const file = Buffer.from(job.path ?? []).toString();
  demandPlain(file);
  if (hashOf(file) === job.sha256) {
    fs.renameSync(file, path.join(job.vault ?? '', 'taken'));
  }
}

export function restore({ naive }: NaiveJob): void {
  const { from, to } = naive ?? { from: '', to: '' };
  const isSafe = fs.realpathSync(path.dirname(to)) === path.dirname(to) && !fs.existsSync(to);
  if (isSafe) {
    fs.writeFileSync(to, fs.readFileSync(from));
    fs.rmSync(from);
  }
}

/** What a product does whose vault is a directory that the user can write: looks, and removes. */
export function purge({ naive }: NaiveJob): void {
  const target = naive?.from ?? '';
  demandPlain(target);
  fs.unlinkSync(target);
}
