import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { KnownMachine, MachineCopy } from '#core/endpoint/machine.ts';
import type { KeptGeneration, MachineReader, MachineWriter } from '#core/ports/store/machines.ts';
import type { EndpointMachineRow, MachineCopyRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { keptQuery } from '../sql/kept-query.ts';

const machineByEndpoint = keptQuery(({ db }, { id }: { readonly id: EndpointId }) =>
  db.selectFrom('endpoint_machines').selectAll().where('endpoint_id', '=', id),
);

const putMachine = keptQuery(({ db }, row: EndpointMachineRow) => {
  const { system_mark, hardware_mark, generation, kept_generation } = row;
  const changed = { system_mark, hardware_mark, generation, kept_generation };
  return db
    .insertInto('endpoint_machines')
    .values({ endpoint_id: row.endpoint_id, ...changed })
    .onConflict((conflict) => conflict.column('endpoint_id').doUpdateSet(changed));
});

const keepGeneration = keptQuery(({ db }, { endpointId, generation }: KeptGeneration) =>
  db
    .updateTable('endpoint_machines')
    .set({ kept_generation: generation })
    .where('endpoint_id', '=', endpointId)
    .where('generation', '=', generation),
);

export function machineReader(session: Session): MachineReader {
  const { db, dialect } = session;
  return {
    async byEndpoint(id) {
      const row = await machineByEndpoint.first(session, { id });
      return row && toMachine(row);
    },
    async copiesOf(ids) {
      const rows = await db
        .selectFrom('machine_copies')
        .selectAll()
        .where(dialect.among('machine_copies.endpoint_id', ids))
        .orderBy('endpoint_id')
        .orderBy('first_seen')
        .orderBy('id')
        .execute();
      return rows.map(toCopy);
    },
  };
}

export function machineWriter(session: Session): MachineWriter {
  const { db } = session;
  return {
    ...machineReader(session),
    async put(machine) {
      await session.run([putMachine.statement(session, toMachineRow(machine))]);
    },
    async keepGenerations(kept) {
      if (kept.length > 0) {
        await session.run(kept.map((each) => keepGeneration.statement(session, each)));
      }
    },
    async putCopy(copy) {
      const { endpoint_id: _endpoint, id: _id, ...changed } = toCopyRow(copy);
      await db
        .insertInto('machine_copies')
        .values(toCopyRow(copy))
        .onConflict((conflict) => conflict.columns(['endpoint_id', 'id']).doUpdateSet(changed))
        .execute();
    },
    async forgetCopies(id) {
      await db.deleteFrom('machine_copies').where('endpoint_id', '=', id).execute();
    },
  };
}

function toMachine(row: EndpointMachineRow): KnownMachine {
  return {
    endpointId: row.endpoint_id,
    machine: { system: row.system_mark, hardware: row.hardware_mark },
    generation: row.generation,
    kept: row.kept_generation,
  };
}

function toMachineRow({ endpointId, machine, generation, kept }: KnownMachine): EndpointMachineRow {
  return {
    endpoint_id: endpointId,
    system_mark: machine.system,
    hardware_mark: machine.hardware,
    generation,
    kept_generation: kept,
  };
}

function toCopy(row: MachineCopyRow): MachineCopy {
  return {
    endpointId: row.endpoint_id,
    id: row.id,
    sign: row.sign,
    hostName: row.host_name,
    remoteAddress: row.remote_address,
    claim: { machine: { system: row.system_mark, hardware: row.hardware_mark }, generation: row.generation },
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
  };
}

function toCopyRow(copy: MachineCopy): MachineCopyRow {
  return {
    endpoint_id: copy.endpointId,
    id: copy.id,
    sign: copy.sign,
    host_name: copy.hostName,
    remote_address: copy.remoteAddress,
    system_mark: copy.claim.machine.system,
    hardware_mark: copy.claim.machine.hardware,
    generation: copy.claim.generation,
    first_seen: copy.firstSeen,
    last_seen: copy.lastSeen,
  };
}
