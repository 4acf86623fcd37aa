/** SIGHUPs of this process. One that nobody listens for ends it, so somebody does before anything else is loaded. */
export class HangUps {
  private hasCome = false;
  private hear = (): void => {
    this.hasCome = true;
  };

  constructor() {
    process.on('SIGHUP', () => this.hear());
  }

  /** Calls at each from now on, and at once where one has come before. */
  heed(call: () => void): void {
    this.hear = call;
    if (this.hasCome) call();
  }
}
