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
  const { serve } = await import('./serve.js');
  await serve();
} catch (error) {
  // Settings to be mended and a journal in use are messages to the operator, anything else is a fault of ours.
  const isPlain =
    error instanceof Error &&
    ['ConfigError', 'AlreadyRunning', 'AccountUnknown'].includes(error.name);
  process.stderr.write(
    `${isPlain ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}
