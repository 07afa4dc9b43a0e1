import { X509Certificate } from 'node:crypto';
import { Fault } from '#core/fault.ts';

/**
 * The certificates of a PEM text, in its order, and nothing else of it: files of certificates often hold the private key beside them.
 * @throws Fault `invalid_request` for a block that says it is a certificate and cannot be read
 */
export function certificatesIn(text: string): readonly X509Certificate[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return found.map((pem) => new X509Certificate(pem));
  } catch (cause) {
    throw new Fault('invalid_request', 'A file of certificates holds one that cannot be read.', { cause });
  }
}
