import type { Send } from '#sdk/send.ts';
import type { AgentService, ProxyOptions } from './agent-programs.ts';

/** What a server is told at start: flags by name, without dashes in front, then environment variables. */
export interface ServerSources {
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where a program puts its words for people. */
export interface Words {
  say(text: string): void;
}

export interface AgentEnrolment extends ProxyOptions {
  /** The server's base URL, `https://...`. */
  readonly server: string;
  /** Its other addresses, tried in this order after the first. */
  readonly otherServers?: readonly string[];
  /** A file with the certificate authority to trust, PEM. */
  readonly caFile: string;
  readonly token: string;
  readonly dataDirectory: string;
  /** Directories to inventory. Default: those of an earlier enrolment, if there was one. */
  readonly roots?: readonly string[];
}

export interface EnrolledAgent {
  readonly endpointId: string;
  readonly endpointNumber: number;
  /** The directories that are inventoried from now on. */
  readonly roots: readonly string[];
  /** Those among them that are not on this machine. */
  readonly missingRoots: readonly string[];
}

export interface AgentOptions {
  /** Files and directories that no order may take away or hand out, beside the agent's own. */
  readonly protect?: readonly string[];
  readonly dataDirectory: string;
  /** Directories to inventory instead of those given at enrolment. */
  readonly roots?: readonly string[];
  /** Stop, as at a signal, when standard input ends. */
  readonly stopWithInput?: boolean;
  /** The policy of this endpoint, where it is not in its usual place. */
  readonly policy?: string;
}

/** The native API of a server that is not running, answered in this process as its own socket would. */
export interface LocalServices {
  readonly send: Send;
  /** Gives the data directory back. */
  close(): Promise<void>;
}

export interface BackupCommand {
  readonly sources: ServerSources;
  readonly file: string;
  /** False: only the list of evidence goes in. Default: true. */
  readonly withEvidence?: boolean;
}

export interface RestoreCommand {
  readonly sources: ServerSources;
  readonly file: string;
  /** Delete every API key that the backup brings back. Default: false. */
  readonly revokesKeys?: boolean;
}

/** A server that was brought back, and who gets in there. Times are ISO 8601. */
export interface RestoredBackup {
  readonly data: string;
  readonly madeAt: string;
  readonly evidenceFiles: number;
  readonly evidenceIncluded: boolean;
  /** SHA-256 of what was damaged when the backup was made, or was deleted and not yet erased. */
  readonly evidenceLeftOut?: readonly string[];
  readonly keysRevoked: number;
  readonly tokensExpired: number;
  readonly keys: readonly {
    readonly id: number;
    readonly name: string;
    readonly role: string;
    readonly createdAt: string;
    readonly createdBy: string;
  }[];
  readonly users: readonly {
    readonly email: string;
    readonly role: string;
    readonly passwordChangedAt: string;
    readonly hasSecondFactor: boolean;
  }[];
}

export interface VerifyCommand {
  readonly sources: ServerSources;
  /** Files with checkpoints that were kept elsewhere. */
  readonly checkpoints: readonly string[];
}

/** What was read of a server's record, and the first thing in it that is wrong. */
export interface ServerVerdict {
  readonly events: number;
  /** Base64. */
  readonly root: string;
  /** How many checkpoints the record was held against. */
  readonly checkpoints: number;
  readonly finding: { readonly kind: string; readonly sequence: number | null; readonly message: string } | null;
}

export interface BundleToVerify {
  readonly file: string;
  /** The ledger's key as it came by another way, `name+id+key`. */
  readonly key?: string | undefined;
  readonly password?: string | undefined;
}

/** What a bundle is about, and the first thing in it that is wrong. */
export interface BundleVerdict {
  readonly subject: string | null;
  readonly exportedAt: string | null;
  readonly exportedBy: string | null;
  readonly events: number;
  readonly reports: number;
  readonly files: number;
  /** `root` in base64. */
  readonly ledger: { readonly key: string; readonly size: number; readonly root: string } | null;
  readonly keyIsGiven: boolean;
  readonly finding: { readonly kind: string; readonly message: string } | null;
}

export interface RotatedEvidenceKey {
  /** What is locked to the new key now and was locked to an older one. */
  readonly rewrapped: number;
  /** SHA-256 of what no key opens. */
  readonly damaged: readonly string[];
}

/** What a backup holds, for people and as JSON. */
export type BackupFacts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What a signer is made of. */
export interface SignerWish {
  readonly directory: string;
  /** `unix:/PATH` or `tls://HOST:PORT`. */
  readonly listen: string;
  /** The data directory of a server that is not running: its order key moves into the signer's. */
  readonly fromServer?: string | undefined;
  /** A file with the order key to take. */
  readonly orderKey?: string | undefined;
}

export interface MadeSigner {
  readonly directory: string;
  /** Base64. */
  readonly publicKey: string;
  readonly policy: string;
  /** A file to bring to the server; null where it needs none. */
  readonly serverIdentity: string | null;
}

/** The program that signs orders in a process of its own; each takes the signer's directory. */
export interface SignerPrograms {
  init(wish: SignerWish): Promise<MadeSigner>;
  /** Runs until it is told to stop. */
  run(directory: string): Promise<void>;
  rotate(directory: string): Promise<NewOrderKey>;
}

export interface NewOrderKey {
  /** Base64. */
  readonly publicKey: string;
}

/**
 * The programs that the command line starts but may not import: `src/main.ts` hands them over, each loaded when it is
 * first called. Each rejects with a Fault whose message is one sentence that says what to do.
 */
export interface Programs {
  /** Runs until it is told to stop. */
  runServer(sources: ServerSources, words: Words): Promise<void>;
  /** A server and an agent for this machine, until they are told to stop. */
  runUp(sources: ServerSources, words: Words): Promise<void>;
  enrolAgent(enrolment: AgentEnrolment): Promise<EnrolledAgent>;
  /** Runs until it is told to stop. */
  runAgent(options: AgentOptions): Promise<void>;
  readonly service: AgentService;
  /**
   * Opens a data directory under its lock. Called when nothing answers on the directory's socket; rejects where it
   * holds no server, and where another process has it.
   */
  openLocalServices(sources: ServerSources): Promise<LocalServices>;
  /** Keeps everything that a server is, while it runs and while it does not. */
  backUp(command: BackupCommand): Promise<BackupFacts>;
  /** Reads a server's whole record, while it runs and while it does not. */
  verifyServer(command: VerifyCommand): Promise<ServerVerdict>;
  /** Checks a bundle, without a server. */
  verifyBundle(bundle: BundleToVerify): Promise<BundleVerdict>;
  readonly signer: SignerPrograms;
  /** Makes a new order key of a server that signs by itself. */
  rotateOrderKey(sources: ServerSources): Promise<NewOrderKey>;
  /** Brings a backup back into an empty data directory. */
  restoreBackup(command: RestoreCommand): Promise<RestoredBackup>;
  /** Locks all evidence to a new key, while the server does not run. */
  rotateEvidenceKey(sources: ServerSources): Promise<RotatedEvidenceKey>;
}
