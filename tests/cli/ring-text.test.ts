import { expect, test } from 'bun:test';
import { ringText } from '#cli/ring-text.ts';
import type { ActionId } from '#core/action/action-id.ts';

const id = '7' as ActionId;

type Asked = Parameters<typeof ringText>[0];

const rollout: NonNullable<Asked['rollout']> = {
  ...{ state: 'halted', heldBack: 3, waitsFor: 'person' },
  halt: {
    ...{ at: '2026-01-01T00:00:00.000Z', rule: 'silence', count: 1, of: 1, limit: 2, proposals: [] },
    message: 'The order has halted.',
  },
  rings: [{ ring: 1, upTo: 1, state: 'halted', size: 1, ended: 1, files: 1, failed: 0, silent: 1 }],
};

const textOf = (asked: Asked) => JSON.stringify(ringText(asked));

test('An action that halted names the commands that a person may run now, and none that would do nothing.', () => {
  const quarantine = textOf({ id, verb: 'quarantine', rollout });
  for (const command of ['undo 7', 'cancel 7', 'resume 7 --reason WHY']) {
    expect(quarantine).toContain(`custody actions ${command}`);
  }
  // What is purged is gone.
  expect(textOf({ id, verb: 'purge', rollout })).not.toContain('undo');
  const ended = textOf({ id, verb: 'quarantine', rollout: { ...rollout, heldBack: 0, waitsFor: null } });
  expect(ended).toContain('undo 7');
  expect(ended).not.toContain('resume');
});

test('An action without rings says nothing of them, and one that nobody approved yet of nothing that is held back.', () => {
  expect(ringText({ id, verb: 'quarantine', rollout: null })).toEqual([]);
  const planned = { ...rollout, state: 'planned', waitsFor: 'approval', halt: null } as const;
  expect(textOf({ id, verb: 'quarantine', rollout: planned })).not.toContain('held back');
});
