import { createHash, X509Certificate } from 'node:crypto';
import type { Fs } from '#core/ports/fs.ts';
import type { Installation, ShownCertificate } from '#core/ports/installation.ts';
import { certificatesIn } from './certificates-in.ts';
import type { Config, GivenSettings } from './config.ts';
import type { DataDirectory } from './data-directory.ts';

export interface InstallationSources {
  readonly config: Config;
  readonly given: GivenSettings;
  readonly publicUrl: string;
  /** Undefined where nothing listens. */
  readonly certificatePem: string | undefined;
}

export async function installationOf(
  fs: Fs,
  directory: DataDirectory,
  { config, given, publicUrl, certificatePem }: InstallationSources,
): Promise<Installation> {
  const { CUSTODY_STORE: store, CUSTODY_AGENT_URLS: urls } = config;
  return {
    storeKind: store === 'sqlite' ? 'sqlite' : 'postgresql',
    certificate: certificatePem === undefined ? undefined : shownCertificate(certificatePem),
    authorityPem: await authorityOf(fs, directory, config),
    agentUrls: urls.length > 0 ? urls : [publicUrl],
    given,
  };
}

/** @param pem a chain, of which the first is the server's own. */
function shownCertificate(pem: string): ShownCertificate {
  const certificate = new X509Certificate(pem);
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    names: (certificate.subjectAltName ?? '').split(', ').filter((name) => name !== ''),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    sha256: createHash('sha256').update(certificate.raw).digest('hex'),
  };
}

/** Certificates only: whoever may enrol an endpoint reads this, and a file of an administrator may hold a private key as well. */
async function authorityOf(fs: Fs, directory: DataDirectory, config: Config): Promise<string | undefined> {
  const own = config.CUSTODY_TLS_CERT === undefined ? [directory.authority] : [];
  const files = await Promise.all([...own, ...config.CUSTODY_AGENT_AUTHORITIES].map((file) => fs.read(file)));
  const found = files.flatMap((bytes) => certificatesIn(new TextDecoder().decode(bytes)).map(String));
  return found.length === 0 ? undefined : [...new Set(found)].join('');
}
