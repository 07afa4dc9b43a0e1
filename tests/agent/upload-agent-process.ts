import { readFileSync } from 'node:fs';
import { type UploadWish, uploadOnce } from './upload-world.ts';

/** The uploads' side of an agent in a process of its own, so that a test can kill it. Prints how the upload ended. */
const wish: UploadWish = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
process.stdout.write(`${await uploadOnce(wish)}\n`);
process.exit(0);
