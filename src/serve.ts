import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { json, raw } from 'express';
import { ConfigService } from '@nestjs/config';
import { Logger as PinoLogger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { CONFIG, type Config } from './config.js';
import { Lines, type Line } from './domain/line.js';
import { LineBook } from './line-book.js';
import { Dispatcher } from './presentation/dispatcher/dispatcher.js';
import type { HangUps } from './hang-ups.js';
import { untilWritten } from './until-written.js';
import { answerTimes, Meter } from './presentation/meter.js';
import { widgetBody, widgetCors } from './presentation/widget/widget-cors.js';

/** Signed bodies are checked byte for byte, so they are kept as they come, whatever type they claim to be. */
const BODY_BYTES = 1024 * 1024;

/** The bridge, ready to listen. @throws {ConfigError} */
export async function createApp(
  environment?: Readonly<Record<string, string>>,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(await AppModule.with(environment), {
    bodyParser: false,
    bufferLogs: true,
    autoFlushLogs: false,
    abortOnError: false,
  });
  app.useLogger(app.get(PinoLogger));
  app.flushLogs();
  return prepareApp(app);
}

/** What an app of these modules needs before it listens; end-to-end specs make theirs themselves. */
export function prepareApp(app: NestExpressApplication): NestExpressApplication {
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use('/webhooks', answerTimes(app.get(Meter)));
  app.use('/webhooks', raw({ type: () => true, limit: BODY_BYTES }));
  app.use('/widget', widgetCors, widgetBody);
  app.use('/admin', json({ type: () => true, limit: BODY_BYTES }));
  app.use('/api', raw({ type: () => true, limit: BODY_BYTES }));
  if (configOf(app).docs) addDocs(app);
  return app;
}

/**
 * So many connections wait to be taken; the system may allow fewer (Linux: `net.core.somaxconn`, 4096). Node's own 511
 * are full when a thousand come at once, and whoever finds no place knocks again after a second: so a webhook that
 * comes among strangers would be late.
 */
const CONNECTIONS_WAITING = 4_096;

/** Starts it for real and keeps it running until it is told to end. */
export async function serve(hangUps: HangUps): Promise<void> {
  const app = await createApp();
  const { port, host, publicUrl } = configOf(app);
  await app.init();
  const server = app.getHttpServer();
  server.listen({ port, host, backlog: CONNECTIONS_WAITING });
  await once(server, 'listening');
  const logger = new Logger('Bridge');
  endOnSignal(app, logger);
  if (configOf(app).reread) reloadOnSignal(app, logger, hangUps);
  else hangUps.heed(() => logger.warn({ msg: 'SIGHUP ignored: there is no LINES_FILE to read' }));
  logger.log({ msg: 'listening', host, port });
  if (publicUrl) {
    logger.log({
      msg: 'webhook addresses',
      edna: `${publicUrl}/webhooks/edna`,
      amocrm: `${publicUrl}/webhooks/amocrm/:scope_id`,
    });
  }
}

/**
 * Reads the file of lines again, and has what is new in it connected.
 * @returns the lines that are new or changed
 * @throws {ConfigError} where it is not whole, AccountUnknown: nothing changes
 */
export async function rereadLines(app: NestExpressApplication): Promise<readonly Line[]> {
  const changed = (await app.get(LineBook).reload()) ?? [];
  app.get(Dispatcher).renew(changed);
  return changed;
}

/** Told so, it reads the file of lines again; one that is not whole changes nothing. */
function reloadOnSignal(app: NestExpressApplication, logger: Logger, hangUps: HangUps): void {
  const reload = async (): Promise<void> => {
    try {
      const { linesFile = '' } = configOf(app);
      await untilWritten(() => readFile(linesFile, 'utf8').catch(() => ''), delay);
      const before = keysOf(app);
      const changed = (await rereadLines(app)).map(({ key }) => key);
      const after = keysOf(app);
      const removed = before.filter((key) => !after.includes(key));
      logger.log({ msg: 'lines read', lines: after.length, changed });
      if (removed.length > 0) logger.warn({ msg: 'lines removed: what is theirs waits', removed });
    } catch (error) {
      const why = error instanceof Error ? error.message : 'a mistake of ours';
      logger.error({ msg: 'lines not read: those from before go on', why });
    }
  };
  let last = Promise.resolve();
  let waiting = 0;
  hangUps.heed(() => {
    // One that has not begun yet reads what this one would.
    if (waiting > 0) return;
    waiting += 1;
    last = last.then(() => {
      waiting -= 1;
      return reload();
    });
  });
}

const keysOf = (app: NestExpressApplication) => app.get(Lines).all.map(({ key }) => key);

/**
 * Ready says 503 for so long before the listener closes: whoever asks it every quarter of a second, as the Caddy of
 * `deploy/` does, sends nothing more by then. What it holds meanwhile waits for the next start, so it is not more.
 */
const SEEN_STOPPING_MS = 1_000;

/** Somebody may hold a connection open with half a request; nobody who is being answered takes so long. */
const LAST_CONNECTIONS_MS = 2_000;

/**
 * Told to end, it does so in order, and that is a success: the attempts under way end (7 s at most) while webhooks are
 * accepted as ever, ready says so, the listener closes. Together 10 s; compose has 20.
 */
function endOnSignal(app: NestExpressApplication, logger: Logger): void {
  let ending: Promise<void> | undefined;
  const end = async (signal: string): Promise<void> => {
    logger.log({ msg: 'ending', signal });
    try {
      await app.get(Dispatcher).stop();
      await delay(SEEN_STOPPING_MS);
      setTimeout(() => app.getHttpServer().closeAllConnections(), LAST_CONNECTIONS_MS).unref();
      await app.close();
      process.exit(0);
    } catch (error) {
      logger.error({ msg: 'not ended in order', err: error });
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void (ending ??= end(signal)));
  }
}

function configOf(app: NestExpressApplication): Config {
  return app.get(ConfigService).getOrThrow<Config>(CONFIG);
}

function addDocs(app: NestExpressApplication): void {
  const description = new DocumentBuilder()
    .setTitle('edna Pulse ↔ amoCRM')
    .setDescription('Carries messages, files and delivery statuses between edna Pulse and amoCRM.')
    .setVersion('1')
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, description), {
    jsonDocumentUrl: 'docs-json',
  });
}
