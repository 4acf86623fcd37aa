import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Service {
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly container_name?: string;
  readonly stop_grace_period?: string;
}

const ROOT = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const { services, volumes } = parse(read('docker-compose.yml')) as {
  services: Record<'bridge' | 'caddy' | 'postgres', Service>;
  volumes: Record<string, unknown>;
};

describe('docker-compose.yml', () => {
  it('starts the bridge alone, on SQLite and port 28000', () => {
    const plain = Object.keys(services).filter((name) => !services[name as 'bridge'].profiles);
    expect(plain).toEqual(['bridge']);
    expect(services.bridge.environment?.['DATABASE_URL']).toMatch(/:-file:\/data\/bridge\.db\}$/);
    expect(services.bridge.ports).toEqual(['${BRIDGE_PORTS:-28000}:8000']);
  });

  it('lets the bridge be there several times', () => {
    expect(services.postgres.profiles).toEqual(['postgres']);
    expect(services.bridge).not.toHaveProperty('container_name');
    for (const variable of ['COMPOSE_DATABASE_URL', 'BRIDGE_PORTS', 'POSTGRES_PASSWORD']) {
      expect(read('README.md')).toContain(`${variable}=`);
      expect(read('docker-compose.yml')).toContain(`\${${variable}:-`);
    }
  });

  it('gives the bridge longer to end than it takes', () => {
    expect(parseInt(services.bridge.stop_grace_period ?? '', 10)).toBeGreaterThan(10);
  });

  it('keeps what is kept in volumes that it names', () => {
    const used = Object.values(services).flatMap((one) => one.volumes ?? []);
    const named = used.map((volume) => volume.split(':')[0]!).filter((name) => !/^[./]/.test(name));
    expect(named.toSorted()).toEqual(Object.keys(volumes).toSorted());
  });

  it('has Caddy read the file that the specs run, with all that it asks for', () => {
    expect(services.caddy.profiles).toEqual(['https']);
    expect(services.caddy.volumes).toContain('./deploy/Caddyfile:/etc/caddy/Caddyfile:ro');
    const asked = [...read('deploy/Caddyfile').matchAll(/\{\$(\w+)(:?)/g)];
    const without = asked.filter(([, , given]) => !given).map(([, name]) => name);
    expect(without).toEqual(['BRIDGE_DOMAIN']);
    expect(services.caddy.environment).toHaveProperty('BRIDGE_DOMAIN');
  });

  it('tells Caddy of one bridge, or of as many as there are', () => {
    expect(read('deploy/Caddyfile')).toContain('reverse_proxy {$BRIDGE_UPSTREAMS:bridge:8000} {');
    expect(services.caddy.environment).toMatchObject({
      BRIDGE_UPSTREAMS: '${BRIDGE_UPSTREAMS:-bridge:8000}',
    });
    expect(read('README.md')).toMatch(/^BRIDGE_UPSTREAMS=/m);
  });

  it('keeps the journal and its copies, as the README names them, in the volume', () => {
    expect(services.bridge.volumes).toEqual(['data:/data']);
    expect(read('Dockerfile')).toMatch(/^VOLUME \/data$/m);
    expect(services.bridge.environment).toMatchObject({ MEDIA_DIR: '/data/media' });
    const commands = [...read('README.md').matchAll(/cli\.js (?:backup|restore) (\S+)/g)];
    expect(commands.map(([, file]) => file)).toEqual([
      '/data/bridge-copy.db',
      '/data/bridge-copy.db',
    ]);
    expect(read('README.md')).toContain('-v bridge-data:/data');
  });
});
