import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A wire between a client and a server that may go dead without anybody being told. */
export class StallingProxy {
  readonly url: URL;
  private readonly sockets = new Set<Socket>();
  private isStalled = false;

  private constructor(
    private readonly server: Server,
    to: URL,
  ) {
    this.url = new URL(to);
    this.url.port = String((server.address() as AddressInfo).port);
    server.on('connection', (client) => this.join(client, to));
  }

  static async to(url: URL): Promise<StallingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StallingProxy(server, url);
  }

  /** From here on nothing of what the server says arrives. */
  stall(): void {
    this.isStalled = true;
    for (const socket of this.sockets) socket.pause();
  }

  flow(): void {
    this.isStalled = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, { hostname, port }: URL): void {
    const server = connect(Number(port), hostname);
    for (const [from, into] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => into.destroy());
      from.on('close', () => into.destroy());
      from.pipe(into);
    }
    if (this.isStalled) server.pause();
  }
}
