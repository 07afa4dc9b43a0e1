import { runChild } from './run.ts';

await runChild();
