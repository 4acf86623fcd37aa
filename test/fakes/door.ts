/** A place where calls can be held up, so that a spec sees what happens meanwhile. */
export class Door {
  private isShut = false;
  private readonly queue: (() => void)[] = [];

  /** How many calls stand before it. */
  get waiting(): number {
    return this.queue.length;
  }

  shut(): void {
    this.isShut = true;
  }

  open(): void {
    this.isShut = false;
    for (const go of this.queue.splice(0)) go();
  }

  /** The first one may go on; the others wait. */
  letOne(): void {
    this.queue.shift()?.();
  }

  async pass(): Promise<void> {
    if (this.isShut) await new Promise<void>((resolve) => this.queue.push(resolve));
  }
}
