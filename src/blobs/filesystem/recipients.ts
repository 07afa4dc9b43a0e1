import { readFile } from 'node:fs/promises';
import type { KeyRing } from '#age/key-ring.ts';
import { Fault } from '#core/fault.ts';
import type { Layout } from './layout.ts';
import { unlessNoFile } from './medium.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Says beside the objects which keys open them. Evidence under other keys would look damaged, object by object, and be fetched
 * anew; so it is refused as a whole.
 * @throws Fault `evidence_unavailable` when one of the keys is not there.
 */
export async function demandKeys(layout: Layout, keys: KeyRing): Promise<void> {
  const known = await recipientsOf(layout);
  const ours = [keys.current, ...keys.retiring].map(nameOf);
  const stranger = known.find((recipient) => !ours.includes(recipient));
  if (stranger !== undefined) {
    const advice = 'Bring keys/evidence-key back from a backup of the server that wrote it.';
    throw new Fault('evidence_unavailable', `${layout.root} is locked to a key that this server has not. ${advice}`, {
      details: { recipient: stranger },
    });
  }
  if (!known.includes(nameOf(keys.current))) {
    await replaceFile(layout.recipients, lines([nameOf(keys.current), ...known]));
  }
}

/** After all was locked to the current key. */
export async function forgetOtherKeys(layout: Layout, keys: KeyRing): Promise<void> {
  await replaceFile(layout.recipients, lines([nameOf(keys.current)]));
}

async function recipientsOf(layout: Layout): Promise<readonly string[]> {
  const text = await readFile(layout.recipients, 'utf8').catch(unlessNoFile);
  return (text ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** The public half, in hex. */
function nameOf({ recipient }: KeyRing['current']): string {
  return Buffer.from(recipient).toString('hex');
}

function lines(recipients: readonly string[]): string {
  return `# Public keys of keys/evidence-key that the evidence here is locked to, in hex.\n${recipients.join('\n')}\n`;
}
