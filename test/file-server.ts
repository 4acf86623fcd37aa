import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of files on loopback, as a spec wants it to behave. */
export class FileServer {
  readonly requests: { method: string; url: string; range?: string }[] = [];
  /** Answers whose connection was closed before they ended. */
  broken = 0;
  private waiting: (() => void)[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<FileServer> {
    const server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      files.requests.push({ method, url, ...(headers.range && { range: headers.range }) });
      response.once('close', () => {
        if (!response.writableEnded) files.broken += 1;
        for (const tell of files.waiting.splice(0)) tell();
      });
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const files = new FileServer(server, `http://127.0.0.1:${port}`);
    return files;
  }

  /** Resolves once a connection was closed before its answer ended. */
  async brokenOff(): Promise<void> {
    while (this.broken === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** Sends so many bytes, as fast as they are taken and no faster. */
export function pour(response: ServerResponse, bytes: number): void {
  const piece = Buffer.alloc(64 * 1024, 7);
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      const size = Math.min(left, piece.length);
      left -= size;
      if (!response.write(piece.subarray(0, size))) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}
