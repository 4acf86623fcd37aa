import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What stands before replicas: each connection goes to the next that takes it. */
export class Balancer {
  readonly #ports: readonly number[];
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #turn = 0;

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    this.#server = createServer((client) => this.#pass(client));
  }

  static async before(urls: readonly string[]): Promise<Balancer> {
    const balancer = new Balancer(urls.map((url) => Number(new URL(url).port)));
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(client: Socket, tried = 0): void {
    this.#keep(client);
    client.pause();
    if (tried === this.#ports.length) {
      client.resetAndDestroy();
      return;
    }
    this.#turn += 1;
    const port = this.#ports[this.#turn % this.#ports.length] ?? 0;
    const bridge = connect(port, '127.0.0.1');
    let isThrough = false;
    bridge.once('connect', () => {
      isThrough = true;
      this.#keep(bridge);
      client.pipe(bridge);
      bridge.pipe(client);
    });
    bridge.once('error', () => {
      if (isThrough) client.destroy();
      else this.#pass(client, tried + 1);
    });
    bridge.once('close', () => {
      if (isThrough) client.end();
    });
    client.once('close', () => bridge.destroy());
  }

  #keep(socket: Socket): void {
    if (this.#open.has(socket)) return;
    this.#open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#open.delete(socket));
  }
}
