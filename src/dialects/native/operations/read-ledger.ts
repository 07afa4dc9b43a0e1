import { Fault } from '#core/fault.ts';
import { proveConsistency } from '#core/ledger/proof.ts';
import type { Ports } from '#core/ports/ports.ts';
import { guarded } from '../operation.ts';
import { readLedger } from '../schemas/ledger.ts';
import { showHash } from '../show-hash.ts';

export const readLedgerOperation = guarded(
  readLedger,
  { permission: 'events.read', licence: [], reach: 'fleet' },
  async ({ query: { from } }, { ports }) => {
    const { origin, verifierKey } = ports.checkpoints;
    const { note: checkpoint, size } = await ports.checkpoints.latest();
    const consistency = from === undefined ? null : await consistencyFrom(ports, from, size);
    return { origin, verifierKey, checkpoint, size, consistency };
  },
);

async function consistencyFrom({ store }: Pick<Ports, 'store'>, from: number, size: number) {
  if (from > size) {
    throw new Fault('invalid_request', `from: the record has ${size} events, and never had ${from}.`, {
      details: { field: 'from' },
    });
  }
  return (await store.read(({ ledger }) => proveConsistency(from, size, ledger.nodes))).map(showHash);
}
