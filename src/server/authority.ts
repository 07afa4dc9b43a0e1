import { createHash, X509Certificate as NodeCertificate, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { JsonGeneralNames, X509Certificate } from '@peculiar/x509';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Random } from '#core/ports/random.ts';
import { day } from '#core/time.ts';
import type { DataDirectory } from './data-directory.ts';
import { x509 } from './x509.ts';

export interface Certificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const authorityLifetime = 20 * 365 * day;
/** What clients accept at most of a server's certificate. */
const certificateLifetime = 397 * day;
const renewBefore = 60 * day;
/** An agent whose clock is a day behind takes a certificate that was made just now (promise P34). */
const backdated = 2 * day;

interface AuthorityPorts {
  readonly fs: Fs;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: DataDirectory;
}

/**
 * The server's certificate from its own authority, both made when they are missing; the certificate is made anew when
 * a name is missing from it, or it is not in force or about to expire. The authority stays: agents pin it.
 */
export async function ownCertificate(ports: AuthorityPorts, names: readonly string[]): Promise<Certificate> {
  const { fs, directory } = ports;
  await fs.makeDirectory(directory.tls);
  const authority = (await readPair(fs, directory.authority, directory.authorityKey)) ?? (await makeAuthority(ports));
  const known = await readPair(fs, directory.certificate, directory.certificateKey);
  if (known !== undefined && isGoodFor(known.certificatePem, names, ports.clock.now())) {
    return known;
  }
  return makeCertificate(ports, authority, names);
}

async function makeAuthority(ports: AuthorityPorts): Promise<Certificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = ports.clock.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(ports.random),
    name: `CN=Custody authority ${Buffer.from(ports.random.bytes(4)).toString('hex')}`,
    notBefore: new Date(now - backdated),
    notAfter: new Date(now + authorityLifetime),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const { directory } = ports;
  return writePair(ports.fs, {
    certificate,
    key: keys.privateKey,
    paths: [directory.authority, directory.authorityKey],
  });
}

async function makeCertificate(
  ports: AuthorityPorts,
  authority: Certificate,
  names: readonly string[],
): Promise<Certificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const now = ports.clock.now();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(ports.random),
    subject: `CN=Custody server`,
    issuer: issuer.subject,
    notBefore: new Date(now - backdated),
    notAfter: new Date(now + certificateLifetime),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.keyPem),
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map(generalName)),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth], false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  const { directory } = ports;
  const paths = [directory.certificate, directory.certificateKey] as const;
  return writePair(ports.fs, { certificate, key: keys.privateKey, paths });
}

function generalName(name: string): JsonGeneralNames[number] {
  return isIP(name) === 0 ? { type: 'dns', value: name } : { type: 'ip', value: name };
}

function isGoodFor(certificatePem: string, names: readonly string[], now: number): boolean {
  const certificate = new NodeCertificate(certificatePem);
  const holds = (name: string) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name));
  // One of a machine whose clock was ahead is good for nobody until then.
  const isInForce = Date.parse(certificate.validFrom) <= now && Date.parse(certificate.validTo) - now > renewBefore;
  return isInForce && names.every((name) => holds(name) !== undefined);
}

/** Positive, as RFC 5280 demands. */
function serialNumber(random: Random): string {
  return `4${createHash('sha256').update(random.bytes(32)).digest('hex').slice(0, 31)}`;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), algorithm, false, ['sign']);
}

async function readPair(fs: Fs, certificatePath: string, keyPath: string): Promise<Certificate | undefined> {
  const certificate = await fs.read(certificatePath);
  const key = await fs.read(keyPath);
  if (certificate === undefined || key === undefined) {
    return undefined;
  }
  return { certificatePem: new TextDecoder().decode(certificate), keyPem: new TextDecoder().decode(key) };
}

async function writePair(
  fs: Fs,
  made: {
    readonly certificate: X509Certificate;
    readonly key: webcrypto.CryptoKey;
    readonly paths: readonly [certificate: string, key: string];
  },
): Promise<Certificate> {
  const keyPem = `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', made.key), 'PRIVATE KEY')}\n`;
  const certificatePem = `${made.certificate.toString('pem')}\n`;
  await fs.replace(made.paths[1], new TextEncoder().encode(keyPem));
  await fs.replace(made.paths[0], new TextEncoder().encode(certificatePem));
  return { certificatePem, keyPem };
}
