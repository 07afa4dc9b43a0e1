/** Nothing further may be begun for now. What was begun is at its end, and the same work goes on later where this one stopped. */
export class Halted extends Error {
  override readonly name = 'Halted';
}
