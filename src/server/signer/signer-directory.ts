import { join } from 'node:path';

/** Where a signer keeps what it is; all of it under one directory with mode 0700. */
export interface SignerDirectory {
  readonly root: string;
  readonly policy: string;
  readonly orderKey: string;
  /** What was not signed, and why: lines of JSON. */
  readonly refusals: string;
  readonly authority: string;
  readonly certificate: string;
  readonly certificateKey: string;
  /** To be brought to the server: the authority, and the certificate and key that the server shows. */
  readonly serverIdentity: string;
}

export function signerDirectory(root: string): SignerDirectory {
  return {
    root,
    policy: join(root, 'signer.toml'),
    orderKey: join(root, 'order-key.pem'),
    refusals: join(root, 'refusals.jsonl'),
    authority: join(root, 'tls-authority.pem'),
    certificate: join(root, 'tls-signer.pem'),
    certificateKey: join(root, 'tls-signer-key.pem'),
    serverIdentity: join(root, 'server-identity.pem'),
  };
}
