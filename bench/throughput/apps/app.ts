import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { Logger } from 'nestjs-pino';
import { AppModule } from '../../../src/app.module.js';
import { Journal } from '../../../src/domain/journal.js';
import { Lines } from '../../../src/domain/line.js';
import { Settings } from '../../../src/domain/settings.js';
import { Intake } from '../../../src/presentation/webhooks/intake.js';
import { prepareApp } from '../../../src/serve.js';
import { NoJournal } from './no-journal.ts';
import { Relay } from './relay.ts';

/*
 * The bridge's own app, as it stands beside the bridge to be compared with it: bundled by the same bundler, started with
 * the same settings, with one thing in it replaced.
 */

/** `at rest`: with its journal, and nobody works what waits. */
export type Variant = 'at rest' | 'no journal' | 'relay';

const variant = process.argv[2] as Variant;
let builder = Test.createTestingModule({ imports: [await AppModule.with(undefined, 'at rest')] });
if (variant !== 'at rest') builder = builder.overrideProvider(Journal).useValue(new NoJournal());
if (variant === 'relay') {
  builder = builder.overrideProvider(Intake).useFactory({
    inject: [Lines, Settings],
    factory: (lines: Lines, settings: Settings) => new Relay(lines, settings),
  });
}
const module = await builder.compile();
const app = module.createNestApplication<NestExpressApplication>({ bodyParser: false });
app.useLogger(app.get(Logger));
prepareApp(app);
await app.listen(process.env['PORT'] ?? 0, '127.0.0.1');
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
