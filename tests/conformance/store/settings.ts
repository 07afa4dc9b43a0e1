import { describe, expect, test } from 'bun:test';
import { type MakePlace, withStore } from './place.ts';

export function describeSettings(makePlace: MakePlace): void {
  describe('keeps settings', () => {
    test(
      'What nobody set is undefined; the last word counts.',
      withStore(makePlace, async (store) => {
        const read = () => store.read(({ settings }) => settings.byName('action_lifetimes'));
        expect(await read()).toBeUndefined();
        await store.transact(({ settings }) => settings.put('action_lifetimes', { quarantine: 1, restore: 2 }));
        await store.transact(({ settings }) => settings.put('action_lifetimes', { 'ü"': [null, true, 1.5] }));
        expect(await read()).toEqual({ 'ü"': [null, true, 1.5] });
      }),
    );
  });
}
