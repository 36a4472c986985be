/** The user stopped the cell. */
export class InterruptedCell extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('the cell was interrupted');
  }
}
