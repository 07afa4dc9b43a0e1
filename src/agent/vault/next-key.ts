import path from 'node:path';
import { z } from 'zod';
import type { Fs } from '#core/ports/fs.ts';

const nextKeySchema = z.object({ v: z.literal(1), identity: z.string(), recipient: z.string() });

/** The vault key that is about to take the place of the one in the agent's identity. */
export type NextKey = z.infer<typeof nextKeySchema>;

/** Where it is kept from before the first object is locked to it until the identity has it. @param root the agent's data. */
export function nextKeyFile(root: string): string {
  return path.join(root, 'next-vault-key.json');
}

/** Undefined when no change of the key has begun. */
export async function readNextKey(fs: Fs, root: string): Promise<NextKey | undefined> {
  const bytes = await fs.read(nextKeyFile(root));
  return bytes === undefined ? undefined : nextKeySchema.parse(JSON.parse(Buffer.from(bytes).toString()));
}

/** Durable when it resolves. */
export async function writeNextKey(fs: Fs, root: string, key: NextKey): Promise<void> {
  await fs.replace(nextKeyFile(root), Buffer.from(`${JSON.stringify(key)}\n`));
}
