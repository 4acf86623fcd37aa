import { cpus, totalmem, type, release } from 'node:os';

/** What the figures were taken on, in one line. */
export function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} × ${first?.model.trim()}, ${memory} GB, ${type()} ${release()}, Node ${process.versions.node}`;
}
