import type { ProofRow } from './proof.ts';

const heads = ['promise', 'what', 'points', 'violations', 'control', 'skipped'] as const;

/** One line for each row, in columns. */
export function tableOf(rows: readonly ProofRow[]): string {
  const lines = [heads, ...rows.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cellsOf({ promise, what, points, violations, controlViolations, skipped }: ProofRow): readonly string[] {
  const control = controlViolations === null ? '-' : `${controlViolations} lost`;
  return [promise, what, String(points), String(violations), control, String(skipped)];
}
