import type { INestApplicationContext } from '@nestjs/common';

/**
 * The bridge with its journal and without work, for commands that nobody else can answer. It is loaded only then: half of
 * what most commands took was the start of what they did not use.
 */
export async function atRest(): Promise<INestApplicationContext> {
  const [{ NestFactory }, { AppModule }] = await Promise.all([
    import('@nestjs/core'),
    import('./app.module.js'),
  ]);
  return NestFactory.createApplicationContext(await AppModule.with(undefined, 'at rest'), {
    logger: false,
    abortOnError: false,
  });
}
