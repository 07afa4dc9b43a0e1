import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';

const certificates = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificates in a file, PEM, one text for each.
 * @throws Fault `invalid_request` when it cannot be read or holds none.
 */
export async function readAuthorities(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Fault('invalid_request', `The authority's certificate ${file} cannot be read.`, { cause });
  });
  const found = text.match(certificates) ?? [];
  if (found.length === 0 || !found.every(isCertificate)) {
    throw new Fault('invalid_request', `${file} holds no certificate in PEM form.`);
  }
  return found.map((each) => `${each}\n`);
}

/** Whether a text is one certificate, PEM. */
export function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
