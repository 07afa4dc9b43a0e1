import { join } from 'node:path';

/** Where a server keeps what it is; all of it under one directory with mode 0700. */
export interface DataDirectory {
  readonly root: string;
  readonly lock: string;
  readonly store: string;
  /** Where the records are. Not in backups: a server that is brought back has them where its settings say. */
  readonly recordsPlace: string;
  /** Room that is kept for the store. */
  readonly storeReserve: string;
  readonly evidence: string;
  readonly settings: string;
  /** Its Unix socket, mode 0600: administration on this machine. */
  readonly adminSocket: string;
  readonly keys: string;
  readonly orderKey: string;
  /** Signed changes of the order key, where its private half is here. */
  /** The next order key, while a change of it is under way. */
  readonly orderKeyNext: string;
  readonly orderKeyChanges: string;
  /** The order key that agents are told of, and the changes that led to it. */
  readonly orderKeyBook: string;
  readonly ledgerKey: string;
  readonly secretsKey: string;
  /** What evidence is encrypted under. */
  readonly evidenceKey: string;
  /** The name of the ledger. Not in backups: a server that is brought back writes another one. */
  readonly ledgerOrigin: string;
  /** The time, for the next start. Not in backups: it is about this machine. */
  readonly clock: string;
  /** The newest signed word on the ledger. */
  readonly checkpoint: string;
  /** One that the ledger contradicted when the server started; the first of them, kept for `custody verify`. */
  readonly contradicted: string;
  readonly recoveryRecipient: string;
  /** The private half of the recovery key, until the administrator moves it off the machine. */
  readonly recoveryIdentity: string;
  readonly tls: string;
  readonly authority: string;
  readonly authorityKey: string;
  readonly certificate: string;
  readonly certificateKey: string;
  /** What agents were told last of addresses and authorities. */
  readonly agentTrust: string;
  /** The agent and the sample files that `custody up` adds. */
  readonly agent: string;
  readonly sample: string;
}

export function dataDirectory(root: string): DataDirectory {
  const keys = join(root, 'keys');
  const tls = join(root, 'tls');
  return {
    root,
    lock: join(root, 'lock'),
    store: join(root, 'custody.sqlite'),
    recordsPlace: join(root, 'records.json'),
    storeReserve: join(root, 'reserve'),
    evidence: join(root, 'evidence'),
    settings: join(root, 'custody.toml'),
    adminSocket: join(root, 'admin.sock'),
    keys,
    orderKey: join(keys, 'order-key.pem'),
    orderKeyNext: join(keys, 'order-key-next.pem'),
    orderKeyChanges: join(keys, 'order-key-changes.json'),
    orderKeyBook: join(keys, 'order-key-book.json'),
    ledgerKey: join(keys, 'ledger-key.pem'),
    secretsKey: join(keys, 'secrets-key'),
    evidenceKey: join(keys, 'evidence-key'),
    ledgerOrigin: join(keys, 'ledger-origin.txt'),
    clock: join(root, 'clock.json'),
    checkpoint: join(root, 'checkpoint.txt'),
    contradicted: join(root, 'checkpoint-contradicted.txt'),
    recoveryRecipient: join(keys, 'recovery-recipient.txt'),
    recoveryIdentity: join(root, 'recovery-identity.txt'),
    tls,
    authority: join(tls, 'ca.pem'),
    authorityKey: join(tls, 'ca-key.pem'),
    certificate: join(tls, 'server.pem'),
    certificateKey: join(tls, 'server-key.pem'),
    agentTrust: join(tls, 'agent-trust.json'),
    agent: join(root, 'agent'),
    sample: join(root, 'sample'),
  };
}
