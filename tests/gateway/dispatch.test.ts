import { expect, test } from 'bun:test';
import { Fleet } from './fleet.ts';

test('A signer that is away, or silent, keeps every order, and is said within a moment.', async () => {
  await using fleet = await Fleet.open();
  const { signer } = fleet;
  const { dispatch } = fleet.ports;
  expect(await dispatch.obstacle()).toBeUndefined();
  signer.isAway = true;
  expect(await dispatch.obstacle()).toBe('signer_away');
  signer.isAway = false;
  signer.isSilent = true;
  const asked = performance.now();
  expect(await dispatch.obstacle()).toBe('signer_away');
  expect(performance.now() - asked).toBeLessThan(4_000);
  signer.isSilent = false;
  expect(await dispatch.obstacle()).toBeUndefined();
});
