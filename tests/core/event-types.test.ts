import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Glob } from 'bun';
import { eventTypes } from '#core/custody/event.ts';
import { checkout } from '#kit/program.ts';

/** Where events are written; everywhere else they are told of. */
const rooms = ['core/verbs', 'gateway', 'server'];

test('Every type of event is written by something: a list of what happens must not promise what nobody will see', () => {
  const files = rooms.flatMap((room) => [...new Glob(`src/${room}/**/*.ts`).scanSync(checkout)]);
  const text = files.map((file) => readFileSync(join(checkout, file), 'utf8')).join('\n');
  expect(eventTypes.filter((type) => !text.includes(`'${type}'`))).toEqual([]);
});
