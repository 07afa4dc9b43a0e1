import type { Licence } from '../access/licence.ts';
import type { Verb } from '../action/verb.ts';
import type { GuardPolicy } from '../guard/guard.ts';
import type { RingPolicy } from '../guard/rings.ts';
import type { Milliseconds } from '../time.ts';

export const guidSpellings = ['numeric', 'compact'] as const;

/** Which of a GUID's two spellings answers have; requests may use either. */
export type GuidSpelling = (typeof guidSpellings)[number];

export const sensorOffsets = ['page', 'row'] as const;

/** What the `offset` of a list of sensors counts: clients disagree. */
export type SensorOffset = (typeof sensorOffsets)[number];

/** What an installation chooses of the Cybereason dialect where its clients disagree. */
export interface CybereasonPolicy {
  readonly guidSpelling: GuidSpelling;
  readonly sensorOffset: SensorOffset;
  /** Whether a client that asks for JSON and has no session is told so with 401 instead of the vendor's redirect. */
  readonly honestUnauthorized: boolean;
  /** How long a request for one file by its path waits for the endpoint to send it. */
  readonly directFetchPatience: Milliseconds;
}

export const idForms = ['text', 'integer'] as const;

/** How ids and counts of actions are written: the vendor's pages have digits in text, its recorded answers integers. */
export type IdForm = (typeof idForms)[number];

export const signatureRules = ['lenient', 'strict'] as const;

/** How long the signature of an advanced key is good: for a day and as often as it comes, or for minutes and once. */
export type SignatureRule = (typeof signatureRules)[number];

export const archiveForms = ['plain', 'password'] as const;

/** Whether archives of retrieved files open with the vendor's password or without any. */
export type ArchiveForm = (typeof archiveForms)[number];

export interface CortexRetrievalPolicy {
  /** In one retrieval, of all systems together. */
  readonly mostFiles: number;
  readonly mostEndpoints: number;
  readonly archiveForm: ArchiveForm;
  /** How long one link answers after it was given; null: as long as the retrieval is kept. */
  readonly linkLifetime: Milliseconds | null;
}

/** What an installation chooses of the Cortex XDR dialect where its clients disagree. */
export interface CortexPolicy {
  readonly idForm: IdForm;
  readonly signatures: SignatureRule;
  readonly retrieval: CortexRetrievalPolicy;
}

/** What the administrator decided, as the use cases need it. */
export interface Policy {
  readonly licences: readonly Licence[];
  /** Most files that one fetch batch may name (`CUSTODY_BATCH_LIMIT`). */
  readonly batchLimit: number;
  /** Most endpoints that one quarantine may name. */
  readonly quarantineEndpointLimit: number;
  readonly guard: GuardPolicy;
  /** For how long an order that takes or deletes may lie before somebody must confirm it anew; null: until its deadline. */
  readonly confirmAfter: Milliseconds | null;
  /** How what the guard held goes out once it is approved. */
  readonly rings: RingPolicy;
  /** How long a task waits for its endpoint before it expires. */
  readonly lifetime: Readonly<Record<Verb, Milliseconds>>;
  /** Of the Cybereason API, as its vendor has it: nothing but this ends a session by itself. */
  readonly sessionLifetime: Milliseconds;
  readonly nativeSession: {
    readonly lifetime: Milliseconds;
    /** How long it may lie unused; null: for as long as it lives. */
    readonly idle: Milliseconds | null;
  };
  /** How long a password is good; null: for ever. */
  readonly passwordLifetime: Milliseconds | null;
  /** How long a fetch batch and its links answer after it was started. */
  readonly retrievalLifetime: Milliseconds;
  /** Largest file that evidence storage takes, in bytes. */
  readonly evidenceSizeLimit: number;
  /** Whether whoever fetches, quarantines or takes evidence over the native API must say why. */
  readonly reasonRequired: boolean;
  /** Bytes that one agent may say that it will send: within a day, and for one action by all its agents together (promise P50). */
  readonly uploads: { readonly bytesOfEndpoint: number; readonly bytesOfAction: number };
  /** Absolute, no trailing slash: what links to this server begin with. */
  readonly publicUrl: string;
  readonly cybereason: CybereasonPolicy;
  readonly cortex: CortexPolicy;
}
