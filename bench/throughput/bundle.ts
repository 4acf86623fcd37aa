import { dirname, join, resolve, sep } from 'node:path';
import { build, type BuildOptions } from 'rolldown';

const ROOT = resolve(import.meta.dirname, '../..');
const SOURCES = join(import.meta.dirname, 'apps');

/** Where the bundled apps lie: inside the project, where their modules are found. */
export const APPS = join(ROOT, 'bench', 'results', 'apps');

/** Bundles what is compared with the bridge as the bridge itself is bundled, from the same compiled modules. */
export async function bundleApps(): Promise<void> {
  const { BRIDGE } = (await import(join(ROOT, 'bundle.js'))) as { BRIDGE: BuildOptions };
  await build({
    ...BRIDGE,
    input: {
      app: join(SOURCES, 'app.ts'),
      'checkpoint.thread': join(ROOT, 'build/infrastructure/journal/checkpoint.thread.js'),
    },
    plugins: [
      {
        name: 'compiled modules of the bridge',
        resolveId(source, importer) {
          if (!importer?.startsWith(SOURCES)) return null;
          const path = resolve(dirname(importer), source);
          const relative = path.split(`${join(ROOT, 'src')}${sep}`)[1];
          return relative === undefined ? null : join(ROOT, 'build', relative);
        },
      },
    ],
    output: { dir: APPS, cleanDir: true, keepNames: true, sourcemap: true },
  });
}
