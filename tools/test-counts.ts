/** One test that did not run. Its reason stands at the end of its name or of a group's: `[reason]`, `(skipped: reason)`. */
export interface Skip {
  readonly name: string;
  readonly reason: string | undefined;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

const ansi = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
const skippedCase = /<testcase\b([^>]*?)>\s*<skipped\b/g;
const reasonAtEnd = /\[([^\]]+)\]$|\(skipped: (.+)\)$/;
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * The totals at the end of what `bun test` prints. They count a file that could not be loaded as a failure, which the
 * JUnit report leaves out. Undefined when the run ended before it had any.
 */
export function readTotals(printed: string): Totals | undefined {
  const text = printed.replaceAll(ansi, '');
  const passed = lastCount(text, 'pass');
  const failed = lastCount(text, 'fail');
  return passed === undefined || failed === undefined ? undefined : { passed, failed };
}

/** What the JUnit report says was skipped. */
export function readSkips(junit: string): readonly Skip[] {
  return [...junit.matchAll(skippedCase)].map(([, attributes = '']) => skipOf(attributes));
}

function lastCount(text: string, word: string): number | undefined {
  const last = [...text.matchAll(new RegExp(`^ *(\\d+) ${word}$`, 'gm'))].at(-1);
  return last === undefined ? undefined : Number(last[1]);
}

function skipOf(attributes: string): Skip {
  const name = attributeOf(attributes, 'name');
  const groups = attributeOf(attributes, 'classname').split(' > ');
  return { name, reason: [name, ...groups].map(reasonIn).find((reason) => reason !== undefined) };
}

function reasonIn(text: string): string | undefined {
  const match = reasonAtEnd.exec(text);
  return match?.[1] ?? match?.[2];
}

function attributeOf(attributes: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
  return value.replaceAll(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, entity: string) => decodeEntity(entity) ?? whole);
}

function decodeEntity(entity: string): string | undefined {
  if (!entity.startsWith('#')) {
    return entities[entity];
  }
  const code = entity.startsWith('#x') ? Number.parseInt(entity.slice(2), 16) : Number.parseInt(entity.slice(1), 10);
  return String.fromCodePoint(code);
}
