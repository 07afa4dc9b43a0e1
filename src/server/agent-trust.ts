import { X509Certificate } from 'node:crypto';
import type { z } from 'zod';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import { encode } from '#wire/codec.ts';
import { type Trust, trustSchema } from '#wire/trust.ts';
import { certificatesIn } from './certificates-in.ts';
import type { Config } from './config.ts';
import type { DataDirectory } from './data-directory.ts';

/** What was announced last: the sequence grows with every change, and agents refuse one that does not. */
const announcedSchema = trustSchema.pick({ sequence: true, servers: true, authorities: true });
type Announced = z.infer<typeof announcedSchema>;

interface TrustPorts {
  readonly fs: Fs;
  readonly clock: Clock;
  readonly log: Log;
  readonly directory: DataDirectory;
}

export interface TrustSources {
  readonly config: Config;
  /** What this server shows: whoever trusts what is announced must be able to connect. */
  readonly certificatePem: string;
}

/**
 * What every agent is told after its welcome, once the order key has signed it: where the servers are, and which authorities vouch
 * for them. Undefined unless CUSTODY_AGENT_URLS is set: only an administrator knows which addresses a fleet can reach.
 * @throws Fault `invalid_request` for settings that would lock the fleet out, or files that hold no certificates.
 */
export async function agentTrust(ports: TrustPorts, sources: TrustSources): Promise<Uint8Array | undefined> {
  const { CUSTODY_AGENT_URLS: urls, CUSTODY_AGENT_AUTHORITIES: files } = sources.config;
  if (urls.length === 0) {
    if (files.length > 0) {
      throw new Fault('invalid_request', 'CUSTODY_AGENT_AUTHORITIES needs CUSTODY_AGENT_URLS beside it.');
    }
    return undefined;
  }
  const authorities = await authoritiesOf(ports, sources.config);
  demandTrusted(sources.certificatePem, authorities);
  const announced = await announce(ports, { servers: [...urls], authorities: [...authorities] });
  return encode({ v: 1, ...announced } satisfies Trust);
}

/** The own authority counts for as long as the server shows a certificate of it. */
async function authoritiesOf({ fs, directory }: TrustPorts, config: Config): Promise<readonly string[]> {
  const own = config.CUSTODY_TLS_CERT === undefined ? [directory.authority] : [];
  const texts = await Promise.all(
    [...own, ...config.CUSTODY_AGENT_AUTHORITIES].map((file) => readCertificates(fs, file)),
  );
  const all = [...new Set(texts.flat())];
  if (all.length === 0) {
    const why = 'names no authority, and with CUSTODY_TLS_CERT the own one does not count';
    throw new Fault('invalid_request', `CUSTODY_AGENT_AUTHORITIES ${why}.`);
  }
  return all;
}

async function readCertificates(fs: Fs, file: string): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await fs.read(file));
  const found = certificatesIn(text).map((certificate) => certificate.toString());
  if (found.length === 0) {
    throw new Fault('invalid_request', `CUSTODY_AGENT_AUTHORITIES names ${file}, which holds no certificate (PEM).`);
  }
  return found;
}

/** A list that leaves out this server's own authority would part it from every agent. */
function demandTrusted(certificatePem: string, authorities: readonly string[]): void {
  const trusted = authorities.map((pem) => new X509Certificate(pem));
  const isTrusted = certificatesIn(certificatePem).some((shown) =>
    trusted.some((each) => each.raw.equals(shown.raw) || (shown.checkIssued(each) && shown.verify(each.publicKey))),
  );
  if (!isTrusted) {
    const advice = 'Name the authority that signed it in CUSTODY_AGENT_AUTHORITIES.';
    throw new Fault(
      'invalid_request',
      `Agents would no longer trust the certificate that this server shows. ${advice}`,
    );
  }
}

/** The time is in the sequence, so that a server that came out of an old backup does not fall behind its agents. */
async function announce(
  { fs, clock, log, directory }: TrustPorts,
  content: Omit<Announced, 'sequence'>,
): Promise<Announced> {
  const bytes = await fs.read(directory.agentTrust);
  const known = bytes === undefined ? undefined : announcedSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  if (
    known !== undefined &&
    JSON.stringify({ ...known, sequence: 0 }) === JSON.stringify({ sequence: 0, ...content })
  ) {
    return known;
  }
  const announced = { sequence: Math.max(clock.now(), (known?.sequence ?? 0) + 1), ...content };
  await fs.replace(directory.agentTrust, new TextEncoder().encode(`${JSON.stringify(announced, null, 2)}\n`));
  const { sequence, servers, authorities } = announced;
  log.info('Agents are told anew where to go and whom to trust.', {
    sequence,
    servers,
    authorities: authorities.length,
  });
  return announced;
}
