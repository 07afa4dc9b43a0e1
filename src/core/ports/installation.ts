import type { SettingName } from '../settings.ts';
import type { Milliseconds } from '../time.ts';

export const settingSources = ['flag', 'environment', 'file'] as const;

/** A setting that somebody made, beside those that hold because nobody did. */
export interface GivenSetting {
  readonly source: (typeof settingSources)[number];
  /** As it was written; null: it is a secret, and leaves the server never. */
  readonly text: string | null;
}

/** The certificate that clients and agents are shown. */
export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly notBefore: Milliseconds;
  readonly notAfter: Milliseconds;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** How a server is set up, from its start to its end. */
export interface Installation {
  readonly storeKind: 'sqlite' | 'postgresql';
  /** Undefined where nothing listens. */
  readonly certificate: ShownCertificate | undefined;
  /** What a machine trusts that enrols, PEM. Undefined: an administrator gave the certificate, and knows who signed it. */
  readonly authorityPem: string | undefined;
  /** https addresses under which agents reach this server, the best one first. */
  readonly agentUrls: readonly string[];
  readonly given: ReadonlyMap<SettingName, GivenSetting>;
}
