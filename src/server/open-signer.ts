import { readFile } from 'node:fs/promises';
import { asFault, Fault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { OrderSigner } from '#core/ports/order-signer.ts';
import type { Ports } from '#core/ports/ports.ts';
import { recordKeyChanges } from '#core/verbs/record-key-changes.ts';
import type { Config } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import { OrderKeyBook } from './order-key-book.ts';
import { createLocalSigner } from './order-signer.ts';
import { createRemoteSigner, type SignerPlace } from './remote-signer.ts';
import { KeyRing } from './signer/key-ring.ts';

type SignerPorts = Pick<Ports, 'store' | 'clock' | 'log'> & {
  readonly fs: Fs;
  readonly directory: DataDirectory;
  readonly config: Pick<Config, 'CUSTODY_SIGNER' | 'CUSTODY_SIGNER_IDENTITY'>;
};

/**
 * Whoever signs orders, as the settings say. A server whose signer is away starts all the same: orders wait.
 * @throws Fault `unavailable` where the first start of a server finds its signer away: nobody knows which key agents are to trust.
 */
export async function openSigner(ports: SignerPorts): Promise<OrderSigner> {
  const { fs, clock, log, directory, config } = ports;
  const record = (changes: Parameters<typeof recordKeyChanges>[1]) => recordKeyChanges(ports, changes);
  const book = await OrderKeyBook.open({ fs, clock, log, file: directory.orderKeyBook, record });
  const place = await placeOf(config);
  const signer =
    place === undefined
      ? createLocalSigner(new KeyRing({ fs, directory: directory.keys }), book)
      : createRemoteSigner({ place, book, clock });
  try {
    await signer.judge([]);
  } catch (thrown) {
    if (book.isEmpty || place === undefined) {
      throw thrown;
    }
    log.error('No order can be signed; orders wait.', { cause: asFault(thrown) });
  }
  return signer;
}

async function placeOf({
  CUSTODY_SIGNER: chosen,
  CUSTODY_SIGNER_IDENTITY: file,
}: SignerPorts['config']): Promise<SignerPlace | undefined> {
  if (chosen.kind === 'local') {
    return undefined;
  }
  if (chosen.kind === 'unix') {
    return chosen;
  }
  try {
    return { ...chosen, identity: await readFile(file ?? '', 'utf8') };
  } catch (cause) {
    throw new Fault('invalid_request', `CUSTODY_SIGNER_IDENTITY names a file that cannot be read: ${file}.`, { cause });
  }
}
