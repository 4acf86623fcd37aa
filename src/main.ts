import { HangUps } from './hang-ups.js';

/*
 * Looks at the Node it runs on before anything else is loaded: on an older one the native database module ends the
 * process without a word.
 */
const NODE = 24;

if (Number(process.versions.node.split('.')[0]) < NODE) {
  process.stderr.write(
    `This bridge needs Node ${NODE} or newer; this is ${process.versions.node}. "npm ci" puts the right one into node_modules, "npm start" uses it.\n`,
  );
  process.exit(1);
}

try {
  const hangUps = new HangUps();
  const { serve } = await import('./serve.js');
  await serve(hangUps);
} catch (error) {
  process.stderr.write(`${inWords(error)}\n`);
  process.exit(1);
}

/** Settings to be mended and addresses in use are messages to the operator; anything else is a fault of ours. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isPlain = [
    'ConfigError',
    'AlreadyRunning',
    'MovedAway',
    'MoveUnfinished',
    'AccountUnknown',
    'NotOpened',
  ].includes(error.name);
  if (isPlain) return error.message;
  if ('syscall' in error && error.syscall === 'listen') {
    return `HOST and PORT cannot be listened on: ${error.message}`;
  }
  return error.stack ?? error.message;
}
