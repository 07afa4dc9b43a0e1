import { describe, expect, test } from 'bun:test';
import type { KnownMachine, MachineCopy } from '#core/endpoint/machine.ts';
import type { UploadClaim } from '#core/ports/store/upload-claims.ts';
import { type MakePlace, withStore } from './place.ts';
import { actionId, actionOf, endpointId, endpointOf, sha256Of, taskId, taskOf } from './records.ts';

export function machineOf(number: number): KnownMachine {
  const machine = { system: sha256Of(`system ${number}`), hardware: null };
  return { endpointId: endpointId(number), machine, generation: 3, kept: 2 };
}

export function copyOf(number: number, change: Partial<MachineCopy> = {}): MachineCopy {
  const machine = { system: null, hardware: sha256Of(`hardware ${number}`) };
  return {
    ...{ endpointId: endpointId(number), id: 'c0', sign: 'other_machine', hostName: `copy é ${number}` },
    ...{ remoteAddress: '2001:db8::1', claim: { machine, generation: null }, firstSeen: 5, lastSeen: 6 },
    ...change,
  };
}

export function claimOf(number: number): UploadClaim {
  const owner = { endpointId: endpointId(number), actionId: actionId(number) };
  const content = { sha256: sha256Of('sent'), namedSize: 2 ** 39 + number };
  return { ...owner, ...content, taskId: taskId(number), ordinal: 0, size: 2 ** 40 + number, at: 7 };
}

export function describeMachines(makePlace: MakePlace): void {
  describe('keeps what is known of machines', () => {
    test(
      'A machine is put in the place of what was known, and a number is kept only while it is the last.',
      withStore(makePlace, async (store) => {
        const id = endpointId(1);
        const known = () => store.read(({ machines }) => machines.byEndpoint(id));
        const keep = (generation: number) =>
          store.transact(({ machines }) => machines.keepGenerations([{ endpointId: id, generation }]));
        await store.transact(({ endpoints }) => endpoints.insert(endpointOf(1)));
        expect(await known()).toBeUndefined();
        await store.transact(({ machines }) => machines.put(machineOf(1)));
        expect(await known()).toEqual(machineOf(1));
        await keep(2);
        expect(await known()).toEqual(machineOf(1));
        await keep(3);
        expect(await known()).toEqual({ ...machineOf(1), kept: 3 });
        const none = { ...{ endpointId: id, machine: { system: null, hardware: null } }, generation: null, kept: null };
        await store.transact(({ machines }) => machines.put(none));
        expect(await known()).toEqual(none);
      }),
    );

    test(
      'Copies are told by endpoint and by when they came, replaced by id, and forgotten together.',
      withStore(makePlace, async (store) => {
        const [first, second] = [copyOf(1, { id: 'b' }), copyOf(1, { id: 'a', firstSeen: 9, sign: 'both_at_once' })];
        await store.transact(async ({ endpoints, machines }) => {
          await endpoints.insert(endpointOf(1));
          await endpoints.insert(endpointOf(2));
          for (const copy of [second, first, copyOf(2), { ...second, lastSeen: 99 }]) {
            await machines.putCopy(copy);
          }
        });
        const copiesOf = (...numbers: number[]) =>
          store.read(({ machines }) => machines.copiesOf(numbers.map(endpointId)));
        expect(await copiesOf(1)).toEqual([first, { ...second, lastSeen: 99 }]);
        expect(await copiesOf(1, 2, 3)).toHaveLength(3);
        await store.transact(({ machines }) => machines.forgetCopies(endpointId(1)));
        expect(await copiesOf(1, 2)).toEqual([copyOf(2)]);
      }),
    );

    test(
      'What agents said that they would send is counted by endpoint and by action, to the byte.',
      withStore(makePlace, async (store) => {
        await store.transact(async ({ endpoints, actions, tasks, uploadClaims }) => {
          await endpoints.insert(endpointOf(1));
          await actions.insert(actionOf(1));
          await tasks.insert([taskOf(1)]);
          await uploadClaims.put({ ...claimOf(1), sha256: sha256Of('before'), namedSize: 5, size: 5 });
          await uploadClaims.put(claimOf(1));
          await uploadClaims.put({ ...claimOf(1), ordinal: 1, size: 1, at: 8 });
        });
        const { size } = claimOf(1);
        await store.read(async ({ uploadClaims }) => {
          expect(await uploadClaims.byFile(taskId(1), 0)).toEqual(claimOf(1));
          expect(await uploadClaims.byFile(taskId(1), 2)).toBeUndefined();
          expect(await uploadClaims.sumOfAction(actionId(1))).toBe(size + 1);
          expect(await uploadClaims.sumOfAction(actionId(2))).toBe(0);
          expect(await uploadClaims.sumOfEndpoint(endpointId(1), 7)).toBe(size + 1);
          expect(await uploadClaims.sumOfEndpoint(endpointId(1), 8)).toBe(1);
        });
        await store.transact(({ uploadClaims }) => uploadClaims.forgetBefore(8));
        expect(await store.read(({ uploadClaims }) => uploadClaims.sumOfAction(actionId(1)))).toBe(1);
      }),
    );
  });
}
