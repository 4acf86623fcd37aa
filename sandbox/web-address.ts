/**
 * Where to call a server that listens on a host's port.
 * @param host a name or an address; one that means every interface is called on loopback
 */
export function webAddress(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whether a request can be sent there; `localhost:8000` is an address of the scheme `localhost:`. */
export function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
