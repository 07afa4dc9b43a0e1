import type { SqlValue } from './sql-value.ts';

type Written = (value: unknown) => SqlValue;

/** Where a value stands that is not known yet, in a query that is compiled before it is run. */
export class Hole {
  /** Of the value that goes there. */
  readonly name: string;
  readonly #written: Written;

  constructor(name: string, written: Written) {
    this.name = name;
    this.#written = written;
  }

  /** The same value, written as a database takes it. */
  as(written: Written): Hole {
    return new Hole(this.name, (value) => written(this.#written(value)));
  }

  fill(given: object): SqlValue {
    return this.#written(Reflect.get(given, this.name));
  }
}
