import { type SqlBool, sql } from 'kysely';
import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import { haltRules, type RingHalt, type Rollout, type RolloutKey, type RolloutStage } from '#core/guard/rings.ts';
import type { RolloutReader, RolloutWriter } from '#core/ports/store/rollouts.ts';
import { canonicalJson } from '../json/canonical-json.ts';
import type { RolloutRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';

const sizesSchema = z.array(z.int().min(1)).min(1);
const haltSchema = z.object({
  at: z.int(),
  rule: z.enum(haltRules),
  count: z.int(),
  of: z.int(),
  limit: z.int(),
});

const holdsBack = sql<SqlBool>`exists (
  select 1 from tasks
  where tasks.action_id = rollouts.action_id and tasks.round = rollouts.round and tasks.ring = 0 and tasks.state = 'held'
)`;

const isOf = ({ actionId, round }: RolloutKey) =>
  sql<SqlBool>`tasks.action_id = ${actionId} and tasks.round = ${round}`;

export function rolloutReader(session: Session): RolloutReader {
  const { db, dialect } = session;
  const rollouts = db.selectFrom('rollouts');
  const tasks = db.selectFrom('tasks');
  const heldBack = tasks.where('tasks.state', '=', 'held').where('tasks.ring', '=', 0);
  return {
    async byAction(id) {
      const rows = await rollouts.selectAll().where('action_id', '=', id).orderBy('round').execute();
      return rows.map(toRollout);
    },
    async byRound({ actionId, round }) {
      const its = rollouts.selectAll().where('action_id', '=', actionId).where('round', '=', round);
      const row = await its.executeTakeFirst();
      return row && toRollout(row);
    },
    async moving() {
      const stages = dialect.among('rollouts.stage', ['clear', 'watched']);
      const rows = await rollouts.select(['action_id', 'round']).where(stages).execute();
      return rows.map((row) => ({ actionId: row.action_id, round: row.round }));
    },
    async halted() {
      const rows = await rollouts.selectAll().where('stage', '=', 'halted').where(holdsBack).execute();
      return rows.map(toRollout);
    },
    async heldBack(key, { connectedAt, limit }) {
      const all = heldBack.select(['tasks.id', 'tasks.endpoint_id as endpointId']).where(isOf(key));
      const isConnected = sql<SqlBool>`exists (
        select 1 from endpoints
        where endpoints.id = tasks.endpoint_id and endpoints.connected_until > ${connectedAt}
      )`;
      const some = connectedAt === undefined ? all : all.where(isConnected);
      return await some.orderBy('tasks.id').limit(limit).execute();
    },
    async countHeldBack(key) {
      const counted = heldBack.select(({ fn }) => fn.countAll<number>().as('count')).where(isOf(key));
      return (await counted.executeTakeFirstOrThrow()).count;
    },
    async countOut(key) {
      const counted = tasks
        .innerJoin('endpoints', 'endpoints.id', 'tasks.endpoint_id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where(isOf(key))
        .where('tasks.ring', '>', 0)
        .where('tasks.state', '<>', 'cancelled')
        .where('endpoints.revoked_at', 'is', null);
      return (await counted.executeTakeFirstOrThrow()).count;
    },
    async members(key, ring) {
      const rows = await tasks
        .innerJoin('endpoints', 'endpoints.id', 'tasks.endpoint_id')
        .select(['tasks.endpoint_id', 'tasks.state', 'tasks.ended_at'])
        .select(['endpoints.connected_until', 'endpoints.last_seen', 'endpoints.revoked_at'])
        .where(isOf(key))
        .where('tasks.ring', '=', ring)
        .execute();
      return rows.map((row) => ({
        endpointId: row.endpoint_id,
        state: row.state,
        endedAt: row.ended_at,
        connectedUntil: row.connected_until,
        lastSeen: row.last_seen,
        isRevoked: row.revoked_at !== null,
      }));
    },
    async outcomes(key, ring) {
      return await db
        .selectFrom('outcomes')
        .innerJoin('tasks', 'tasks.id', 'outcomes.task_id')
        .select(({ fn }) => ['outcomes.outcome', 'outcomes.reason', fn.countAll<number>().as('count')])
        .where(isOf(key))
        .where('tasks.ring', '=', ring)
        .groupBy(['outcomes.outcome', 'outcomes.reason'])
        .execute();
    },
  };
}

export function rolloutWriter(session: Session): RolloutWriter {
  return {
    ...rolloutReader(session),
    async insert(rollouts) {
      await runBulk(session, insertRollouts, rollouts.map(toRow));
    },
    async move({ actionId, round, revision }, to) {
      const moved = await session.db
        .updateTable('rollouts')
        .set({ revision: revision + 1, ...toStageColumns(to) })
        .where('action_id', '=', actionId)
        .where('round', '=', round)
        .where('revision', '=', revision)
        .returning('action_id')
        .execute();
      return moved.length > 0;
    },
  };
}

const insertRollouts = bulkTemplate<RolloutRow>((session, rows) => session.db.insertInto('rollouts').values(rows));

function toRow({ actionId, round, sizes, revision, at }: Rollout): RolloutRow {
  return { action_id: actionId, round, sizes_json: canonicalJson(sizes), revision, ...toStageColumns(at) };
}

type StageColumns = Pick<RolloutRow, 'stage' | 'ring' | 'released_at' | 'left_at' | 'halt_json'>;

function toStageColumns(at: RolloutStage): StageColumns {
  return {
    stage: at.stage,
    ring: at.stage === 'planned' ? 0 : at.ring,
    released_at: at.stage === 'watched' ? at.releasedAt : null,
    left_at: at.stage === 'watched' ? at.leftAt : null,
    halt_json: at.stage === 'halted' ? canonicalJson({ ...at.halt }) : null,
  };
}

function toRollout(row: RolloutRow): Rollout {
  const sizes = read(sizesSchema, row.sizes_json);
  return { actionId: row.action_id, round: row.round, sizes, revision: row.revision, at: toStage(row) };
}

function toStage({ stage, ring, released_at: releasedAt, left_at: leftAt, halt_json: halt }: RolloutRow): RolloutStage {
  switch (stage) {
    case 'planned':
      return { stage };
    case 'clear':
    case 'out':
      return { stage, ring };
    case 'watched':
      return { stage, ring, releasedAt: releasedAt ?? unreadable(), leftAt };
    case 'halted':
      return { stage, ring, halt: readHalt(halt ?? unreadable()) };
  }
}

function readHalt(json: string): RingHalt {
  return read(haltSchema, json);
}

function read<Value>(schema: z.ZodType<Value>, json: string): Value {
  const parsed = schema.safeParse(JSON.parse(json));
  return parsed.success ? parsed.data : unreadable(parsed.error);
}

function unreadable(cause?: unknown): never {
  throw new Fault('internal', 'How far an order by rings is cannot be read from the store.', { cause });
}
