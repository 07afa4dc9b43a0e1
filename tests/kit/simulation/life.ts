/** One run of a program, from its start to its end. What it asked of the outside is not answered after that. */
export class Life {
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
  }
}
