import { z } from 'zod';
import { taskIdSchema } from '#core/action/action-id.ts';
import { verbs } from '#core/action/verb.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { fileKinds } from '#core/file/file.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { bytes, signature } from './bytes.ts';
import { hostFactsSchema } from './host-facts.ts';
import { longestNote } from './ledger.ts';
import { limits } from './limits.ts';
import { machineMarkSchema } from './machine.ts';
import { orderKeySchema } from './order-key.ts';
import { text } from './text.ts';

const time = z.number().int().nonnegative();
const nanoseconds = z.string().regex(/^-?\d{1,20}$/);

const heldFileSchema = z.object({
  vaultObject: vaultObjectIdSchema,
  taskId: taskIdSchema,
  path: filePathSchema,
  sha256: sha256Schema,
  size: z.number().int().nonnegative(),
  takenAt: time,
});

const inventoriedFileSchema = z.object({
  path: filePathSchema,
  size: z.number().int().nonnegative(),
  sha256: sha256Schema,
  sha1: sha1Schema,
  md5: md5Schema,
  modifiedNs: nanoseconds,
  changedNs: nanoseconds,
  createdNs: nanoseconds.nullable(),
  mode: z.number().int().min(0).max(0o7777),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  owner: text.max(256),
  kind: z.enum(fileKinds),
  /** Left out by agents that do not ask their package manager. */
  package: text.max(256).nullable().default(null),
});

/** What an agent says. `hello` is first and only once; nothing else is heard before `welcome`. */
export const agentMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    version: z.number().int().positive(),
    endpointId: endpointIdSchema,
    /** Of the challenge's nonce, by the device key, under `custody-hello-v1`. */
    signature,
    vaultRecipient: text.max(200),
    facts: hostFactsSchema,
    /** The order key that the agent trusts, so that it can be led to the present one. From version 3 on. */
    orderKey: orderKeySchema.optional(),
    /** Left out by agents that do not know where they are. */
    machine: machineMarkSchema.optional(),
    /** Of the last welcome that is on disk, 0 before the first. Left out by agents that keep none. */
    generation: time.optional(),
  }),
  z.object({ type: z.literal('heartbeat') }),
  /** The number that the server gave over this connection is on disk: from now on the agent comes with it, or with a later one. */
  z.object({ type: z.literal('generation_kept'), generation: time }),
  /** These orders are verified and in the journal, on disk. */
  z.object({ type: z.literal('accepted'), taskIds: z.array(taskIdSchema).min(1).max(limits.arrayItems) }),
  /** Sent again, unchanged, until `recorded` comes. */
  z.object({ type: z.literal('report'), report: bytes, signature }),
  /** An order that the agent will not execute, and has not: its signature, addressee or form is wrong. */
  z.object({ type: z.literal('order_refused'), taskId: taskIdSchema, why: text.max(500) }),
  z.object({
    type: z.literal('inventory'),
    /** Counts up within one connection; confirmed by `inventory_recorded`. */
    batch: z.number().int().positive(),
    /** `delta`: files that are new or changed. `whole_begin` ... `whole_end` bracket a list of all that there is. */
    part: z.enum(['delta', 'whole_begin', 'whole', 'whole_end']),
    files: z.array(inventoriedFileSchema).max(limits.inventoryFiles),
    gone: z.array(filePathSchema).max(limits.inventoryFiles),
  }),
  /**
   * All that the vault holds, once in an agent's life and again after each scrub, in parts: a server that was restored from
   * an older backup learns what it does not know, and one that misses an object says so. Confirmed by `vault_recorded`.
   */
  z.object({
    type: z.literal('vault'),
    part: z.enum(['begin', 'more', 'end']),
    held: z.array(heldFileSchema).max(limits.inventoryFiles),
    /** Objects that no longer decrypt to the file that they were made of (promise P21). */
    damaged: z.array(vaultObjectIdSchema).max(limits.inventoryFiles),
  }),
  /** What the agent has seen of the server's ledger, asking for the newest of it; `size` 0: nothing. From version 2 on. */
  z.object({ type: z.literal('witness'), origin: z.string().max(200), size: time }),
  /** The answer contradicts what the agent has seen; both are checkpoints. */
  z.object({
    type: z.literal('ledger_disputed'),
    why: text.max(500),
    held: z.string().max(longestNote),
    offered: z.string().max(longestNote),
  }),
  /** A change of the order key that the agent does not follow, and why. From version 3 on. */
  z.object({ type: z.literal('order_key_refused'), why: text.max(500) }),
  /** The halt with this number is on disk. From version 4 on. */
  z.object({ type: z.literal('halt_kept'), revision: time }),
]);

