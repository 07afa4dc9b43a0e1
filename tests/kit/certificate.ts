import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownCertificate } from '#server/authority.ts';
import { dataDirectory } from '#server/data-directory.ts';
import { fileSystem } from '#server/file-system.ts';
import { systemClock } from '#server/system-clock.ts';
import { systemRandom } from '#server/system-random.ts';

/** PEM. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** Of the authority that signed it. */
  readonly ca: string;
}

/** A certificate for one name, from an authority of its own; its files stay in the directory. */
export async function certificateFor(name: string, place: string): Promise<TestCertificate> {
  const directory = dataDirectory(join(place, name));
  const ports = { fs: fileSystem, clock: systemClock, random: systemRandom, directory };
  const { certificatePem: cert, keyPem: key } = await ownCertificate(ports, [name]);
  return { key, cert, ca: await readFile(directory.authority, 'utf8') };
}
