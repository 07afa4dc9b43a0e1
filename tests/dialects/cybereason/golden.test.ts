import { describe, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cybereason } from '#kit/ports.ts';
import { play, scenarioSchema } from './scenario.ts';
import { openWorld } from './world.ts';

const directory = join(import.meta.dir, 'golden');

describe('What is answered is, byte for byte where it is written so, what the golden file says', () => {
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
    const scenario = scenarioSchema.parse(JSON.parse(readFileSync(join(directory, name), 'utf8')));
    test(`${name}: ${scenario.about}`, async () => {
      const { guidSpelling, honestUnauthorized } = scenario;
      const policy = { cybereason: { ...cybereason, guidSpelling, honestUnauthorized } };
      await using world = await openWorld({ policy });
      await play(world, scenario);
    });
  }
});
