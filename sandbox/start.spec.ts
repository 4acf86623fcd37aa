import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Runs the check as the Node version given. */
function checkOn(version: string) {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  const script = `${pretend} import(${JSON.stringify(`file://${here('check-node.mjs')}`)});`;
  return promisify(execFile)(process.execPath, ['-e', script]);
}

describe('the check of the Node version', () => {
  it('says nothing on Node 24 and later', async () => {
    expect(await checkOn('24.0.0')).toEqual({ stdout: '', stderr: '' });
    expect(await checkOn('100.1.0')).toEqual({ stdout: '', stderr: '' });
  });

  it.each(['12.22.0', '20.20.2', '23.11.0'])('ends with one line on Node %s', async (version) => {
    await expect(checkOn(version)).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Node 24 is needed, this is [\d.]+: .+\n$/),
    });
  });
});

describe('the sandbox on its own', () => {
  it('starts without a build, says where it is, and ends when told to', async () => {
    const ports = { SANDBOX_PORT: '0', SANDBOX_EDNA_PORT: '0', SANDBOX_AMOJO_PORT: '0' };
    const child = spawn(process.execPath, [here('main.ts')], { env: { ...process.env, ...ports } });
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
        if (output.includes('AMOCRM_ACCOUNT_ID=')) resolve();
      });
      child.stderr.on('data', (chunk: Buffer) => reject(new Error(chunk.toString('utf8'))));
    });
    expect(output).toMatch(/Sandbox: http:\/\/127\.0\.0\.1:\d+/);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
