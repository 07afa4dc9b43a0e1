import { createHash, webcrypto } from 'node:crypto';
import type { Clock } from '#core/ports/clock.ts';
import type { Random } from '#core/ports/random.ts';
import { day } from '#core/time.ts';
import { signerName } from '#wire/signer.ts';
import { x509 } from '../x509.ts';

/** Made once, for one signer and its servers; PEM. The authority's key is kept nowhere, so that it signs nobody else. */
export interface MadeCertificates {
  readonly authority: string;
  readonly signer: { readonly certificate: string; readonly key: string };
  readonly server: { readonly certificate: string; readonly key: string };
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Both sides pin the authority, and making all of them anew takes one command: nothing is gained by a short life. */
const lifetime = 10 * 365 * day;

type Ports = { readonly clock: Clock; readonly random: Random };

export async function makeCertificates(ports: Ports): Promise<MadeCertificates> {
  const keys = await newKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...term(ports),
    name: `CN=Custody signer authority ${Buffer.from(ports.random.bytes(4)).toString('hex')}`,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const leaf = async (name: string, usage: 'serverAuth' | 'clientAuth') => {
    const own = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      ...term(ports),
      subject: `CN=${name}`,
      issuer: authority.subject,
      signingAlgorithm: algorithm,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage]], true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ],
    });
    const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', own.privateKey), 'PRIVATE KEY');
    return { certificate: `${certificate.toString('pem')}\n`, key: `${key}\n` };
  };
  return {
    authority: `${authority.toString('pem')}\n`,
    signer: await leaf(signerName, 'serverAuth'),
    server: await leaf('custody-server', 'clientAuth'),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** A serial number is positive, as RFC 5280 demands. A clock that is a day behind takes the certificate, too. */
function term({ clock, random }: Ports) {
  const now = clock.now();
  const serial = createHash('sha256').update(random.bytes(32)).digest('hex').slice(0, 31);
  return { serialNumber: `4${serial}`, notBefore: new Date(now - 2 * day), notAfter: new Date(now + lifetime) };
}
