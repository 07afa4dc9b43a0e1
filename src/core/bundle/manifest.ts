import { z } from 'zod';
import { sha256Schema } from '../file/hash.ts';
import { bundleFormat } from './layout.ts';
import { bundleSubjectKinds } from './subject.ts';

/** Where a fetched file is from. */
const sourceSchema = z.object({
  actionId: z.string(),
  taskId: z.string(),
  ordinal: z.int(),
  endpointId: z.string(),
  hostName: z.string().nullable(),
  /** As it is shown; the bytes of the path are in the agent's report. */
  path: z.string(),
});

const evidenceSchema = z.object({
  sha256: sha256Schema,
  size: z.int(),
  /** Why its bytes are not in the bundle; null: they are. */
  absent: z.string().nullable(),
  sources: z.array(sourceSchema),
});

/** What a bundle says of itself, in `manifest.json`. Times are RFC 3339. */
export const manifestSchema = z.object({
  format: z.literal(bundleFormat),
  subject: z.object({ kind: z.enum(bundleSubjectKinds), id: z.string(), name: z.string() }),
  exportedAt: z.string(),
  exportedBy: z.string(),
  reason: z.string().nullable(),
  server: z.string(),
  counts: z.object({ actions: z.int(), events: z.int(), reports: z.int(), endpoints: z.int() }),
  evidence: z.array(evidenceSchema),
});

export type Manifest = z.infer<typeof manifestSchema>;

export type BundledEvidence = Manifest['evidence'][number];

/** A line of `reports.jsonl`. Bytes are base64. */
export const reportLineSchema = z.object({
  actionId: z.string(),
  taskId: z.string(),
  endpointId: z.string(),
  report: z.base64(),
  signature: z.base64(),
});

/** `endpoints.json`. */
export const bundledEndpointsSchema = z.array(
  z.object({
    id: z.string(),
    number: z.int(),
    hostName: z.string(),
    platform: z.string(),
    operatingSystem: z.string(),
    agentVersion: z.string(),
    enrolledAt: z.string(),
    /** Ed25519, 32 bytes in base64: the endpoint's id is the head of its SHA-256. */
    publicKey: z.base64(),
  }),
);

export type BundledEndpoint = z.infer<typeof bundledEndpointsSchema>[number];

/** A line of `ledger/proof.jsonl`: the hash of the leaves from the first up to, and without, the second. */
export const proofLineSchema = z.tuple([z.int().min(0), z.int().min(1), z.base64()]);