export type AgentMessage = z.infer<typeof agentMessageSchema>;
export type HeldFile = z.infer<typeof heldFileSchema>;
export type InventoriedFile = z.infer<typeof inventoriedFileSchema>;

/** Milliseconds since 1970, by the server's clock. */
const toldTime = {
  time,
  /**
   * What surely has come, where the server was away and cannot know whether so much time passed: its machine's clock may be wrong. Left
   * out where it believes `time`.
   */
  surely: time.optional(),
};

/** What a server says. `challenge` is first. */
export const serverMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), nonce: bytes, versions: z.array(z.number().int()).max(16), time }),
  z.object({
    type: z.literal('welcome'),
    version: z.number().int(),
    ...toldTime,
    heartbeatInterval: time,
    /** To be kept, and brought along the next time. Only for agents that brought one. */
    generation: time.optional(),
  }),
  /** The connection is closed after this. `final`: trying again with the same identity is of no use. */
  z.object({ type: z.literal('refused'), why: z.string().max(500), retryAfter: time, final: z.boolean() }),
  z.object({ type: z.literal('heartbeat'), ...toldTime }),
  /** Another number to be kept in the place of the welcome's: somebody else came with that one. Only for agents that brought one. */
  z.object({ type: z.literal('generation'), generation: time }),
  z.object({ type: z.literal('order'), order: bytes, signature }),
  /** Do not begin this task, though its order may come only next, or no further file of it; a file that is begun is brought to its end. */
  z.object({ type: z.literal('cancel'), taskId: taskIdSchema }),
  /**
   * Begin no task of these verbs, and no next file of one, until this is said again without them. Not signed: it can delay what
   * was ordered, and cause nothing. Said after each welcome, before any order. From version 4 on.
   */
  z.object({ type: z.literal('halt'), revision: time, verbs: z.array(z.enum(verbs)).max(verbs.length) }),
  /** The report is durable on the server: the agent may forget it. */
  z.object({ type: z.literal('recorded'), taskId: taskIdSchema }),
  /** The report can never be recorded: unknown task, wrong signer. The agent keeps it aside and stops sending. */
  z.object({ type: z.literal('report_refused'), taskId: taskIdSchema, why: z.string().max(500) }),
  z.object({ type: z.literal('inventory_recorded'), batch: z.number().int().positive() }),
  /** One part of the vault's list is durable: the next may come. */
  z.object({ type: z.literal('vault_recorded') }),
  /** Where this server and its others are reached and whom to trust from now on; the bytes are a `trustSchema`. */
  z.object({ type: z.literal('trust'), trust: bytes, signature }),
  /** One change of the order key, `orderKeyChangeSchema`, signed by the former key and by the next. From version 3 on. */
  z.object({ type: z.literal('order_key'), change: bytes, signature, proof: signature }),
  /** The answer to `witness`: which ledger this is (`ledgerStatementSchema`), its newest checkpoint, and that it goes on from the agent's. */
  z.object({
    type: z.literal('checkpoint'),
    ledger: bytes,
    signature,
    note: z.string().max(longestNote),
    proof: z.array(bytes).max(128),
  }),
]);

export type ServerMessage = z.infer<typeof serverMessageSchema>;
export type ToldTime = Pick<Extract<ServerMessage, { type: 'heartbeat' }>, 'time' | 'surely'>;
