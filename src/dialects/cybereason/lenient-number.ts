export interface NumberBounds {
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
}

/** Numbers come as text too; what is no number counts as left out, and what is beyond the most is cut to it. */
export function lenientNumber(value: unknown, { fallback, least, most }: NumberBounds): number {
  const number = typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number >= least ? Math.min(Math.floor(number), most) : fallback;
}
